"""Days with routing of their own: each policy is seen at work, the guide's example is played, what-ifs change it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from acd.core.invariants import check
from acd.simulate.run import simulate
from guildhall.simulate_day import DayBook, Plan, read_day_book
from kernel.errors import BadInput
from kernel.located import ConfigErrors

pytestmark = pytest.mark.shell

Lines = list[dict[str, Any]]
_ROOT = Path(__file__).parents[2]


def _call(name: str, t: float, **more: object) -> dict[str, object]:
    plain = {"queue": "n.waste", "council": "n", "patience": None, "service": 60.0, "wrap": 0.0}
    return {"call": name, "t": t, **plain, **more}


def _agent(name: str, **more: object) -> dict[str, object]:
    return {"agent": name, "council": "n", "queues": ["n.waste"], "on": 0, "off": 1000, "answer_delay": 2.0, **more}


def _book(
    calls: list[dict[str, object]], agents: list[dict[str, object]], queues: list[dict[str, object]], **councils: object
) -> DayBook:
    routing = {"queues": queues, "councils": councils}
    text = json.dumps({"calls": calls, "agents": agents, "routing": routing})
    return read_day_book(text, "day.json", service_level_s=20.0)


def _play(plan: Plan) -> Lines:
    lines: Lines = []
    simulate(
        plan.day,
        queues=plan.queues,
        write=lambda line: lines.append(json.loads(json.dumps(line, default=dict))),
    )
    assert check(lines) == []
    return lines


def _told(lines: Lines, *kinds: str) -> list[str]:
    fields = ("t", "ev", "call", "agent", "queue", "why", "to")
    return [" ".join(str(line[name]) for name in fields if name in line) for line in lines if line["ev"] in kinds]


# C17: "by a call lost while ringing (configurable)".
def test_c17_given_idle_time_anew_when_a_caller_goes_while_it_rings_then_the_next_call_is_the_others() -> None:
    calls = [_call("k1", 20.0, patience=1.0), _call("k2", 30.0)]
    agents = [_agent("a1", on=1), _agent("a2", on=10)]
    book = _book(calls, agents, [])
    assert [line["agent"] for line in _play(book.plan()) if line["ev"] == "offer"] == ["a1", "a1"]
    book = _book(calls, agents, [{"id": "n.waste", "idle_after_lost": "anew"}])
    assert [line["agent"] for line in _play(book.plan()) if line["ev"] == "offer"] == ["a1", "a2"]


# Weight: a minute a point. Two wait when an agent comes; the younger one's queue counts two minutes.
def test_given_a_weight_when_two_wait_then_the_heavier_queue_goes_first() -> None:
    calls = [_call("k1", 0.0), _call("k2", 60.0, queue="n.rent")]
    agents = [_agent("a1", queues=["n.waste", "n.rent"], on=100)]
    book = _book(calls, agents, [{"id": "n.rent", "weight": 2}])
    assert _told(_play(book.plan()), "answer") == ["102.0 answer k2 a1", "164.0 answer k1 a1"]
    assert _told(_play(book.changed("n.rent.weight=0")), "answer")[0] == "102.0 answer k1 a1"


# A queue that nobody rings is its own council's, whoever serves it: else its emergency queue would be none.
def test_given_an_emergency_queue_nobody_rings_when_another_council_serves_it_then_its_floor_holds() -> None:
    queues = ["n.waste", "n.danger"]
    helper = _agent("a2", queues=["n.danger"], council="h", councils=["n", "h"], on=50)
    agents = [_agent("a1", queues=queues), helper]
    book = _book([_call("k1", 0.0)], agents, [{"id": "n.danger", "floor": 1}], n={"emergency_queue": "n.danger"})
    assert _told(_play(book.plan()), "offer") == ["50.0 offer k1 a1"]


def test_given_an_emergency_queue_of_another_council_when_read_then_refused() -> None:
    calls = [_call("k1", 0.0), _call("k2", 0.0, queue="h.danger", council="h")]
    with pytest.raises(ConfigErrors, match=r"queue 'h\.danger' belongs to council 'h'"):
        _book(calls, [_agent("a1")], [], n={"emergency_queue": "h.danger"}, h={}).plan()


# The floor: the last idle agent is kept for an emergency, which goes ahead of everybody.
def test_given_a_floor_when_calls_wait_then_one_is_held_and_an_emergency_is_answered_at_once() -> None:
    queues = ["n.waste", "n.danger"]
    calls = [_call("k1", 0.0), _call("k2", 1.0), _call("k3", 30.0, queue="n.danger")]
    book = _book(
        calls,
        [_agent("a1", queues=queues), _agent("a2", queues=queues)],
        [{"id": "n.danger", "floor": 1}],
        n={"emergency_queue": "n.danger"},
    )
    assert _told(_play(book.plan()), "offer") == ["0.0 offer k1 a1", "30.0 offer k3 a2", "92.0 offer k2 a1"]


# A cap: one council may use half of the agents, whoever idles.
def test_given_a_cap_when_more_calls_come_then_the_rest_wait_while_agents_idle() -> None:
    calls = [_call(f"k{n}", float(n)) for n in range(4)]
    book = _book(calls, [_agent(f"a{n}") for n in range(4)], [], n={"cap": 50})
    assert _told(_play(book.plan()), "offer")[:3] == ["0.0 offer k0 a0", "1.0 offer k1 a1", "62.0 offer k2 a2"]
    assert len([line for line in _play(book.changed("n.cap=none")) if line["ev"] == "offer" and line["t"] < 10]) == 4


# Limits: overflow keeps the arrival, a full queue rejects, a message box takes a message.
def test_given_limits_when_met_then_each_way_out_and_its_word() -> None:
    calls = [_call(f"k{n}", 2.0 * n) for n in range(4)] + [_call("k9", 500.0, queue="n.rent")]
    queues: list[dict[str, object]] = [
        {
            "id": "n.waste",
            "limits": {
                "timeout": {"after": "20s", "to": "overflow", "queue": "n.rent"},
                "full": {"at": 2, "to": "message", "prompts": ["exit_sorry"]},
            },
        },
        {"id": "n.rent", "limits": {"nobody": {"after": 5, "to": "voicemail", "box": "rent"}}},
    ]
    lines = _play(_book(calls, [_agent("a1", answer_delay=1.0)], queues).plan())
    assert _told(lines, "exit", "transfer", "end") == [
        "6.0 exit k3 n.waste full message",
        "6.0 end k3 rejected",
        "22.0 exit k1 n.waste timeout overflow",
        "22.0 transfer k1 n.rent",
        "24.0 exit k2 n.waste timeout overflow",
        "24.0 transfer k2 n.rent",
        "27.0 exit k1 n.rent nobody voicemail",
        "27.0 end k1 voicemail",
        "29.0 exit k2 n.rent nobody voicemail",
        "29.0 end k2 voicemail",
        "61.0 end k0 completed",
        "505.0 exit k9 n.rent nobody voicemail",
        "505.0 end k9 voicemail",
    ]


# A callback: who agrees keeps the place and loses no patience; who does not waits on and hangs up.
@pytest.mark.parametrize(("agrees", "end"), [(1.0, "190.0 end k2 completed"), (0.0, "101.0 end k2 abandoned")])
def test_given_a_callback_when_offered_then_who_agrees_is_rung_in_turn(agrees: float, end: str) -> None:
    calls = [_call("k1", 0.0, service=126.0), _call("k2", 1.0, patience=100.0, agrees=agrees)]
    limits = {"timeout": {"after": "30s", "to": "callback"}}
    lines = _play(_book(calls, [_agent("a1")], [{"id": "n.waste", "limits": limits}]).plan())
    assert [one for one in _told(lines, "end") if "k2" in one] == [end]
    assert [one for one in _told(lines, "callback") if "k2" in one] == (["39.0 callback k2"] if agrees else [])


# Ask first: who agrees is answered by whoever is there, who does not waits on for who has the skill.
@pytest.mark.parametrize(("agrees", "answered"), [(1.0, "30.0 answer k1 a1"), (0.0, "202.0 answer k1 a2")])
def test_given_a_queue_that_asks_first_when_nobody_has_the_skill_then_the_callers_word_decides(
    agrees: float, answered: str
) -> None:
    step = {"after": "20s", "skills": {}, "ask": {"prompts": ["ask_other_language"]}}
    agents = [_agent("a1"), _agent("a2", skills={"welsh": 3}, on=200)]
    book = _book(
        [_call("k1", 0.0, agrees=agrees)], agents, [{"id": "n.waste", "skills": {"welsh": 3}, "relaxing": [step]}]
    )
    lines = _play(book.plan())
    assert _told(lines, "answer") == [answered]
    assert _told(lines, "asked", "agreed")[0] == "20.0 asked k1"


# Several phones: the quicker one has the call, the other is free and charged with nothing.
def test_given_two_phones_at_once_when_rung_then_the_quicker_one_answers() -> None:
    agents = [_agent("a1", answer_delay=9.0), _agent("a2", answer_delay=4.0)]
    lines = _play(_book([_call("k1", 10.0)], agents, [{"id": "n.waste", "ring_at_once": 2}]).plan())
    assert _told(lines, "offer", "offer_end", "answer") == [
        "10.0 offer k1 a1",
        "10.0 offer k1 a2",
        "14.0 answer k1 a2",
        "14.0 offer_end k1 a1 answered_elsewhere",
    ]


def test_given_two_phones_that_ring_out_when_rung_then_both_are_charged_and_come_back() -> None:
    agents = [_agent("a1", rona_p=1.0), _agent("a2", rona_p=1.0), _agent("a3", on=40)]
    lines = _play(_book([_call("k1", 10.0)], agents, [{"id": "n.waste", "ring_at_once": 2, "ring_time": "15s"}]).plan())
    assert _told(lines, "offer_end") == ["25.0 offer_end k1 a1 rona", "25.0 offer_end k1 a2 rona"]
    assert [line["t"] for line in lines if line.get("agent") == "a2" and line.get("state") == "available"] == [
        0.0,
        55.0,
    ]


# An order and a delay of an agent's own, and a phone that would be answered only after it has stopped ringing.
def test_given_orders_delays_and_a_slow_agent_when_played_then_as_on_the_telephone() -> None:
    serves = ["n.waste", {"queue": "n.rent", "order": 2, "delay": "10s"}]
    calls = [_call("k1", 0.0, queue="n.rent"), _call("k2", 9.0)]
    lines = _play(_book(calls, [_agent("a1", queues=serves)], []).plan())
    assert _told(lines, "offer") == ["9.0 offer k2 a1", "71.0 offer k1 a1"]
    slow = _play(
        _book([_call("k1", 0.0)], [_agent("a1", answer_delay=9.0)], [{"id": "n.waste", "ring_time": 5}]).plan()
    )
    assert _told(slow, "offer_end")[0] == "5.0 offer_end k1 a1 rona"


def test_given_the_councils_folder_when_a_day_is_read_then_its_files_hold_beneath_the_day() -> None:
    calls = [_call("k1", 0.0, queue="northmere.emergency", council="northmere")]
    agents = [_agent("northmere-a001", queues=["northmere.waste"], council="northmere")]
    text = json.dumps(
        {"calls": calls, "agents": agents, "routing": {"queues": [{"id": "northmere.waste", "weight": 7}]}}
    )
    plan = read_day_book(text, "day.json", service_level_s=20.0, councils=_ROOT / "dialplans").plan()
    found = {str(queue.id): queue for queue in plan.queues}
    waste, danger = found["northmere.waste"], found["northmere.emergency"]
    assert (waste.weight, waste.wrap_up_s, waste.limits.timeout is not None) == (7, 5.0, True)
    assert (danger.emergency, danger.priority, danger.wrap_up_s) == (True, 10, 10.0)
    assert plan.day.agents[0].councils == ("northmere", "harbourside")
    # Nobody ever comes: what is told again and again while she waits does not keep the day from ending.
    assert _told(_play(plan), "end") == ["1000.0 end k1 timeout"]


def _guide() -> str:
    text = (_ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- example: a day -->\n```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


# The guide's own example and its table of changes are what they say.
def test_given_the_guides_example_when_played_with_each_change_of_its_table_then_all_work() -> None:
    book = read_day_book(_guide(), "day.json", service_level_s=20.0)
    lines = _play(book.plan())
    assert sum(line["ev"] == "end" for line in lines) == 4
    table = (_ROOT / "docs" / "simulate.md").read_text(encoding="utf-8").split("## What if")[1].split("## ")[0]
    changes = [one for line in table.splitlines() if line.startswith("| `") for one in re.findall(r"`(\S+=\S+)`", line)]
    assert len(changes) == 7
    for change in changes:
        if change not in {"agents=-2", "northmere.cap=50"}:
            assert _play(book.changed(change)) != []
    # What it says of mistakes, line and all.
    broken = _guide().replace('"weight": 1', '"wieght": 1')
    with pytest.raises(BadInput) as caught:
        read_day_book(broken, "day.json", service_level_s=20.0).plan()
    assert str(caught.value) in (_ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("n.waste.wieght=2", "--what-if 'n.waste.wieght=2'"),
        ("m.waste.weight=2", "begins with no queue or council of the day"),
        ("agents@n.nobody=+1", "the day has 0 agents who serve n.nobody"),
        ("weight", "a what-if is written"),
        ("n.waste.limits.timeout.after.x=1 and n.waste.limits.timeout.after.x.y=1", "leads into something"),
        ("n.waste.relaxing=[] and n.waste.relaxing.0.after=1s", "a list is counted from 0, and this one has 0"),
        ("n.waste.strategy={", "'{': "),
        ("n.waste.strategy=[a", "'[a': "),
    ],
)
def test_given_a_change_that_cannot_be_when_asked_then_refused_with_what_to_do(change: str, told: str) -> None:
    book = _book([_call("k1", 0.0)], [_agent("a1")], [])
    with pytest.raises(BadInput) as caught:
        book.changed(change)
    assert told in str(caught.value)
