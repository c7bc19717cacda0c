"""The floor: so many agents, or the next to be free, are held for emergencies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.explain import explain
from acd.core.explain_past import explain_past
from acd.core.inputs import PeopleChanged
from acd.core.invariants import check
from kernel.agent import Presence
from kernel.ids import AgentId, QueueId
from kernel.queues import Queue
from tests.fakes.people import WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

DANGER = QueueId("northmere.danger")
BOTH = (WASTE, DANGER)


def _queues(floor: int) -> tuple[Queue, ...]:
    return (a_queue(wrap_up_s=0.0), replace(a_queue(DANGER, wrap_up_s=0.0), emergency=True, floor=floor))


def _floor(*queues: tuple[QueueId, ...], floor: int = 1) -> SmallPbx:
    pbx = switchboard(*(an_agent(f"a{n}", queues=one) for n, one in enumerate(queues, 1)), queues=_queues(floor))
    pbx.boot()
    return pbx


def _whys(pbx: SmallPbx, contact: str) -> dict[str, str]:
    told = explain(pbx.world, next(one for one in pbx.callers if one == contact), pbx.now)
    assert told is not None
    return {row["agent"]: row["why"] for row in told["not_eligible"]}  # type: ignore[attr-defined]  # rows


# Issue 3: "Floor: n agents (or the next free) held for emergencies".
def test_given_a_floor_of_one_when_two_are_idle_then_one_ordinary_call_is_served_and_the_emergency_at_once() -> None:
    pbx = _floor(BOTH, BOTH)
    first, second = pbx.wait(WASTE), pbx.wait(WASTE)
    assert [(ring.contact, ring.agent) for ring in pbx.rung] == [(first, "a1")]
    assert _whys(pbx, second) == {"a1": "ringing", "a2": "floor"}
    urgent = pbx.wait(DANGER)
    assert (pbx.rung[-1].contact, pbx.rung[-1].agent) == (urgent, "a2")
    assert check(pbx.lines) == []


def test_given_everybody_busy_when_one_frees_then_she_is_held_and_the_next_takes_the_ordinary_call() -> None:
    pbx = _floor(BOTH, BOTH, floor=1)
    talks = [pbx.wait(WASTE), pbx.wait(DANGER)]
    for talk in talks:
        pbx.answer(talk)
    pbx.settle()
    waits = pbx.wait(WASTE)
    pbx.hang_up(talks[0])
    pbx.advance(5.0)
    assert len(pbx.rung) == 2
    pbx.hang_up(talks[1])
    pbx.settle()
    # The one held longer is the longest idle: she goes, and the other is held now.
    assert (pbx.rung[-1].contact, pbx.rung[-1].agent) == (waits, "a1")
    assert pbx.world.agents[AgentId("a2")].held
    assert check(pbx.lines) == []


# Whoever makes it one more sets the others free, also for calls she could not take herself.
def test_given_a_held_agent_when_another_frees_then_the_held_one_takes_what_only_she_can() -> None:
    pbx = switchboard(an_agent("a1", queues=BOTH, skills={"welsh": 3}), an_agent("a2", queues=BOTH), queues=_queues(1))
    ask(pbx, "a2", Presence.NOT_READY)
    contact = pbx.wait(WASTE, {"welsh": 3})
    assert pbx.rung == []
    ask(pbx, "a2", Presence.READY)
    assert (pbx.rung[-1].contact, pbx.rung[-1].agent) == (contact, "a1")


def test_given_one_who_cannot_take_emergencies_when_a_floor_holds_the_others_then_she_is_not_held() -> None:
    pbx = _floor((WASTE,), BOTH)
    assert [pbx.wait(WASTE), pbx.rung[-1].agent] == ["c1", "a1"]
    pbx.wait(WASTE)
    assert len(pbx.rung) == 1


# The facts tell it by the queues of the held agent, so that any checker of the facts reads it right.
def test_given_a_held_agent_when_facts_are_read_then_her_queues_say_so_and_the_past_is_explained() -> None:
    pbx = _floor(BOTH)
    held = [line for line in pbx.lines if line["ev"] == "agent" and line.get("held")]
    assert held[-1]["queues"] == [DANGER]
    contact = pbx.wait(WASTE)
    pbx.advance(30.0)
    assert check(pbx.lines) == []
    pbx.hang_up(contact)
    pbx.settle()
    told = explain_past(pbx.lines, contact)
    assert told is not None
    assert [row["why"] for row in told["not_eligible"]] == ["floor"]  # type: ignore[attr-defined]  # rows
    urgent = pbx.wait(DANGER)
    assert pbx.rung[-1].contact == urgent
    freed = [line for line in pbx.lines if line["ev"] == "agent" and line.get("held") is False]
    assert freed[-1]["queues"] == list(BOTH)


def test_given_a_held_agent_when_the_floor_is_taken_away_then_she_is_offered_the_ordinary_call() -> None:
    pbx = _floor(BOTH)
    pbx.wait(WASTE)
    assert pbx.rung == []
    pbx.queues = _queues(0)
    pbx.feed(PeopleChanged(agents=pbx.agents, queues=pbx.queues))
    assert [ring.agent for ring in pbx.rung] == ["a1"]
    assert check(pbx.lines) == []
