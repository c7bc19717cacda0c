"""Offers: answered, rung out, refused, withdrawn, told as stories."""

from __future__ import annotations

import pytest

from acd.core.effects import RingAgent, WithdrawOffer
from acd.core.inputs import DeadlinePassed
from kernel.agent import Presence
from kernel.ids import AgentId
from kernel.seen import ContactHolding, LegEnteredBridge, LegHeld, OfferReturned, RedirectRefused
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _in_doubt(pbx: SmallPbx) -> bool:
    """Whether the core wants the PBX looked at."""
    return pbx.world.needs_reconcile


# C01: offered within a second; arrive, offer, answer, end in that order, each once.
def test_c01_given_a_ready_agent_when_a_caller_waits_and_talks_then_the_facts_tell_the_call_in_order() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.advance(10.0)
    assert story(pbx) == [
        "call c1",
        "arrive c1 northmere.waste",
        "offer c1 a1",
        "agent a1 ringing",
        "answer c1 a1",
        "agent a1 talking",
        "leave c1 a1 caller_hung_up",
        "agent a1 wrapup",
        "end c1 completed",
        "agent a1 available",
    ]


def test_given_a_waiting_caller_when_offered_then_the_redirect_carries_epoch_offer_and_ring_time() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(ring_time_s=20.0),))
    contact = pbx.wait(WASTE)
    assert pbx.rung == [
        RingAgent(
            contact=contact,
            channel=f"PJSIP/trunk-{pbx.callers[contact].leg}",
            offer=pbx.rung[0].offer,
            epoch=pbx.epoch,
            agent=AgentId("a1"),
            ring_time_s=20.0,
        )
    ]
    assert pbx.rung[0].offer == f"{pbx.epoch}-1"


# Joined means: caller and agent stand in the same bridge, whoever came first.
@pytest.mark.parametrize("agent_first", [True, False])
def test_given_a_ringing_phone_when_both_enter_the_bridge_in_either_order_then_one_answer(*, agent_first: bool) -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.answer(contact, agent_first=agent_first)
    pbx.settle()
    assert story(pbx) == ["answer c1 a1", "agent a1 talking"]


# A caller in one bridge and the agent in another do not talk.
def test_given_a_ringing_phone_when_the_two_are_in_different_bridges_then_no_answer() -> None:
    pbx = switchboard(an_agent("a1"))
    caller = pbx.callers[pbx.wait(WASTE)]
    assert caller.agent_leg is not None
    story(pbx)
    pbx.feed(LegEnteredBridge(leg=caller.agent_leg, bridge="b1"))
    pbx.feed(LegEnteredBridge(leg=caller.leg, bridge="b2"))
    assert story(pbx) == []


# C05: RONA: original place, next agent at once, not ready with that reason, not rung again for this call.
def test_c05_given_two_agents_when_the_first_rings_out_then_not_ready_and_the_other_is_rung_at_once() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    pbx.wait(WASTE)
    story(pbx)
    began = pbx.now
    pbx.advance(15.0)
    assert pbx.now == began + 15.0
    assert story(pbx) == [
        "offer_end c1 a1 rona",
        "may c1 not a1",
        "agent a1 paused rona",
        "offer c1 a2",
        "agent a2 ringing",
    ]
    assert pbx.world.agents[AgentId("a1")].presence is Presence.NOT_READY


# C05, C11: the old place is kept; she who rang out is not rung for this call, but for the next one.
def test_c05_given_a_ring_out_when_she_is_ready_again_then_she_gets_the_later_caller_until_the_exclusion_ends() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(rona_exclude_s=60.0, wrap_up_s=0.0),))
    first = pbx.wait(WASTE)
    second = pbx.wait(WASTE)
    pbx.refuse(first, "rona")
    pbx.settle()
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[second].place == "take"
    pbx.answer(second)
    pbx.settle()
    pbx.hang_up(second)
    pbx.settle()
    assert pbx.callers[first].place == "hold"
    story(pbx)
    pbx.advance(60.0)
    assert story(pbx)[:2] == ["offer c1 a1", "agent a1 ringing"]


# The ring time is over when the dialplan says so; the next phone rings only once the caller is seen in [hold] again.
def test_given_an_offer_that_came_back_when_not_yet_holding_then_chosen_but_not_rung() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    rung = pbx.rung[0]
    pbx.feed(OfferReturned(contact=contact, offer=rung.offer, why="busy"))
    assert pbx.lines[-2]["ev"] == "offer"
    assert len(pbx.rung) == 1
    wish = pbx.callers[contact].wish
    assert wish is not None
    pbx.callers[contact].place = "hold"
    pbx.feed(ContactHolding(wish=wish))
    assert [ring.agent for ring in pbx.rung] == ["a1", "a2"]


# C06, C07: refusals and unreachable phones have a reason and a delay of their own, and nobody is set not ready.
@pytest.mark.parametrize(("why", "seconds"), [("reject", 10.0), ("busy", 5.0), ("unreachable", 5.0), ("failed", 2.0)])
def test_c06_given_a_phone_that_fails_when_the_offer_is_back_then_it_rests_with_that_reason(
    why: str, seconds: float
) -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.refuse(contact, why)
    pbx.settle()
    assert story(pbx) == [f"offer_end c1 a1 {why}", "may c1 not a1", f"agent a1 paused {why}"]
    assert pbx.world.agents[AgentId("a1")].presence is Presence.READY
    later = pbx.wait(RENT)
    pbx.advance(seconds - 0.1)
    assert not [line for line in story(pbx) if line.startswith("agent")]
    pbx.advance(0.1)
    assert story(pbx) == ["agent a1 available"]
    assert pbx.callers[later].place == "hold"


