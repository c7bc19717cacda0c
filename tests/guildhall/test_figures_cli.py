"""``guildhall figures``: what happened before is known and not counted; text for people, JSON for programs."""

from __future__ import annotations

import pytest

from acd.core.report import agent_rows, queue_rows
from guildhall.facts_export import moment
from guildhall.figures_cli import Reading, in_words
from kernel.errors import BadInput
from kernel.figures import USUAL

pytestmark = pytest.mark.unit


def _facts() -> list[dict[str, object]]:
    arrived = {"ev": "arrive", "queue": "n.waste", "priority": 0, "skills": {}, "council": "n"}
    return [
        {"t": 10.0, "ev": "agent", "agent": "a1", "state": "paused", "reason": "lunch", "council": "n", "queues": []},
        {"t": 20.0, "call": "c1", **arrived},
        {"t": 110.0, "call": "c2", **arrived},
        {"t": 115.0, "ev": "answer", "call": "c2", "agent": "a1", "via": "offer"},
        {"t": 130.0, "ev": "agent", "agent": "a1", "state": "available"},
        {"t": 140.0, "ev": "end", "call": "c1", "why": "abandoned"},
    ]


def test_given_facts_from_before_when_the_stretch_begins_then_they_are_known_and_not_counted() -> None:
    reading = Reading(100.0)
    for fact in _facts():
        reading.read(fact)
    counted = [stay for stay in reading.stays.all if stay.entered >= 100.0]
    [row] = queue_rows(counted, lambda _council, _t: USUAL, {"n.waste": 4.0})
    assert (row["offered"], row["answered"], row["service_level"]) == (
        1,
        1,
        {"ignored": 0.0, "negative": 0.0, "positive": 0.0},
    )
    [agent] = agent_rows(reading.times.times(150.0), reading.times.reasons(150.0))
    assert agent["paused_s"] == {"lunch": 30.0}
    assert agent["words_s"] == {"available": 20.0, "paused": 30.0}
    told = in_words({"queues": [row], "agents": [agent]})
    assert "n.waste" in told
    assert "lunch 30 s" in told


# Whoever wrote `--from yesterday` was told of an option she had not used.
def test_given_no_time_when_read_then_what_was_written_and_how_to_write_it() -> None:
    with pytest.raises(BadInput, match="'yesterday' is no time"):
        moment("yesterday")
