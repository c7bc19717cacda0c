"""The verbs that decide: opening hours, conditions, and variables that later steps see."""

from __future__ import annotations

import pytest

from ivr.core.effects import LookAround
from ivr.core.inputs import LookedAround
from kernel.hours import Override
from tests.fakes.one_step import ENDS, HOUSING, A, B, C, at, drive, end, seen

pytestmark = pytest.mark.unit


# C42
@pytest.mark.parametrize("of", ["office", "northmere.housing"])
@pytest.mark.parametrize(
    ("when", "expected"),
    [("2026-11-23 09:00", A), ("2026-11-23 17:00", B), ("2026-12-25 10:00", C), ("2026-12-26 10:00", B)],
)
def test_c42_given_hours_when_the_clock_says_so_then_that_way(of: str, when: str, expected: str) -> None:
    effects = drive(f"  s: {{verb: hours, of: {of}, open: a, closed: b, holiday: c}}\n", seen(when))
    assert effects[0] == LookAround()
    assert end(effects) == expected


def test_given_hours_without_a_way_for_holidays_when_it_is_one_then_it_is_closed() -> None:
    text = "  s: {verb: hours, of: office, open: a, closed: c}\n"
    tail = ENDS.replace("  b: {verb: enqueue, queue: northmere.desk, priority: 1}\n", "")
    assert end(drive(text, seen("2026-12-25 10:00"), tail=tail)) == C


def test_given_a_short_notice_when_it_is_in_force_then_it_wins() -> None:
    notice = Override(begins=at("2026-11-23 08:00"), ends=at("2026-11-23 12:00"), open=False, why="water")
    now = LookedAround(now=at("2026-11-23 10:00").timestamp(), notices={"office": (notice,)})
    assert end(drive("  s: {verb: hours, of: office, open: a, closed: b, holiday: c}\n", now)) == B


BRANCH = """
  s:
    verb: branch
    cases:
      waiting.housing > 5: a
      not open.office or weekday = 'sun': b
    otherwise: c
"""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (seen("2026-11-23 10:00", 6), A),
        (seen("2026-11-23 10:00", 5), C),
        (seen("2026-11-23 20:00", 5), B),
        # Nobody tells how many wait: the condition does not hold.
        (seen("2026-11-23 10:00"), C),
        (seen("2026-11-23 20:00"), B),
    ],
)
def test_given_conditions_when_looked_at_then_the_first_that_holds_is_taken(now: LookedAround, expected: str) -> None:
    effects = drive(BRANCH, now)
    assert effects[0] == LookAround(queues=(HOUSING,))
    assert end(effects) == expected


def test_given_variables_when_set_then_later_steps_see_them_and_nothing_is_looked_at() -> None:
    text = """
  s: {verb: set, values: {n: 2 + 3, m: n + 1, who: "'x'", fine: m = 6}, next: t}
  t: {verb: branch, cases: {fine and who = 'x' and number = '03069990001' and council = 'northmere': a}, otherwise: u}
  u: {verb: branch, cases: {yes: b}, otherwise: c}
"""
    effects = drive(text)
    assert end(effects) == A
    assert len(effects) == 1
