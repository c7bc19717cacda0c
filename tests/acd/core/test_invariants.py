"""Invariants I1 to I4 of the facts export: who is offered what, to whom, in which order and how soon."""

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
    fact,
    leave,
    offer,
    offer_end,
    served,
    state,
)

pytestmark = pytest.mark.unit


def test_given_a_call_served_as_it_should_be_when_checked_then_nothing_is_broken() -> None:
    assert broken(agent(0, "a1"), *served("k1", "a1"), *served("k2", "a1", 100)) == set()


# I1: a call is offered to at most its queue's max_parallel_offers agents at once.
@pytest.mark.parametrize(("allowed", "expected"), [(1, {"I1"}), (2, set())])
def test_given_two_agents_rung_at_once_when_checked_then_the_policy_decides(allowed: int, expected: set[str]) -> None:
    lines = [
        fact(0, "config", queue="n.waste", max_parallel_offers=allowed),
        agent(0, "a1"),
        agent(0, "a2"),
        arrive(10, "k1"),
        offer(10, "k1", "a1"),
        offer(10, "k1", "a2"),
        answer(12, "k1", "a1"),
        offer_end(12, "k1", "a2", "answered_elsewhere"),
        end(20, "k1"),
    ]
    assert broken(*lines) == expected


# I2: an agent never has two offers, nor an offer while talking, paused, in wrap-up or offline.
def test_given_an_agent_with_an_offer_when_offered_another_then_i2() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10, "k1", "a1"), offer(11, "k2", "a1")]
    assert broken(*lines) == {"I2"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("talking", {"I2"}),
        ("paused", {"I2"}),
        ("offline", {"I2"}),
        ("wrapup", {"I2", "I9"}),
        ("available", set()),
        # The engine may say "ringing" just before or just after the offer.
        ("ringing", set()),
    ],
)
def test_given_an_agent_in_a_state_when_offered_then_only_the_free_one_is_right(word: str, expected: set[str]) -> None:
    assert broken(agent(0, "a1", word), arrive(10, "k1"), offer(10, "k1", "a1")) == expected


def test_given_an_agent_who_answered_when_offered_before_her_state_line_then_i2() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10, "k1", "a1"), answer(12, "k1", "a1")]
    assert broken(*lines, offer(12.5, "k2", "a1")) == {"I2"}


# I3: no other un-offered call of that queue has higher priority, or equal priority and earlier arrival.
def test_given_an_earlier_caller_when_a_later_one_is_offered_then_i3() -> None:
    assert broken(agent(9.9, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10.5, "k2", "a1")) == {"I3"}


def test_given_an_urgent_later_caller_when_offered_first_then_right() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(11, "k2", priority=5), state(12, "a1", "available")]
    assert broken(*lines, offer(12, "k2", "a1")) == set()
    assert broken(*lines, offer(12, "k1", "a1")) == {"I3"}


def test_given_a_priority_raised_while_waiting_when_the_older_is_offered_then_i3() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(11, "k2"), fact(12, "priority", call="k2", priority=3)]
    lines.append(state(13, "a1", "available"))
    assert broken(*lines, offer(13, "k1", "a1")) == {"I3"}
    assert broken(*lines, offer(13, "k2", "a1")) == set()


@pytest.mark.parametrize(
    "obstacle",
    [
        fact(10, "may", call="k1", not_=["a1"], until=30, why="excluded"),
        fact(10, "may", call="k1", agents=["a2"], until=30, why="preferred"),
        fact(10, "callback", call="k1", due=600),
        fact(10, "relax", call="k1", skills={"waste": 5}),
        fact(10, "transfer", call="k1", queue="n.other"),
        fact(10, "transfer", call="k1", agent="a2"),
    ],
    ids=lambda line: str(line["ev"]) + str(line.get("why", "")),
)
def test_given_an_earlier_caller_who_may_not_be_offered_when_the_next_is_then_right(obstacle: Line) -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(10, "k2"), obstacle, state(12, "a1", "available")]
    assert broken(*lines, offer(12, "k2", "a1")) == set()


def test_given_a_supervisor_pulls_a_later_call_when_checked_then_exempt_from_i3() -> None:
    assert broken(agent(9.9, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10.5, "k2", "a1", by="s1")) == set()


def test_given_a_transfer_back_when_the_others_came_later_then_the_old_arrival_counts() -> None:
    lines = [
        agent(0, "a1"),
        *served("k1", "a1")[:5],
        arrive(20, "k2"),
        leave(30, "k1", "a1"),
        fact(30, "transfer", call="k1", queue="n.waste"),
        state(30, "a1", "wrapup"),
        state(40, "a1", "available"),
    ]
    assert broken(*lines, offer(40, "k2", "a1")) == {"I3"}
    assert broken(*lines, offer(40, "k1", "a1")) == set()


# I4: no agent is available for more than 1 s while a call that he may take waits un-offered.
@pytest.mark.parametrize(("wait", "expected"), [(0.9, set()), (1.1, {"I4"})])
def test_given_an_idle_agent_when_the_offer_is_late_then_i4(wait: float, expected: set[str]) -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), offer(10 + wait, "k1", "a1")) == expected


def test_given_a_caller_who_leaves_unserved_when_somebody_was_free_then_i4_names_both() -> None:
    found = check([POLICY, agent(0, "a1"), arrive(10, "k1"), end(15, "k1", "abandoned")])
    assert [(one.invariant, one.t, one.call, one.agent) for one in found] == [("I4", 10.0, "k1", "a1")]


