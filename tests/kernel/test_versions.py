"""Which version is in force: worked out from the journal alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.number import parse_dialled
from kernel.versions import How, Publication, Stage, in_force, version_before

pytestmark = pytest.mark.unit

NUMBER = parse_dialled("03069990001")
PART = Stage(percent=20)


def told(*lines: tuple[int, float, float, Stage | None]) -> tuple[Publication, ...]:
    """A journal of (version, told at, in force at, stage)."""
    return tuple(
        Publication(
            seq=seq, version=version, t=t, at=at, how=How.PUBLISH, by="a", note="", digest=str(version), stage=stage
        )
        for seq, (version, t, at, stage) in enumerate(lines, start=1)
    )


def held(journal: tuple[Publication, ...], now: float) -> tuple[int | None, int | None, list[int]]:
    """(in force, staged, pending)."""
    found = in_force(journal, now)
    base = found.base.version if found.base else None
    return base, found.staged.version if found.staged else None, [one.version for one in found.pending]


# The later one wins; what is staged is tried beside it; what is planned takes force at its time.
@pytest.mark.parametrize(
    ("journal", "now", "expected"),
    [
        (told(), 5, (None, None, [])),
        (told((1, 1, 1, None)), 5, (1, None, [])),
        (told((1, 1, 1, None), (2, 2, 2, None)), 5, (2, None, [])),
        # Staged: both hold. Published whole after it: the trial is over.
        (told((1, 1, 1, None), (2, 2, 2, PART)), 5, (1, 2, [])),
        (told((1, 1, 1, None), (2, 2, 2, PART), (2, 3, 3, None)), 5, (2, None, [])),
        (told((1, 1, 1, None), (2, 2, 2, PART), (3, 3, 3, PART)), 5, (1, 3, [])),
        # Planned.
        (told((1, 1, 1, None), (2, 2, 9, None)), 5, (1, None, [2])),
        (told((1, 1, 1, None), (2, 2, 9, None)), 9, (2, None, [])),
        (told((1, 1, 1, None), (2, 2, 9, PART)), 9, (1, 2, [])),
        # Told after the plan and in force before it: the plan is cancelled, for good.
        (told((1, 1, 1, None), (2, 2, 9, None), (3, 3, 3, None)), 5, (3, None, [])),
        (told((1, 1, 1, None), (2, 2, 9, None), (3, 3, 3, None)), 10, (3, None, [])),
        # A later plan leaves an earlier one be; so does a trial.
        (told((1, 1, 1, None), (2, 2, 7, None), (3, 3, 9, None)), 5, (1, None, [2, 3])),
        (told((1, 1, 1, None), (2, 2, 9, None), (3, 3, 3, PART)), 5, (1, 3, [2])),
        (told((1, 1, 1, None), (2, 2, 9, None), (3, 3, 3, PART)), 9, (2, None, [])),
        # What took force before a rollback was told is no plan any more.
        (told((1, 1, 1, None), (2, 2, 3, None), (1, 4, 4, None)), 4, (1, None, [])),
    ],
)
def test_given_a_journal_when_asked_at_a_moment_then_what_holds_is_told(
    journal: tuple[Publication, ...], now: float, expected: tuple[int | None, int | None, list[int]]
) -> None:
    assert held(journal, now) == expected


# `guildhall rollback` goes to the version before this one, not to a plan that never took force.
def test_given_a_plan_that_was_cancelled_when_rolled_back_then_it_is_skipped() -> None:
    journal = told((1, 1, 1, None), (2, 2, 9, None), (3, 3, 3, None))
    before = version_before(journal, 10)
    assert before is not None
    assert before.version == 1
    assert version_before(told((1, 1, 1, None)), 5) is None


# "staged by number or percentage": a call is on one side for good, and about so many of them are on it.
@settings(deadline=None, max_examples=25)
@given(percent=st.integers(0, 100))
def test_given_a_percentage_when_calls_come_then_about_so_many_follow_it(percent: int) -> None:
    stage = Stage(percent=percent)
    on_it = [stage.holds(NUMBER, f"c{number}") for number in range(2000)]
    assert on_it == [stage.holds(NUMBER, f"c{number}") for number in range(2000)]
    # Four standard deviations of a binomial draw.
    assert abs(sum(on_it) - 20 * percent) <= 4 * (2000 * percent / 100 * (1 - percent / 100)) ** 0.5


def test_given_a_stage_by_number_when_others_call_then_they_follow_the_version_in_force() -> None:
    stage = Stage(numbers=(NUMBER,))
    assert stage.holds(NUMBER, "c1")
    assert not stage.holds("03069990002", "c1")
