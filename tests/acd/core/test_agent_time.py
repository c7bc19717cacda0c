"""Seconds per word, occupancy and utilisation, counted by hand."""

from __future__ import annotations

import pytest

from acd.core.agent_time import AgentTime, occupancy, total, utilisation
from kernel.agent import AgentWord

pytestmark = pytest.mark.unit

_WORDS = [(0, "offline"), (10, "paused"), (20, "available"), (30, "ringing"), (32, "talking"), (52, "wrapup")]


def _told() -> AgentTime:
    times = AgentTime(30.0)
    for t, state in [*_WORDS, (62, "available")]:
        times.read({"t": float(t), "ev": "agent", "agent": "a1", "state": state})
    times.read({"t": 63.0, "ev": "agent", "agent": "a1", "skills": {}})
    times.read({"t": 64.0, "ev": "end", "call": "k1", "why": "completed"})
    return times


def test_given_an_agents_words_when_asked_then_the_seconds_in_each() -> None:
    assert _told().times(70.0) == {
        "a1": {
            AgentWord.OFFLINE: 10.0,
            AgentWord.PAUSED: 10.0,
            AgentWord.AVAILABLE: 18.0,
            AgentWord.RINGING: 2.0,
            AgentWord.TALKING: 20.0,
            AgentWord.WRAP_UP: 10.0,
        }
    }


# Occupancy: talk and wrap-up over that and the time ready; a break is outside, but not of utilisation.
def test_given_the_seconds_when_divided_then_breaks_count_in_utilisation_only() -> None:
    times = total(_told().times(70.0).values())
    assert occupancy(times) == 30 / 50
    assert utilisation(times) == 30 / 60
    assert occupancy({}) is None
    assert utilisation({AgentWord.OFFLINE: 5.0}) is None


def test_given_words_across_half_minutes_when_split_then_each_half_minute_has_its_part() -> None:
    told = _told()
    told.times(70.0)
    parts = dict(told.by_interval())
    # The first ten seconds she was away.
    assert [sum(part.values()) for part in parts.values()] == [20.0, 30.0, 10.0]
    assert parts[30.0] == {AgentWord.RINGING: 2.0, AgentWord.TALKING: 20.0, AgentWord.WRAP_UP: 8.0}
