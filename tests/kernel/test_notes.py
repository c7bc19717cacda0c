"""What a note may hold: hostile until it is one plain line, and never a card's number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import BadInput
from kernel.ids import ContactId, TenantId
from kernel.notes import HIDDEN, MOST_CHARACTERS, Note, note_text

pytestmark = pytest.mark.unit


# V10: "Whatever a caller controls is hostile until encoded": a note goes to a terminal, a page and a JSON line.
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  rang twice about\n her bin \t", "rang twice about her bin"),
        ("\x1b]0;owned\x07 red \x1b[31m", "]0;owned red [31m"),
        ("nul\x00 cr\r\nlf", "nul cr lf"),
        ("right\u202eleft \u2066x", "right left x"),
        ("zero\u200bwidth", "zero width"),
        ("caf\udce9 of a broken pipe", "caf of a broken pipe"),
        ("<script>alert(1)</script> & 'x'", "<script>alert(1)</script> & 'x'"),
        ("Mae hi'n aros am y t\u0177", "Mae hi'n aros am y t\u0177"),
        ("ring back on 07700 900123, ref 48213", "ring back on 07700 900123, ref 48213"),
        ("or +44 7700 900123", "or +44 7700 900123"),
    ],
)
def test_v10_given_a_hostile_text_when_noted_then_one_plain_line(text: str, kept: str) -> None:
    assert note_text(text) == kept


# P21, V16: a card's number is kept nowhere, however an agent types it; a telephone number may be what the note is for.
@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111 - 1111 - 1111 - 1111",
        "4111.1111.1111.1111",
        "4\t1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "\uff14\uff11\uff11\uff11 1111 1111 1111",
        "4111\u200b1111\u200b1111\u200b1111",
    ],
)
def test_p21_given_a_cards_number_when_noted_then_it_is_hidden(card: str) -> None:
    assert note_text(f"paid with {card} today") == f"paid with {HIDDEN} today"


@pytest.mark.parametrize("text", ["", "   ", "\x00\n", "...", "\u202e", "x" * (MOST_CHARACTERS + 1)])
def test_given_no_text_or_too_much_when_noted_then_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        note_text(text)
    assert "xx" not in refused.value.message


def test_given_the_longest_note_when_noted_then_it_is_kept_whole() -> None:
    assert len(note_text("x" * MOST_CHARACTERS)) == MOST_CHARACTERS


@given(st.text(alphabet=st.characters(), max_size=600))
def test_given_any_text_when_noted_then_refused_or_one_printable_line_that_stays_as_it_is(text: str) -> None:
    try:
        kept = note_text(text)
    except BadInput:
        return
    assert kept.isprintable()
    assert kept.encode()
    assert 0 < len(kept) <= MOST_CHARACTERS
    assert note_text(kept) == kept


# The law of logs: a repr ends up in logs and tracebacks.
def test_given_a_note_when_shown_to_a_log_then_neither_text_nor_caller() -> None:
    note = Note(
        call=ContactId("c1-1"),
        council=TenantId("northmere"),
        subject="a" * 64,
        t=1.0,
        keep_until=2.0,
        by="northmere-a001",
        text="has a stick",
    )
    assert "stick" not in repr(note)
    assert "aaaa" not in repr(note)
