"""How often the AMI port is knocked at."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.asterisk.ami_pace import ReconnectPace

pytestmark = pytest.mark.unit


def _knocks(pace: ReconnectPace, lives: list[tuple[float, bool]]) -> list[float]:
    now = 1000.0
    times = []
    for lived_s, refused in lives:
        now += max(0.0, pace.before_next(now))
        times.append(now)
        pace.knocked(now)
        now += lived_s
        pace.ended(lived_s=lived_s, refused=refused)
    return times


# P7: "at most 12 connects/10 s".
@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0, 12), st.booleans()), min_size=13, max_size=40),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_given_any_fate_of_the_link_when_reconnecting_then_at_most_12_connects_in_10_seconds(
    lives: list[tuple[float, bool]], chances: list[float]
) -> None:
    drawn = iter(chances * 50)
    times = _knocks(ReconnectPace(lambda: next(drawn)), lives)
    assert all(later - first >= 9.999 for first, later in zip(times, times[12:], strict=False))


# P7: "a REFUSED login waits at least 10 s = 6/min".
def test_given_a_refused_login_when_reconnecting_then_it_waits_10_seconds() -> None:
    times = _knocks(ReconnectPace(lambda: 0.0), [(0.0, True)] * 8)
    assert all(later - first >= 10 for first, later in itertools.pairwise(times))


def test_given_a_dead_pbx_when_reconnecting_then_waits_grow_from_0_2_to_30_seconds() -> None:
    times = _knocks(ReconnectPace(lambda: 1.0), [(0.0, False)] * 30)
    waits = [later - first for first, later in itertools.pairwise(times)]
    assert waits[0] == pytest.approx(0.3)
    assert max(waits) == pytest.approx(30.0)


def test_given_a_healthy_link_when_lost_then_the_first_wait_is_short_again() -> None:
    times = _knocks(ReconnectPace(lambda: 0.5), [(0.0, False)] * 10 + [(3600.0, False), (0.0, False)])
    assert times[-1] - times[-2] - 3600.0 == pytest.approx(0.2)
