"""Why an offer ended: the whole table from the dialplan's report to the facts' word."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.asterisk.offer_ends import why_ended

pytestmark = pytest.mark.unit

#: The words of the contract that a Dial() may end with.
WORDS = {"rona", "reject", "busy", "unreachable", "stale_token", "failed"}

#: DIALSTATUS, Q.850 cause, did it say 180, ms dialled of a limit of 3 s -> the word.
#: docs/asterisk.md rule 12, a row a phone.
TABLE = [
    # Nobody answered in time; the phone rang.
    ("NOANSWER", "0", "120", "3000", "rona"),
    ("NOANSWER", "0", "120", "2751", "rona"),
    ("NOANSWER", "19", "120", "3004", "rona"),
    # A phone that never rang is no person who did not answer.
    ("NOANSWER", "0", "", "3000", "unreachable"),
    # 480 early: do not disturb.
    ("NOANSWER", "19", "120", "400", "reject"),
    ("NOANSWER", "19", "", "20", "reject"),
    # 486 after 180: she pressed "decline"; without 180 the line is in use.
    ("BUSY", "17", "120", "900", "reject"),
    ("BUSY", "17", "", "15", "busy"),
    ("BUSY", "", "", "15", "busy"),
    # 603, with and without ringing.
    ("CHANUNAVAIL", "21", "", "15", "reject"),
    ("BUSY", "21", "120", "900", "reject"),
    ("CONGESTION", "21", "120", "900", "reject"),
    # No contact, no route, gone, out of order, 503.
    ("CHANUNAVAIL", "20", "", "0", "unreachable"),
    ("CHANUNAVAIL", "0", "", "0", "unreachable"),
    ("CHANUNAVAIL", "", "", "", "unreachable"),
    ("CONGESTION", "34", "", "15", "unreachable"),
    ("CONGESTION", "18", "", "2000", "unreachable"),
    ("CONGESTION", "38", "120", "900", "unreachable"),
    ("CONGESTION", "1", "", "15", "unreachable"),
    # 500 and what nobody has thought of.
    ("CONGESTION", "41", "", "15", "unreachable"),
    ("CONGESTION", "127", "", "15", "failed"),
    ("DONTCALL", "0", "", "15", "failed"),
    ("", "", "", "", "failed"),
    # She answered and the token had been taken back: dropped before the join.
    ("ANSWER", "16", "120", "900", "stale_token"),
    # She answered and was gone before anybody talked: by hanging up, or because her line was lost.
    ("GONE", "16", "120", "900", "reject"),
    ("GONE", "", "", "", "reject"),
    ("LOST", "16", "", "", "unreachable"),
    # [take] refused before it rang anybody.
    ("REFUSED", "stale_token", "", "", "stale_token"),
    ("REFUSED", "busy", "", "", "busy"),
    ("REFUSED", "unreachable", "", "", "unreachable"),
    ("REFUSED", "anything", "", "", "failed"),
    ("REFUSED", "", "", "", "failed"),
]


@pytest.mark.parametrize(("status", "cause", "rang", "dialled_ms", "word"), TABLE)
def test_given_how_a_dial_ended_when_read_then_the_tables_word(
    status: str, cause: str, rang: str, dialled_ms: str, word: str
) -> None:
    assert why_ended(status=status, cause=cause, rang=rang, dialled_ms=dialled_ms, limit_s="3") == word


# Exhaustive: every status Asterisk has x every cause that chan_pjsip can give, ringing or not, early or late.
def test_given_every_status_and_cause_when_read_then_always_one_of_the_contracts_words() -> None:
    statuses = ["ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", "DONTCALL", "TORTURE", "REFUSED"]
    cases = itertools.product(statuses, map(str, range(128)), ["", "40"], ["0", "3000"])
    for status, cause, rang, dialled_ms in cases:
        word = why_ended(status=status, cause=cause, rang=rang, dialled_ms=dialled_ms, limit_s="3")
        assert word in WORDS
        # Only a phone that rang for its whole time charges the agent with it.
        assert (word == "rona") == (status == "NOANSWER" and rang != "" and dialled_ms == "3000")


# A report in which Asterisk left fields out: a ring-out cannot be told from an early 480, so the time decides nothing.
def test_given_no_times_when_not_answered_then_taken_as_rung_out() -> None:
    assert why_ended(status="NOANSWER", cause="0", rang="5", dialled_ms="", limit_s="") == "rona"
    assert why_ended(status="NOANSWER", cause="0", rang="5", dialled_ms="900", limit_s="2.5") == "reject"


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=4), st.text(max_size=8), st.text(max_size=8))
def test_given_any_text_when_read_then_a_word_and_never_an_error(
    status: str, cause: str, rang: str, dialled_ms: str, limit_s: str
) -> None:
    assert why_ended(status=status, cause=cause, rang=rang, dialled_ms=dialled_ms, limit_s=limit_s) in WORDS
