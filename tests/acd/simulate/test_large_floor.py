"""The invariants at the size of a large centre."""

from __future__ import annotations

import json
import random

import pytest

from acd.core.invariants import check
from acd.simulate.day import read_day
from acd.simulate.run import simulate

pytestmark = pytest.mark.unit

_SKILLS = ("waste", "rent", "welsh")


# C50: "no eligible-idle gap: I4 <= 1 s at 500 agents / 1,000 waiting".
def test_c50_given_500_agents_and_1000_waiting_when_played_then_nobody_idles_beside_a_call_that_is_hers() -> None:
    chance = random.Random(50)  # noqa: S311 - reproducible, nothing secret
    queues = [f"n.q{number}" for number in range(5)]
    calls = [
        {
            "call": f"k{number}",
            # 1,600 within ten seconds, for 500 agents: more than 1,000 wait.
            "t": number / 160,
            "queue": chance.choice(queues),
            "council": "n",
            "skills": chance.choice([{}, {chance.choice(_SKILLS): 2}]),
            "patience": None,
            "service": chance.uniform(20.0, 60.0),
            "wrap": chance.choice([0.0, 5.0]),
        }
        for number in range(1600)
    ]
    agents = [
        {
            "agent": f"a{number}",
            "council": "n",
            "queues": chance.sample(queues, 3),
            "skills": {skill: chance.randint(1, 4) for skill in _SKILLS},
            "on": 0,
            "off": 3600,
            "answer_delay": 2.0,
            "rona_p": 0.01,
        }
        for number in range(500)
    ]
    lines: list[dict[str, object]] = []
    day = read_day(json.dumps({"calls": calls, "agents": agents}))
    result = simulate(day, write=lambda line: lines.append(dict(line)))
    assert result.answered == len(calls)
    assert _most_waiting(lines) >= 1000
    assert check(lines) == []


def _most_waiting(lines: list[dict[str, object]]) -> int:
    waiting = most = 0
    for line in lines:
        waiting += (line["ev"] == "arrive") - (line["ev"] == "answer")
        most = max(most, waiting)
    return most
