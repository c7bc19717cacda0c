"""A simulated day: the core's own decisions in virtual time, told as stories, and the invariants over any day."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.invariants import check
from acd.simulate.day import read_day
from acd.simulate.run import Result, simulate
from kernel.ids import QueueId, TenantId
from kernel.queues import AgeStep, Queue

pytestmark = pytest.mark.unit

Lines = list[dict[str, Any]]


def _call(name: str, t: float, **more: object) -> dict[str, object]:
    plain = {"queue": "n.waste", "council": "n", "patience": None, "service": 60.0, "wrap": 10.0}
    return {"call": name, "t": t, **plain, **more}


def _agent(name: str, **more: object) -> dict[str, object]:
    return {"agent": name, "council": "n", "queues": ["n.waste"], "on": 0, "off": 1000, "answer_delay": 2.0, **more}


def _play(calls: list[dict[str, object]], agents: list[dict[str, object]], seed: int = 0) -> tuple[Lines, Result]:
    lines: Lines = []
    day = read_day(json.dumps({"calls": calls, "agents": agents}))
    result = simulate(day, write=lambda line: lines.append(json.loads(json.dumps(line, default=dict))), seed=seed)
    return lines, result


def _story(lines: Lines) -> list[str]:
    """What the lines tell of calls and agents after the start."""
    told = []
    for line in lines:
        if line["ev"] not in {"config", "engine"} and line.get("state") != "offline":
            words = (line.get(name) for name in ("call", "agent", "state", "why"))
            told.append(f"{line['t']:g} {line['ev']} " + " ".join(str(word) for word in words if word))
    return told


# C01: offered within a second; join, offer, answer, end in that order, each once.
def test_c01_given_a_call_and_an_agent_when_played_then_the_facts_tell_it_to_the_second() -> None:
    lines, result = _play([_call("k1", 100.0)], [_agent("a1")])
    assert _story(lines) == [
        "0 agent a1 paused",
        "0 agent a1 available",
        "100 arrive k1",
        "100 offer k1 a1",
        "100 agent a1 ringing",
        "102 answer k1 a1",
        "102 agent a1 talking",
        "162 leave k1 a1 caller_hung_up",
        "162 agent a1 wrapup",
        "162 end k1 completed",
        "172 agent a1 available",
    ]
    assert (result.offered, result.answered, result.asa_s) == (1, 1, 2.0)


# Each call's own wrap-up: after the first call ten seconds, after the second none.
def test_given_calls_with_wrap_ups_of_their_own_when_played_then_each_is_kept() -> None:
    lines, _ = _play([_call("k1", 0.0), _call("k2", 1.0, wrap=0.0), _call("k3", 2.0)], [_agent("a1")])
    offers = {line["call"]: line["t"] for line in lines if line["ev"] == "offer"}
    assert offers == {"k1": 0.0, "k2": 72.0, "k3": 134.0}


def test_given_a_caller_whose_patience_ends_while_a_phone_rings_when_played_then_abandoned_and_she_is_free() -> None:
    lines, result = _play([_call("k1", 5.0, patience=1.0)], [_agent("a1")])
    assert _story(lines)[-4:] == [
        "5 agent a1 ringing",
        "6 offer_end k1 a1 caller_gone",
        "6 end k1 abandoned",
        "6 agent a1 available",
    ]
    assert (result.abandoned, result.short_abandoned) == (1, 1)


# C05: a ring-out: the next agent at once; she who rang out is not ready, and back half a minute later.
def test_c05_given_an_agent_who_never_answers_when_played_then_rona_and_the_next_one() -> None:
    lines, _ = _play([_call("k1", 5.0)], [_agent("a1", rona_p=1.0), _agent("a2")])
    told = _story(lines)
    assert told[told.index("25 offer_end k1 a1 rona") :][:5] == [
        "25 offer_end k1 a1 rona",
        "25 may k1 excluded",
        "25 agent a1 paused",
        "25 offer k1 a2",
        "25 agent a2 ringing",
    ]
    assert "55 agent a1 available" in told


# C26: a break that begins in a call is taken after it; hours that end in a call end after it.
def test_c26_given_a_break_and_the_end_of_the_shift_during_calls_when_played_then_after_them() -> None:
    lines, _ = _play([_call("k1", 90.0), _call("k2", 490.0)], [_agent("a1", breaks=[[100, 200]], off=500)])
    told = _story(lines)
    assert "162 agent a1 paused" in told
    assert "200 agent a1 available" in told
    offline = [line["t"] for line in lines if line["ev"] == "agent" and line["state"] == "offline"]
    assert offline == [0.0, 562.0]


# The end of a break does not cut after-call work short.
def test_given_a_break_that_ends_in_wrap_up_when_played_then_wrap_up_is_done_first() -> None:
    lines, _ = _play([_call("k1", 90.0, wrap=100.0)], [_agent("a1", breaks=[[100, 200]])])
    available = [line["t"] for line in lines if line.get("state") == "available"]
    assert available == [0.0, 252.0]


# C38: every call has exactly one end, also one that nobody can take.
def test_c38_given_a_call_nobody_can_take_when_the_day_is_over_then_it_ends_with_timeout() -> None:
    lines, result = _play([_call("k1", 5.0, skills={"welsh": 1})], [_agent("a1")])
    assert _story(lines)[-1] == "1000 end k1 timeout"
    assert result.other_exits == 1


def test_given_a_day_without_anybody_when_played_then_nothing_happens() -> None:
    lines, result = _play([], [])
    assert [line["ev"] for line in lines] == ["engine", "engine"]
    assert (result.offered, result.asa_s, result.occupancy) == (0, None, None)


# I3: "equal priority and earlier arrival", and between facts of one instant the order of lines decides: so of two who
# came together the one told first stays first, also when age has made their priorities equal. Found over random days.
def test_given_two_calls_of_one_instant_when_age_makes_them_equal_then_the_first_told_is_first() -> None:
    queue = Queue(
        id=QueueId("n.waste"), tenant=TenantId("n"), name="waste", ageing=(AgeStep(after_s=10.0, priority=2),)
    )
    calls = [_call("k2", 0.0), _call("k11", 0.0, priority=2)]
    day = read_day(json.dumps({"calls": calls, "agents": [_agent("a1", on=20)]}))
    lines: Lines = []
    simulate(day, write=lambda line: lines.append(dict(line)), queues=[queue])
    told = {kind: [line["call"] for line in lines if line["ev"] == kind] for kind in ("arrive", "offer")}
    assert told["arrive"] == told["offer"] == ["k2", "k11"]
    assert check(lines) == []


# "`*` = all": whatever else is said of her councils, as every reader of the facts takes it.
def test_given_an_agent_of_every_council_who_names_some_when_played_then_she_serves_all() -> None:
    lines, _ = _play([_call("k1", 5.0)], [_agent("a1", council="*", councils=["h"])])
    assert [line["agent"] for line in lines if line["ev"] == "answer"] == ["a1"]
    assert next(line["councils"] for line in lines if line["ev"] == "agent") == ["*"]


# What is called a digit and is none, or would be a number longer than Python takes, is a name like any other.
def test_given_calls_with_odd_names_when_played_then_each_is_served() -> None:
    names = ["\u00b2", "\u0663", "k", "7" * 200, "k\u00b2"]
    lines, result = _play([_call(name, 5.0) for name in names], [_agent("a1", off=3000)])
    assert result.answered == len(names)
    assert check(lines) == []


# A caller more patient than any day, and nobody who works any more: the figures cost no hour of half hours.
def test_given_a_caller_who_would_wait_for_years_when_nobody_comes_then_the_day_ends() -> None:
    lines, result = _play([_call("k1", 5.0, patience=1e15), _call("k2", 5.0, patience=1e6)], [_agent("a1", off=4)])
    assert [line["why"] for line in lines if line["ev"] == "end"] == ["abandoned", "timeout"]
    assert len(result.occupancy_by_half_hour) == 1


# The same day and seed give the same facts, byte for byte; another seed rings out elsewhere.
def test_given_the_same_day_when_played_twice_then_the_same_lines() -> None:
    calls = [_call(f"k{n}", n * 7.0, patience=60.0) for n in range(40)]
    agents = [_agent(f"a{n}", rona_p=0.3) for n in range(3)]
    assert _play(calls, agents)[0] == _play(calls, agents)[0]
    assert _play(calls, agents)[0] != _play(calls, agents, seed=1)[0]


SKILLS = st.dictionaries(st.sampled_from(["waste", "welsh"]), st.integers(1, 3), max_size=2)
QUEUES = st.sampled_from(["n.waste", "n.rent", "h.parks"])
TIMES = st.one_of(st.integers(0, 60).map(float), st.floats(0, 600, width=32))
CALLS = st.fixed_dictionaries(
    {
        "t": TIMES,
        "queue": QUEUES,
        "council": st.sampled_from(["n", "h"]),
        "priority": st.integers(0, 2),
        "skills": SKILLS,
        "patience": st.one_of(st.none(), TIMES),
        "service": TIMES,
        "wrap": TIMES,
    }
)
AGENTS = st.fixed_dictionaries(
    {
        "council": st.sampled_from(["n", "h", "*"]),
        "queues": st.lists(QUEUES, max_size=3),
        "skills": SKILLS,
        "on": st.integers(0, 300),
        "off": st.integers(300, 900),
        "answer_delay": st.sampled_from([0.0, 2.5, 30.0]),
        "rona_p": st.sampled_from([0.0, 0.5, 1.0]),
        "breaks": st.lists(st.tuples(st.integers(0, 400), st.integers(400, 800)), max_size=2),
    }
)


# P1, I1-I10: no breach on any day; every call ends exactly once.
@settings(max_examples=150, deadline=None)
@given(st.lists(CALLS, max_size=25), st.lists(AGENTS, max_size=5))
def test_given_any_day_when_played_then_no_invariant_is_broken_and_every_call_ends(
    calls: list[dict[str, object]], agents: list[dict[str, object]]
) -> None:
    calls = [{"call": f"k{n}", **one} for n, one in enumerate(calls)]
    lines, result = _play(calls, [{"agent": f"a{n}", **one} for n, one in enumerate(agents)])
    assert check(lines) == []
    ends = Counter(line["call"] for line in lines if line["ev"] == "end")
    assert ends == {one["call"]: 1 for one in calls}
    assert result.offered == result.answered + result.abandoned + result.other_exits == len(calls)


# C50: "I4 <= 1 s at 500 agents / 1,000 waiting": a thousand wait when five hundred come, and everybody is kept busy.
def test_c50_given_a_thousand_waiting_when_five_hundred_agents_come_then_nobody_idles_beside_a_call() -> None:
    skills = [{"waste": 1 + number % 5, "welsh": number % 3} for number in range(20)]
    queues = [f"n.q{number}" for number in range(10)]
    calls = [
        _call(f"k{n}", n * 0.01, queue=queues[n % 10], skills={"waste": 1 + n % 4}, service=20.0 + n % 30)
        for n in range(1200)
    ]
    agents = [
        _agent(f"a{n}", queues=[queues[n % 10], queues[n % 7]], skills=skills[n % 20], on=15, rona_p=0.02)
        for n in range(500)
    ]
    lines, result = _play(calls, agents)
    assert check(lines) == []
    assert result.answered + result.other_exits == 1200
