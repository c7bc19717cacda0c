"""The day file: what it may hold, and that every mistake is named by its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acd.simulate.day import read_day
from acd.simulate.what_if import what_if
from kernel.errors import BadInput

pytestmark = pytest.mark.unit

CALL: dict[str, Any] = {"call": "k1", "t": 10.0, "queue": "n.waste", "council": "n", "patience": 95.0, "service": 184.2}
AGENT: dict[str, Any] = {"agent": "n-a1", "council": "n", "queues": ["n.waste"], "on": 0, "off": 100}


def _day(call: dict[str, Any] | None = None, agent: dict[str, Any] | None = None) -> str:
    return json.dumps({"calls": [CALL | (call or {})], "agents": [AGENT | (agent or {})]})


def test_given_the_least_a_day_must_say_when_read_then_the_rest_has_its_defaults() -> None:
    day = read_day(_day())
    call, agent = day.calls[0], day.agents[0]
    assert (call.priority, call.skills, call.wrap, call.agrees) == (None, {}, None, 1.0)
    assert (agent.skills, agent.answer_delay, agent.rona_p, agent.breaks) == ({}, 0.0, 0.0, ())


# "Unknown keys are ignored"; a caller who is patient for ever has null.
def test_given_unknown_keys_and_no_end_of_patience_when_read_then_taken() -> None:
    assert read_day(_day({"caller": "01632960123", "mood": 1, "patience": None})).calls[0].patience is None


# "A missing required key is an error with its path."
@pytest.mark.parametrize(
    ("part", "key"),
    [("calls", key) for key in CALL] + [("agents", key) for key in AGENT],
)
def test_given_a_required_key_that_is_missing_when_read_then_its_path_is_told(part: str, key: str) -> None:
    day = json.loads(_day())
    del day[part][0][key]
    with pytest.raises(BadInput) as caught:
        read_day(json.dumps(day))
    assert f"{part}[0].{key}: is missing" in caught.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "(the whole file): "),
        ("{", "(the whole file): invalid JSON"),
        ("{}", "calls: is missing"),
        (_day({"t": "10"}), "calls[0].t: "),
        (_day({"t": True}), "calls[0].t: "),
        (_day({"service": -1}), "calls[0].service: "),
        (_day({"skills": {"waste": "3"}}), "calls[0].skills.waste: "),
        (_day({"t": float("nan")}), "calls[0].t: "),
        (_day(agent={"queues": "n.waste"}), "agents[0].queues: "),
        (_day(agent={"rona_p": 1.5}), "agents[0].rona_p: "),
        (_day(agent={"off": -1}), "agents[0]: off lies before on"),
        (_day(agent={"breaks": [[20, 10]]}), "agents[0]: a break ends before it begins"),
        (
            _day(agent={"queues": ["n.a", {"queue": "n.a", "delay": 5}]}),
            "agents[0]: queue n.a stands twice",
        ),
        # A clock of milliseconds, a name that is a file: mistakes, not hours of playing.
        (_day({"service": 1e9}), "calls[0].service: "),
        (_day({"priority": 2_000_000}), "calls[0].priority: "),
        (_day({"t": 1.7e12}), "calls[0].t: 1.7e+12 s lies more than 31 days behind the first moment of the day, 0 s"),
        (_day(agent={"off": 1e300}), "agents[0].off: "),
        (_day({"call": "9" * 5000}), "calls[0].call: "),
        (_day(agent={"breaks": [[20]]}), "agents[0].breaks[0]"),
        # A key that stands twice: whichever was meant, the other would be dropped without a word.
        (_day().replace('"t": 10.0', '"t": 10.0,\n"t": 11'), "day.json:2: calls[0].t: stands twice, first in line 1"),
        (_day().replace('"t": 10.0', '"t": "x", "\\u0074": 1'), "day.json:1: calls[0].t: stands twice"),
        (
            _day({"skills": {"waste": 3}}).replace('"waste": 3', '"waste": 3, "waste": 1'),
            "calls[0].skills.waste: stands",
        ),
        ('{"calls": [], "agents": [],\n "routing": {"queues": [{"id": "n.a",\n "id": "n.b"}]}}', "day.json:3: routing"),
        ('{"calls": [],\n "agents": [],\n\n "calls": []}', "day.json:4: calls: stands twice, first in line 1"),
        (json.dumps({"calls": [CALL, CALL], "agents": []}), "calls[1].call: the same name as calls[0]"),
        (json.dumps({"calls": [], "agents": [AGENT, AGENT]}), "agents[1].agent: the same name as agents[0]"),
    ],
)
def test_given_a_day_that_is_wrong_when_read_then_the_place_is_told(text: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_day(text)
    assert told in caught.value.message


def test_given_many_mistakes_when_read_then_the_first_ones_and_how_many_more() -> None:
    with pytest.raises(BadInput, match="and 10 more"):
        read_day(json.dumps({"calls": [{**CALL, "call": f"k{n}", "t": "x"} for n in range(30)], "agents": []}))


# The walk that finds the places is not for every one of a whole day's.
def test_given_a_key_twice_in_every_call_when_read_then_the_first_ones_and_that_there_are_more() -> None:
    text = json.dumps({"calls": [{**CALL, "call": f"k{n}"} for n in range(30)], "agents": []})
    with pytest.raises(BadInput, match="and more") as caught:
        read_day(text.replace('"t"', '"queue": "n.rent", "t"'))
    assert caught.value.message.count("stands twice") == 20


def test_given_what_if_with_more_agents_when_asked_then_doubles_of_those_who_are_there() -> None:
    day = read_day(json.dumps({"calls": [], "agents": [AGENT | {"agent": f"a{n}", "on": n} for n in range(4)]}))
    assert [one.agent for one in what_if(day, "agents=+2").agents[4:]] == ["a0-extra1", "a2-extra2"]
    assert [one.on for one in what_if(day, "agents=+2").agents[4:]] == [0, 2]
    assert [one.agent for one in what_if(day, "agents=-2").agents] == ["a1", "a3"]


@pytest.mark.parametrize(
    "change", ["agents=3", "agents=+x", "calls=+3", "agents=-2", "n.waste.weight=2 and n.waste.weight=3"]
)
def test_given_a_what_if_that_cannot_be_done_when_asked_then_refused(change: str) -> None:
    with pytest.raises(BadInput):
        what_if(read_day(_day()), change)
