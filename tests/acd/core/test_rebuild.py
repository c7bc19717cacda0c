"""Restarts and lost links: the PBX is the truth, nothing is told twice, nobody loses a place (C46, C11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.inputs import LinkLost, PresenceAsked, Reconciled
from acd.core.invariants import check
from kernel.agent import Occupation, Presence
from kernel.ids import AgentId
from tests.fakes.people import WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

A1 = AgentId("a1")


def _kept(pbx: SmallPbx) -> list[str]:
    """Read the facts since the switchboard was set up without taking them out: the store keeps them."""
    copy = [dict(line) for line in pbx.lines]
    told = story(pbx)
    pbx.lines.extend(copy)
    return told


def _told_by_restart(pbx: SmallPbx, *, held: int = 0) -> list[str]:
    """Kill the engine, start a new one, and return what it tells beyond policy and agents."""
    before = len(pbx.lines)
    pbx.boot(held=held)
    told = _kept(pbx)[before:]
    assert check(pbx.lines) == []
    return [line for line in told if not line.startswith(("config", "agent", "engine"))]


def test_given_waiting_callers_when_the_engine_is_killed_then_served_in_the_old_order_and_nothing_told_twice() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    ask(pbx, "a1", Presence.NOT_READY)
    for priority in (0, 0, 1):
        pbx.wait(WASTE, priority=priority)
    assert _told_by_restart(pbx) == []
    ask(pbx, "a1", Presence.READY)
    for contact in list(pbx.callers):
        pbx.advance(0.1)
        ringing = next(c for c in pbx.callers.values() if c.place == "take")
        pbx.answer(ringing.contact)
        pbx.settle()
        pbx.hang_up(ringing.contact)
        pbx.settle()
        assert contact
    assert [ring.contact for ring in pbx.rung] == ["c3", "c1", "c2"]


# Law 1: "no call ever depends on … a database": the store is away at the first look, and read at a later one.
def test_given_a_store_that_is_away_when_it_is_back_then_calls_that_ended_meanwhile_are_closed_once() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    talked, left, waits = (pbx.wait(WASTE) for _ in range(3))
    pbx.answer(talked)
    pbx.settle()
    pbx.hang_up(talked)
    pbx.hang_up(left)
    stored = list(pbx.lines)
    pbx.lines.clear()
    pbx.boot()
    pbx.settle()
    pbx.answer(waits)
    pbx.settle()
    assert [line["call"] for line in pbx.lines if line["ev"] == "arrive"] == [waits]
    assert not [line for line in pbx.lines if line["ev"] == "end"]
    pbx.lines[:0] = stored
    pbx.reconcile()
    pbx.reconcile()
    ends = [(line["call"], line["why"], line["src"]) for line in pbx.lines if line["ev"] == "end"]
    assert ends == [(talked, "completed", "pbx"), (left, "abandoned", "pbx")]
    assert [line["why"] for line in pbx.lines if line["ev"] == "leave"] == ["caller_hung_up"]
    # Who talks now talks on.
    assert (pbx.world.agents[A1].occupation, pbx.world.agents[A1].contact) == (Occupation.TALKING, waits)


# P11: "all its calls closed as failed", also where that is known only later.
def test_given_a_pbx_that_died_and_a_store_that_was_away_when_it_is_back_then_its_calls_ended_failed() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.callers.clear()
    pbx.legs.clear()
    stored = list(pbx.lines)
    pbx.lines.clear()
    pbx.boot()
    pbx.lines[:0] = stored
    pbx.feed(Reconciled(seen=replace(pbx.snapshot(), told_reborn=True), held=()))
    assert [(line["call"], line["why"]) for line in pbx.lines if line["ev"] == "end"] == [(contact, "failed")]


# docs/asterisk.md rule 6: ringing -> adopted with the time left.
def test_given_a_ringing_phone_when_the_engine_is_killed_then_the_offer_is_adopted_with_the_time_left() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(ring_time_s=15.0),))
    contact = pbx.wait(WASTE)
    pbx.advance(10.0)
    assert _told_by_restart(pbx) == []
    offer = pbx.world.contacts[contact].offer
    assert offer is not None
    assert offer.until == pytest.approx(pbx.now + 10.0)
    assert pbx.world.agents[A1].occupation is Occupation.RESERVED
    pbx.answer(contact)
    pbx.settle()
    assert _kept(pbx)[-2:] == ["answer c1 a1", "agent a1 talking"]


# I7: a recording runs from the join; an answer told when the engine was back made the talk shorter than its recording.
def test_given_an_agent_who_answers_while_the_engine_is_dead_when_it_is_back_then_the_answer_has_its_true_time() -> (
    None
):
    pbx = switchboard(an_agent("a1"), queues=(a_queue(ring_time_s=15.0),))
    contact = pbx.wait(WASTE)
    pbx.advance(1.0)
    pbx.answer(contact)
    joined_at = pbx.now
    pbx.now += 4.0
    assert _told_by_restart(pbx) == ["answer c1 a1"]
    assert next(line["t"] for line in pbx.lines if line["ev"] == "answer") == joined_at


# docs/asterisk.md rule 6: bridged -> TALKING by bridge id; wrap-up deadline kept; idle time kept.
def test_given_talk_wrap_up_and_idle_when_the_engine_is_killed_then_each_goes_on() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"), an_agent("a3"), queues=(a_queue(wrap_up_s=10.0),))
    talk, done = pbx.wait(WASTE), pbx.wait(WASTE)
    for contact in (talk, done):
        pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(done)
    pbx.settle()
    idle_since = pbx.world.agents[AgentId("a3")].idle_since
    pbx.advance(4.0)
    assert _told_by_restart(pbx) == []
    agents = pbx.world.agents
    assert [agents[AgentId(name)].occupation.value for name in ("a1", "a2", "a3")] == ["talking", "wrap_up", "idle"]
    assert agents[AgentId("a3")].idle_since == idle_since
    pbx.advance(5.9)
    assert agents[AgentId("a2")].occupation is Occupation.WRAP_UP
    pbx.advance(0.1)
    assert agents[AgentId("a2")].occupation is Occupation.IDLE
    pbx.hang_up(talk)
    pbx.settle()
    assert _kept(pbx)[-3:] == ["leave c1 a1 caller_hung_up", "agent a1 wrapup", "end c1 completed"]


# P10: calls that ended while the engine was dead are closed, marked as found on the PBX.
def test_given_calls_that_end_while_the_engine_is_dead_when_it_is_back_then_closed_once_with_src_pbx() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    talk, ringing, waiting = (pbx.wait(WASTE) for _ in range(3))
    pbx.answer(talk)
    pbx.settle()
    menus = pbx.call()
    pbx.settle()
    for contact in (talk, ringing, waiting, menus):
        pbx.hang_up(contact)
    told = _told_by_restart(pbx)
    assert sorted(told) == sorted(
        [
            "leave c1 a1 caller_hung_up",
            "end c1 completed pbx",
            "offer_end c2 a2 caller_gone",
            "end c2 abandoned pbx",
            "end c3 abandoned pbx",
            "end c4 abandoned pbx",
        ]
    )


def test_given_an_own_call_and_a_break_when_the_engine_is_killed_then_both_are_known_again() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    ask(pbx, "a2", Presence.NOT_READY, "training")
    leg = pbx.own_call(A1)
    pbx.settle()
    pbx.boot()
    assert pbx.world.agents[A1].occupation is Occupation.TALKING
    assert pbx.world.agents[AgentId("a2")].aux_code == "training"
    pbx.own_call_over(leg)
    pbx.settle()
    assert pbx.world.agents[A1].occupation is Occupation.IDLE


# A ring-out told while the snapshot is taken is not lost: not ready, and not rung again for this call.
def test_given_a_ring_out_during_the_look_when_caught_up_then_it_counts_as_one() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.refuse(contact, "rona")
    pbx.reconcile()
    pbx.settle()
    assert story(pbx) == [
        "engine reconciling",
        "offer_end c1 a1 rona",
        "may c1 not a1",
        "agent a1 paused rona",
        "engine up",
        "offer c1 a2",
        "agent a2 ringing",
    ]


# docs/asterisk.md rule 8: cut off, nothing is sent; what people ask is applied without ringing.
def test_given_a_lost_link_when_an_agent_says_ready_then_nobody_is_rung_before_the_pbx_is_seen() -> None:
    pbx = switchboard(an_agent("a1"))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.feed(LinkLost())
    effects = pbx.feed(PresenceAsked(agent=A1, presence=Presence.READY, aux_code=None, ask=99))
    assert pbx.outcomes[99].code == "done"
    assert [type(effect).__name__ for effect in effects] == ["PublishFact", "AnswerAsker"]
    assert story(pbx) == ["engine reconciling", "agent a1 available"]
    pbx.reconcile(lose=True)
    assert story(pbx) == ["engine up", "offer c1 a1", "agent a1 ringing"]
    assert pbx.memories[A1].presence is Presence.READY
    assert pbx.rung[-1].epoch == pbx.epoch
    assert pbx.rung[-1].contact == contact


# Both the PBX and its memory of agents are gone: the living engine writes its own back.
def test_given_a_pbx_that_lost_its_memory_when_seen_again_then_it_is_written_back() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.memories.clear()
    pbx.reconcile(lose=True)
    assert pbx.memories[A1].presence is Presence.READY