# C07: N refusals in a row set her not ready with that reason; a busy phone was never rung and counts for nothing (C06);
# "0: never" (dialplans/README.md).
@pytest.mark.parametrize(
    ("why", "limit", "not_ready"),
    [("reject", 3, True), ("unreachable", 3, True), ("busy", 3, False), ("reject", 0, False)],
)
def test_c07_given_three_calls_refused_in_a_row_when_the_third_is_back_then_not_ready(
    why: str, limit: int, *, not_ready: bool
) -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(failures_in_row=limit),))
    for number in range(3):
        assert pbx.world.agents[AgentId("a1")].presence is Presence.READY, number
        contact = pbx.wait(WASTE)
        pbx.refuse(contact, why)
        pbx.advance(11.0)
        pbx.hang_up(contact)
        pbx.settle()
    agent = pbx.world.agents[AgentId("a1")]
    assert (agent.presence is Presence.NOT_READY) == not_ready
    assert agent.aux_code == (why if not_ready else None)


# ... and an answer in between begins the count anew.
def test_given_two_refusals_when_she_answers_the_next_then_two_more_leave_her_ready() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    for why in ("reject", "reject", None, "reject", "reject"):
        contact = pbx.wait(WASTE)
        if why is None:
            pbx.answer(contact)
            pbx.settle()
        else:
            pbx.refuse(contact, why)
        pbx.advance(11.0)
        pbx.hang_up(contact)
        pbx.settle()
    assert pbx.world.agents[AgentId("a1")].presence is Presence.READY


# A stale token is nobody's failure; a second one in a row means that the PBX is told by somebody else.
def test_given_a_stale_token_when_the_offer_is_back_then_no_punishment_and_a_second_one_asks_the_pbx() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.call()
    pbx.enqueue(contact, WASTE, {})
    pbx.deliver()
    pbx.deliver()
    story(pbx)
    pbx.feed(OfferReturned(contact=contact, offer=pbx.rung[-1].offer, why="stale_token"))
    assert story(pbx) == ["offer_end c1 a1 stale_token", "agent a1 available", "offer c1 a1", "agent a1 ringing"]
    wish = pbx.callers[contact].wish
    assert wish is not None
    pbx.feed(ContactHolding(wish=wish))
    pbx.feed(OfferReturned(contact=contact, offer=pbx.rung[-1].offer, why="stale_token"))
    assert _in_doubt(pbx)


# Law 3: an offer that hears nothing is withdrawn; the caller is not offered again before seen holding.
def test_given_a_phone_that_rings_for_ever_when_ring_time_and_five_seconds_are_over_then_withdrawn() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    leg = pbx.callers[contact].agent_leg
    pbx.now += 19.9
    assert pbx.feed(DeadlinePassed()) == []
    story(pbx)
    pbx.now += 0.1
    effects = pbx.feed(DeadlinePassed())
    rung = pbx.rung[0]
    assert effects == [WithdrawOffer(contact=contact, channel=rung.channel, offer=rung.offer, agent_leg=leg)]
    assert story(pbx) == []
    pbx.settle()
    assert story(pbx) == [
        "offer_end c1 a1 withdrawn",
        "may c1 not a1",
        "agent a1 paused withdrawn",
        "offer c1 a2",
        "agent a2 ringing",
    ]


# ... and when the PBX does not show the end of a withdrawn offer within three seconds, it is asked.
def test_given_a_withdrawn_offer_when_nothing_is_heard_for_three_seconds_then_the_pbx_is_asked() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.wait(WASTE)
    story(pbx)
    pbx.now += 20.0
    pbx.feed(DeadlinePassed())
    pbx.now += 2.9
    pbx.feed(DeadlinePassed())
    assert not _in_doubt(pbx)
    pbx.now += 0.1
    pbx.feed(DeadlinePassed())
    assert _in_doubt(pbx)
    assert story(pbx) == []


# A withdrawal may lose the race against the answer: exactly one outcome.
def test_given_a_withdrawn_offer_when_both_are_joined_all_the_same_then_answered() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.now += 20.0
    pbx.feed(DeadlinePassed())
    pbx.answer(contact)
    pbx.settle()
    assert story(pbx) == ["answer c1 a1", "agent a1 talking"]


# The caller is going: the agent was never rung and is free at once.
def test_given_a_redirect_that_is_refused_when_told_then_the_agent_is_free_and_the_contact_waits_for_its_end() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.call()
    pbx.enqueue(contact, WASTE, {})
    pbx.deliver()
    pbx.deliver()
    story(pbx)
    pbx.feed(RedirectRefused(contact=contact, offer=pbx.rung[0].offer))
    assert story(pbx) == ["offer_end c1 a1 caller_gone", "may c1 only", "agent a1 available"]
    pbx.actions.clear()
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx) == ["end c1 abandoned"]


# The agent's phone holds and resumes; she stays "talking".
def test_given_a_talk_when_the_phone_holds_and_resumes_then_told_once_each() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    leg = pbx.callers[contact].agent_leg
    assert leg is not None
    story(pbx)
    for held in (True, True, False, False):
        pbx.feed(LegHeld(leg=leg, held=held))
    pbx.feed(LegHeld(leg=pbx.callers[contact].leg, held=True))
    assert story(pbx) == ["hold c1 a1", "unhold c1 a1"]
