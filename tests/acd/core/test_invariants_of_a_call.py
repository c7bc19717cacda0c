"""Invariants I5 to I10 of the facts export: how calls end, ring-outs, recordings, answers, wrap-up, order in time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from acd.core.invariants import check
from tests.fakes.fact_lines import (
    POLICY,
    Line,
    agent,
    answer,
    arrive,
    broken,
    end,
    export,
    fact,
    leave,
    offer,
    offer_end,
    served,
    state,
)

pytestmark = pytest.mark.unit


# I5: exactly one `end` for every call closed inside the export; only `recording` may follow it.
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (end(99, "k1", "abandoned"), {"I5"}),
        (leave(99, "k1", "a1"), {"I5"}),
        (offer(99, "k1", "a1"), {"I5"}),
        (fact(99, "recording", call="k1", seconds=60.0, kind="call"), set()),
    ],
    ids=["end", "leave", "offer", "recording"],
)
def test_given_a_call_that_ended_when_something_follows_then_only_a_recording_may(
    after: Line, expected: set[str]
) -> None:
    assert broken(agent(0, "a1"), *served("k1", "a1"), after) == expected


# I6: after a ring-out or refusal the old place, offered again within 1 s, not to the same agent for a while.
@pytest.mark.parametrize("why", ["rona", "reject"])
def test_given_a_failed_offer_when_the_same_agent_is_rung_too_soon_then_i6(why: str) -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1", why)]
    lines += [state(25, "a1", "paused"), state(30, "a1", "paused")]
    excluded = fact(25, "may", call="k1", not_=["a1"], until=85, why="excluded")
    soon, late = ([excluded, state(at, "a1", "available"), offer(at, "k1", "a1")] for at in (40, 85))
    assert broken(*lines, *soon) == {"I6"}
    assert broken(*lines, *late) == set()


def test_given_a_failed_offer_when_another_is_free_then_a_second_at_most() -> None:
    lines = [agent(0, "a1"), agent(0, "a2"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1")]
    lines.append(state(25, "a1", "paused"))
    assert broken(*lines, offer(25.2, "k1", "a2")) == set()
    assert broken(*lines, offer(28, "k1", "a2")) == {"I4", "I6"}


def test_given_a_failed_offer_when_the_call_arrives_anew_then_the_place_is_lost() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1")]
    assert broken(*lines, state(25, "a1", "paused"), arrive(25.1, "k1")) == {"I6"}


def test_given_a_failed_offer_when_the_next_caller_is_served_first_then_i3() -> None:
    lines = [agent(0, "a1"), agent(0, "a2", "talking"), arrive(10, "k1"), offer(10, "k1", "a1"), arrive(11, "k2")]
    lines += [offer_end(25, "k1", "a1"), state(25, "a1", "paused"), state(25.5, "a2", "available")]
    assert broken(*lines, offer(25.5, "k2", "a2")) == {"I3"}
    assert broken(*lines, offer(25.5, "k1", "a2")) == set()


# I7: a recording within 2 s or 2 % of the talk time; muted time counts.
@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([{"seconds": 60.0}], set()),
        ([{"seconds": 58.5}], set()),
        ([{"seconds": 57.0}], {"I7"}),
        ([], {"I7"}),
        ([{"seconds": 50.0, "muted": 10.0}], set()),
        ([{"seconds": 60.0, "muted": 10.0}], set()),
        ([{"seconds": 30.0}, {"seconds": 30.0}], set()),
        ([{"seconds": 60.0, "kind": "consult"}], {"I7"}),
    ],
)
def test_given_a_minute_of_talk_when_recorded_so_then_i7_says(segments: list[Line], expected: set[str]) -> None:
    filed = [fact(74, "recording", call="k1", **segment) for segment in segments]
    lines = [export(), agent(0, "a1"), *served("k1", "a1"), *filed, state(200, "a1", "offline")]
    assert broken(*lines) == expected


# P5: "… or an alarm; never silently missing": only an alarm that tells of missing audio, of that very call.
@pytest.mark.parametrize(
    ("what", "contact", "expected"),
    [
        ("recorder_stalled", "k1", set()),
        ("no_recording", "k1", set()),
        ("silent_side", "k1", {"I7"}),
        ("no_recording", "k2", {"I7"}),
    ],
)
def test_given_a_talk_without_its_recording_when_an_alarm_was_raised_then_i7_holds(
    what: str, contact: str, expected: set[str]
) -> None:
    alarm = fact(74, "alarm", what=what, contact=contact)
    lines = [export(), agent(0, "a1"), *served("k1", "a1"), alarm, state(200, "a1", "offline")]
    assert broken(*lines) == expected


def test_given_a_long_talk_when_recorded_within_two_per_cent_then_right() -> None:
    lines = [export(), agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), answer(10, "k1", "a1")]
    lines += [leave(1010, "k1", "a1"), end(1010, "k1"), state(1010, "a1", "offline"), state(2000, "a1", "offline")]
    assert broken(*lines, fact(2001, "recording", call="k1", seconds=981)) == set()
    assert broken(*lines, fact(2001, "recording", call="k1", seconds=979)) == {"I7"}


def test_given_a_talk_that_just_ended_when_its_recording_is_on_its_way_then_not_judged_yet() -> None:
    assert broken(export(), agent(0, "a1"), *served("k1", "a1")[:-1]) == set()


def test_given_a_queue_whose_rule_is_not_to_record_when_checked_then_right() -> None:
    lines = [POLICY, export(), agent(0, "a1"), *served("k1", "a1"), state(200, "a1", "offline")]
    assert check(lines, recorded=lambda queue: queue != "n.waste") == []


# I8: a call answered `via` offer was offered to that agent, who has every required skill, queue and council.
def test_given_an_answer_without_an_offer_when_checked_then_i8_unless_it_came_another_way() -> None:
    lines = [agent(0, "a1", "paused"), arrive(10, "k1")]
    assert broken(*lines, answer(12, "k1", "a1")) == {"I8"}
    assert broken(*lines, answer(12, "k1", "a1", via="pull")) == set()
    assert broken(*lines, answer(12, "k1", "a1", via="fallback")) == set()


@pytest.mark.parametrize("unfit", [{"queues": ["n.other"]}, {"skills": {"waste": 0}}, {"councils": ["s"]}])
def test_given_an_unfit_agent_when_she_answers_then_i8(unfit: Mapping[str, object]) -> None:
    lines = [agent(0, "a1", "available", **unfit), arrive(10, "k1"), offer(10, "k1", "a1"), answer(12, "k1", "a1")]
    assert broken(*lines) == {"I8"}


# I9: no offer during wrap-up.
def test_given_a_call_just_left_when_offered_before_wrap_up_is_even_told_then_i9() -> None:
    lines = [agent(0, "a1"), *served("k1", "a1")[:6], arrive(73, "k2"), offer(73.1, "k2", "a1")]
    assert broken(*lines) == {"I2", "I9"}


def test_given_wrap_up_ended_early_when_offered_then_right() -> None:
    lines = [agent(0, "a1"), *served("k1", "a1")[:-1], state(75, "a1", "available"), arrive(76, "k2")]
    assert broken(*lines, offer(76, "k2", "a1")) == set()


# I10: within an episode (arrive or transfer -> offer -> answer -> leave) time never runs backwards.
def test_given_an_answer_before_its_offer_when_checked_then_i10() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10.5, "k1", "a1"), answer(10.4, "k1", "a1")]
    assert broken(*lines) == {"I10"}


def test_given_facts_of_two_calls_out_of_order_when_checked_then_right() -> None:
    lines = [agent(0, "a1", "paused"), arrive(10.5, "k1"), arrive(10.4, "k2"), end(11, "k1"), end(10.9, "k2")]
    assert broken(*lines) == set()
