"""Stays and their figures: a few calls counted by hand, and a fixed day of 500 calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core import service_level as figures
from acd.core.episodes import Outcome, Stay, by_interval, stays

pytestmark = pytest.mark.unit


def _lines(*told: str) -> Iterator[dict[str, object]]:
    """``10 arrive k1 waste`` and the like."""
    for line in told:
        t, ev, call, *word = line.split()
        fields: dict[str, object] = {"t": float(t), "ev": ev, "call": call, "council": "n"}
        names = {"arrive": "queue", "transfer": "queue", "answer": "agent", "leave": "agent", "end": "why"}
        yield fields | ({names[ev]: word[0]} if word else {})


def _stay(outcome: Outcome, wait_s: float) -> Stay:
    return Stay(call="k", queue="q", council="n", entered=0.0, outcome=outcome, ended=wait_s)


def test_given_calls_of_every_kind_when_read_then_each_stay_has_its_one_outcome() -> None:
    read = stays(
        _lines(
            "0 arrive k1 waste",
            "1 arrive k2 waste",
            "2 answer k1 a1",
            "3 end k2 abandoned",
            "4 leave k1 a1",
            "5 transfer k1 rent",
            "6 transfer k1 tax",
            "7 answer k1 a2",
            "9 end k1 completed",
            "10 arrive k3 waste",
            "11 callback k3",
            "90 answer k3 a1",
            "99 end k3 completed",
            "100 arrive k4 waste",
            "101 end k4 timeout",
            "102 arrive k5 waste",
        )
    )
    assert [(stay.call, stay.queue, stay.outcome, stay.wait_ms, stay.moved_in) for stay in read] == [
        ("k1", "waste", Outcome.ANSWERED, 2000, False),
        ("k2", "waste", Outcome.ABANDONED, 2000, False),
        ("k1", "rent", Outcome.MOVED, 1000, True),
        ("k1", "tax", Outcome.ANSWERED, 1000, True),
        ("k3", "waste", Outcome.CALLBACK, 1000, False),
        ("k4", "waste", Outcome.TIMEOUT, 1000, False),
        ("k5", "waste", Outcome.OPEN, 0, False),
    ]
    assert (figures.offered(read), figures.other_exits(read), figures.still_open(read)) == (7, 3, 1)


# SEMANTICS: the three formulas differ only in what an early abandon does.
def test_given_four_answered_and_two_abandoned_when_counted_then_each_formula_is_its_fraction() -> None:
    told = [_stay(Outcome.ANSWERED, wait) for wait in (5.0, 10.0, 20.0, 30.0)]
    told += [_stay(Outcome.ABANDONED, wait) for wait in (4.0, 60.0)]
    told += [_stay(Outcome.CALLBACK, 8.0), _stay(Outcome.OVERFLOW, 90.0)]
    assert figures.service_level_ignored(told, 20_000) == 3 / 5
    assert figures.service_level_negative(told, 20_000) == 3 / 6
    assert figures.service_level_positive(told, 20_000) == 4 / 6
    assert figures.service_level_answered(told, 20_000) == 3 / 4
    assert figures.service_level_offered(told, 20_000) == 3 / 8
    assert figures.service_level_removed(told, 20_000) == 5 / 8
    assert figures.service_level_without_short(told, 20_000, 5_000) == 3 / 5
    assert figures.abandonment(told) == 2 / 8
    assert figures.abandonment_without_short(told, 5_000) == 1 / 7
    assert figures.average_speed_of_answer(told) == 16.25
    assert figures.longest_wait(told) == 90.0


# "Within T" includes T, in whole milliseconds; "short" excludes S.
def test_given_waits_at_the_limit_when_counted_then_within_includes_it_and_short_does_not() -> None:
    assert figures.answered_within([_stay(Outcome.ANSWERED, 20.0004), _stay(Outcome.ANSWERED, 20.0006)], 20_000) == 1
    assert figures.short_abandoned([_stay(Outcome.ABANDONED, 5.0), _stay(Outcome.ABANDONED, 4.999)], 5_000) == 1


def test_given_no_calls_when_counted_then_no_share_instead_of_zero() -> None:
    assert figures.service_level_negative([], 20_000) is None
    assert figures.average_speed_of_answer([]) is None
    assert figures.abandonment([]) is None
    assert figures.longest_wait([]) is None


STAYS = st.lists(
    st.builds(
        lambda outcome, wait, entered: Stay(
            call="k", queue="q", council="n", entered=entered, outcome=outcome, ended=entered + wait
        ),
        st.sampled_from(Outcome).filter(lambda one: one is not Outcome.OPEN),
        st.integers(0, 60).map(float),
        st.integers(0, 7200).map(float),
    ),
    max_size=60,
)


# C38: outcomes are disjoint and complete; the formulas keep their order; parts of a day sum to the day.
@given(STAYS)
def test_c38_given_any_stays_when_counted_then_the_sums_and_the_order_of_the_formulas_hold(told: list[Stay]) -> None:
    assert sum(figures.count(told, one) for one in Outcome) == figures.offered(told)
    parts = [part for _begin, part in by_interval(told, 1800.0)]
    assert sum(figures.answered(part) for part in parts) == figures.answered(told)
    negative = figures.service_level_negative(told, 20_000)
    ignored, positive = figures.service_level_ignored(told, 20_000), figures.service_level_positive(told, 20_000)
    if negative is not None and ignored is not None and positive is not None:
        assert negative <= ignored <= positive + 1e-12


def _fixed_day() -> Iterator[dict[str, object]]:
    """500 calls by rule, not by chance: every fifth abandons, waits run through 0 to 60 s."""
    for number in range(500):
        call, t, wait = f"k{number}", number * 30.0, float(number * 7 % 61)
        yield from _lines(f"{t} arrive {call} waste")
        if number % 5 == 4:
            yield from _lines(f"{t + wait} end {call} abandoned")
        else:
            yield from _lines(f"{t + wait} answer {call} a1", f"{t + wait + 9} end {call} completed")


# C40: service level, ASA and abandonment exactly as documented on a fixed day of 500 calls.
def test_c40_given_a_fixed_day_of_500_calls_when_counted_then_every_figure_is_exactly_that() -> None:
    waits = [(number * 7 % 61, number % 5 == 4) for number in range(500)]
    told = stays(_fixed_day())
    inside = Counter(gone for wait, gone in waits if wait <= 20)
    assert (figures.offered(told), figures.answered(told), figures.abandoned(told)) == (500, 400, 100)
    assert figures.service_level_ignored(told, 20_000) == inside[False] / (500 - inside[True])
    assert figures.service_level_negative(told, 20_000) == inside[False] / 500
    assert figures.service_level_positive(told, 20_000) == (inside[False] + inside[True]) / 500
    assert figures.average_speed_of_answer(told) == sum(wait for wait, gone in waits if not gone) / 400
    assert figures.abandonment(told) == 0.2


# Attribution by arrival, to the millisecond.
def test_given_a_call_just_before_the_half_hour_when_split_then_it_belongs_to_the_half_hour_before() -> None:
    told = [Stay(call="k", queue="q", council=None, entered=entered) for entered in (1799.9994, 1800.0)]
    assert [(begin, len(part)) for begin, part in by_interval(told, 1800.0)] == [(0.0, 1), (1800.0, 1)]