def test_given_lines_that_just_stop_when_a_pair_stands_there_then_i4() -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), arrive(20, "k2", queue="n.other")) == {"I4"}


@pytest.mark.parametrize("word", ["paused", "talking", "wrapup", "offline"])
def test_given_nobody_free_when_a_call_waits_then_right(word: str) -> None:
    assert broken(agent(0, "a1", word), arrive(10, "k1"), end(100, "k1", "abandoned")) == set()


@pytest.mark.parametrize(
    "unfit",
    [
        {"queues": ["n.other"]},
        {"skills": {"housing": 5}},
        {"skills": {"waste": 0}},
        {"councils": ["s"], "council": "s"},
    ],
    ids=["queue", "skill", "level", "council"],
)
def test_given_an_idle_agent_who_may_not_take_it_when_a_call_waits_then_right(unfit: Mapping[str, object]) -> None:
    assert broken(agent(0, "a1", "available", **unfit), arrive(10, "k1"), end(100, "k1", "abandoned")) == set()


def test_given_an_agent_of_all_councils_when_a_call_waits_then_i4() -> None:
    lines = [agent(0, "a1", council="*", councils=[]), arrive(10, "k1"), end(100, "k1", "abandoned")]
    assert broken(*lines) == {"I4"}


def test_given_a_bar_that_ends_when_the_offer_comes_at_once_then_right_else_i4() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), fact(10, "may", call="k1", not_=["a1"], until=40, why="delay")]
    assert broken(*lines, offer(40.2, "k1", "a1")) == set()
    assert broken(*lines, offer(41.5, "k1", "a1")) == {"I4"}


def test_given_a_bar_that_is_lifted_early_when_the_offer_is_late_then_i4() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), fact(10, "may", call="k1", not_=["a1"], until=99, why="cap")]
    lines.append(fact(20, "may", call="k1", not_=["a1"], until=20, why="cap"))
    assert broken(*lines, offer(20.5, "k1", "a1")) == set()
    assert broken(*lines, offer(25, "k1", "a1")) == {"I4"}


def test_given_two_bars_with_a_gap_when_the_gap_is_longer_than_a_second_then_i4() -> None:
    first = fact(10, "may", call="k1", not_=["a1"], until=20, why="excluded")
    late, soon = (fact(at, "may", call="k1", not_=["a1"], until=50, why="cap") for at in (22, 20.5))
    assert broken(agent(0, "a1"), arrive(10, "k1"), first, late, offer(50, "k1", "a1")) == {"I4"}
    assert broken(agent(0, "a1"), arrive(10, "k1"), first, soon, offer(50, "k1", "a1")) == set()


def test_given_relaxing_in_small_steps_when_never_offered_then_i4() -> None:
    steps = [fact(10 + i * 0.9, "relax", call="k1", skills={"waste": 2 - i % 2}) for i in range(5)]
    assert broken(agent(0, "a1"), arrive(10, "k1"), *steps, end(14.5, "k1", "abandoned")) == {"I4"}


def test_given_relaxing_that_makes_an_idle_agent_fit_when_offered_at_once_then_right() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1", skills={"waste": 5}), fact(40, "relax", call="k1", skills={"waste": 2})]
    assert broken(*lines, offer(40.3, "k1", "a1")) == set()
    assert broken(*lines, offer(42, "k1", "a1")) == {"I4"}


# ... outside `engine` reconciling or down.
@pytest.mark.parametrize("word", ["down", "reconciling"])
def test_given_the_engine_away_when_a_call_waits_then_exempt_until_it_is_up(word: str) -> None:
    lines = [agent(0, "a1"), fact(9, "engine", state=word), arrive(10, "k1"), fact(30, "engine", state="up")]
    assert broken(*lines, offer(30.4, "k1", "a1")) == set()
    assert broken(*lines, offer(31.4, "k1", "a1")) == {"I4"}


# A process that stood still knows it afterwards, and says since when; what stood side by side before that is a breach.
@pytest.mark.parametrize(
    ("since", "offered", "found"), [(10.3, 12.0, set()), (11.2, 12.0, {"I4"}), (10.3, 13.2, {"I4"})]
)
@pytest.mark.parametrize("word", ["up", "reconciling"])
def test_given_an_engine_that_stood_still_when_it_says_since_when_then_only_that_time_is_exempt(
    word: str, since: float, offered: float, found: set[str]
) -> None:
    stood = [fact(12, "engine", state=word, since=since)]
    stood += [fact(12.1, "engine", state="up")] if word != "up" else []
    lines = [agent(0, "a1"), arrive(10, "k1"), *stood, offer(max(offered, 12.1), "k1", "a1"), end(20, "k1")]
    assert broken(*lines) == found


def test_given_a_pair_older_than_a_second_when_the_engine_goes_down_then_i4_all_the_same() -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), fact(15, "engine", state="down")) == {"I4"}


def test_given_a_callback_when_due_then_the_second_counts_from_there() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), fact(20, "callback", call="k1", due=600)]
    lines.append(state(100, "a1", "available"))
    assert broken(*lines, offer(600.5, "k1", "a1")) == set()
    assert broken(*lines, offer(603, "k1", "a1")) == {"I4"}


def test_given_a_profile_that_changes_when_she_fits_from_then_on_then_the_second_counts_from_there() -> None:
    lines = [agent(0, "a1", queues=["n.other"]), arrive(10, "k1"), agent(50, "a1")]
    assert broken(*lines, offer(50.5, "k1", "a1")) == set()
    assert broken(*lines, offer(52, "k1", "a1")) == {"I4"}
