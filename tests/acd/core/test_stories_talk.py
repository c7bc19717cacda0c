"""Hang-ups in every state, wrap-up, and calls of the agent's own, told as stories."""

from __future__ import annotations

import pytest

from acd.core.inputs import DeadlinePassed
from kernel.agent import Occupation, Presence
from kernel.ids import AgentId
from kernel.seen import LegHungUp, OutcomeNamed
from tests.fakes.people import WASTE, a_queue, an_agent, ask, story, switchboard

pytestmark = pytest.mark.unit

A1 = AgentId("a1")


# C19: the caller hangs up in the menus, or while waiting.
def test_c19_given_a_caller_in_the_menus_or_waiting_when_hanging_up_then_abandoned() -> None:
    pbx = switchboard(an_agent("a1"))
    ask(pbx, "a1", Presence.NOT_READY)
    menus, waiting = pbx.call(), pbx.wait(WASTE)
    story(pbx)
    pbx.hang_up(menus)
    pbx.hang_up(waiting)
    pbx.settle()
    assert story(pbx) == ["end c1 abandoned", "end c2 abandoned"]


# The flow's own word counts for the end.
def test_given_a_flow_that_names_its_outcome_when_the_caller_is_gone_then_the_end_has_that_word() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.call()
    pbx.settle()
    story(pbx)
    pbx.feed(OutcomeNamed(contact=contact, why="informed"))
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx) == ["end c1 informed"]


# C19: no RONA charged; she is offered again only when her leg is gone, and keeps her place among the idle (C17).
def test_c19_given_a_ringing_phone_when_the_caller_hangs_up_then_she_is_free_when_her_leg_is_gone() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    idle_since = pbx.world.agents[A1].idle_since
    story(pbx)
    pbx.hang_up(contact)
    pbx.deliver()
    assert story(pbx) == ["offer_end c1 a1 caller_gone", "end c1 abandoned"]
    assert pbx.world.agents[A1].occupation is Occupation.RESERVED
    pbx.deliver()
    assert story(pbx) == ["agent a1 available"]
    assert pbx.world.agents[A1].idle_since == idle_since
    pbx.wait(WASTE)
    assert pbx.rung[-1].agent == A1


def test_given_a_leg_that_never_vanishes_when_two_seconds_are_over_then_she_is_freed_and_the_pbx_is_asked() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.hang_up(contact)
    pbx.deliver()
    pbx.events.clear()
    story(pbx)
    pbx.now += 2.0
    pbx.feed(DeadlinePassed())
    assert story(pbx) == ["agent a1 available"]
    assert pbx.world.needs_reconcile


# An offer whose leg was never dialled binds nobody.
def test_given_an_offer_not_yet_dialled_when_the_caller_hangs_up_then_free_at_once() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.call()
    pbx.enqueue(contact, WASTE, {})
    pbx.deliver()
    pbx.deliver()
    story(pbx)
    pbx.hang_up(contact)
    pbx.deliver()
    assert story(pbx) == ["offer_end c1 a1 caller_gone", "end c1 abandoned", "agent a1 available"]


# Both hang up in the same instant: either order gives one leave, one wrap-up, one end.
@pytest.mark.parametrize("agent_first", [True, False])
def test_given_a_talk_when_both_legs_go_in_either_order_then_one_leave_and_one_end(*, agent_first: bool) -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    story(pbx)
    pbx.hang_up(contact, agent_first=agent_first)
    pbx.settle()
    why = "agent_hung_up" if agent_first else "caller_hung_up"
    assert story(pbx) == [f"leave c1 a1 {why}", "agent a1 wrapup", "end c1 completed"]


def test_given_a_talk_when_only_the_agent_hangs_up_then_wrap_up_and_the_end_comes_with_the_caller() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    story(pbx)
    pbx.agent_hangs_up(contact)
    pbx.settle()
    assert story(pbx) == ["leave c1 a1 agent_hung_up", "agent a1 wrapup"]
    pbx.now += 5.0
    pbx.feed(DeadlinePassed())
    assert pbx.world.needs_reconcile
    pbx.hang_up(contact)
    pbx.settle()
    assert "end c1 completed" in story(pbx)


# C12: no offer during wrap-up; it ends by time, or early when she says ready.
def test_c12_given_wrap_up_when_time_is_over_or_ready_is_said_then_available_and_the_next_caller_is_offered() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=10.0),))
    first, second, third = (pbx.wait(WASTE) for _ in range(3))
    pbx.answer(first)
    pbx.settle()
    pbx.hang_up(first)
    pbx.settle()
    story(pbx)
    pbx.advance(9.9)
    assert story(pbx) == []
    pbx.advance(0.1)
    assert story(pbx) == ["agent a1 available", "offer c2 a1", "agent a1 ringing"]
    pbx.answer(second)
    pbx.settle()
    pbx.hang_up(second)
    pbx.settle()
    story(pbx)
    assert ask(pbx, "a1", Presence.READY).code == "done"
    assert story(pbx) == ["agent a1 available", "offer c3 a1", "agent a1 ringing"]
    assert pbx.callers[third].place == "take"


# C08, docs/asterisk.md rule 19: an agent's own call is TALKING without wrap-up; her place among the idle is kept.
def test_c08_given_an_own_call_when_a_caller_waits_then_not_offered_until_it_ends() -> None:
    pbx = switchboard(an_agent("a1"))
    idle_since = pbx.world.agents[A1].idle_since
    leg = pbx.own_call(A1)
    pbx.settle()
    contact = pbx.wait(WASTE)
    assert pbx.callers[contact].place == "hold"
    assert "agent a1 talking" in story(pbx)
    pbx.own_call_over(leg)
    pbx.settle()
    assert story(pbx) == ["agent a1 available", "offer c1 a1", "agent a1 ringing"]
    assert pbx.world.agents[A1].idle_since == idle_since


def test_given_wrap_up_when_an_own_call_outlasts_it_then_talking_and_only_then_available() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.settle()
    story(pbx)
    leg = pbx.own_call(A1)
    pbx.advance(30.0)
    assert story(pbx) == ["agent a1 talking"]
    pbx.own_call_over(leg)
    pbx.settle()
    assert story(pbx) == ["agent a1 available"]


# C52 (its simple part): an unreachable phone is offline and gets no offers.
def test_c52_given_an_idle_agent_when_her_phone_is_lost_then_offline_and_no_offer_until_it_is_back() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.reach(A1, reachable=False)
    contact = pbx.wait(WASTE)
    assert pbx.callers[contact].place == "hold"
    assert story(pbx)[0] == "agent a1 offline"
    pbx.reach(A1, reachable=True)
    pbx.settle()
    assert story(pbx) == ["agent a1 available", "offer c1 a1", "agent a1 ringing"]


# "end exactly once": what is told twice or too late changes nothing.
def test_given_a_contact_that_ended_when_late_events_come_then_nothing_happens() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    caller = pbx.callers[contact]
    pbx.hang_up(contact)
    pbx.settle()
    story(pbx)
    pbx.feed(LegHungUp(leg=caller.leg))
    pbx.callers[contact] = caller
    pbx.enqueue(contact, WASTE, {})
    del pbx.callers[contact]
    pbx.settle()
    assert story(pbx) == []
