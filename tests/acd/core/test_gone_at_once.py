"""An agent's phone answers and hangs up in that moment: no talk, so the caller waits on at her old place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.agent import Occupation, Presence
from kernel.exits import Limits
from kernel.ids import AgentId
from tests.fakes.limited import limited
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard

pytestmark = pytest.mark.unit

A1, A2, A3 = AgentId("a1"), AgentId("a2"), AgentId("a3")


# Issue 3: "no lost call". Gone before the two met: an offer that was refused, and the next agent is rung for her.
def test_given_a_phone_gone_before_the_two_met_when_told_then_it_was_a_refusal_and_the_next_agent_is_rung() -> None:
    pbx = limited(Limits(), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    later = pbx.wait(WASTE)
    story(pbx)
    pbx.gone_at_once(contact, met=False)
    pbx.settle()
    assert f"offer_end {contact} a1 reject" in story(pbx)
    assert pbx.world.agents[A1].resting == "reject"
    ask(pbx, "a2", Presence.READY)
    # She came first and is served first.
    assert (pbx.callers[contact].place, pbx.callers[later].place) == ("take", "hold")


# They met for a moment: told as it was, and the caller is in the line again, served first, and not kept for her.
def test_given_two_who_met_for_a_moment_when_her_phone_is_gone_then_the_caller_is_served_first_by_another() -> None:
    pbx = limited(Limits(), "a1", "a2", preferred_s=60.0)
    ask(pbx, "a2", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.gone_at_once(contact, met=True)
    pbx.settle()
    told = story(pbx)
    assert told[0] == f"answer {contact} a1"
    assert told[2:4] == [f"leave {contact} a1 agent_hung_up", "agent a1 wrapup"]
    assert f"transfer {contact} northmere.waste" in told
    ask(pbx, "a2", Presence.READY)
    assert (pbx.callers[contact].place, pbx.callers[contact].agent) == ("take", A2)
    pbx.answer(contact)
    pbx.settle()
    pbx.advance(5.0)
    pbx.hang_up(contact)
    pbx.settle()
    assert f"end {contact} completed" in story(pbx)


# A phone that answers and hangs up every time takes itself out, whether or not the two meet on the way (C07).
@pytest.mark.parametrize("met", [False, True])
def test_c07_given_a_phone_that_is_gone_at_once_when_it_happens_three_times_then_not_ready(*, met: bool) -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0, failures_in_row=3, rona_exclude_s=0.0),))
    contact = pbx.wait(WASTE)
    for _ in range(3):
        assert pbx.world.agents[A1].presence is Presence.READY
        pbx.gone_at_once(contact, met=met)
        pbx.settle()
        pbx.advance(10.1)
    agent = pbx.world.agents[A1]
    assert (agent.presence, agent.aux_code, agent.occupation) == (Presence.NOT_READY, "reject", Occupation.IDLE)
    assert pbx.callers[contact].place == "hold"


# C20: of several phones the others stopped when she picked up: free, and charged with nothing.
@pytest.mark.parametrize("by", [A1, A2, A3])
@pytest.mark.parametrize("met", [False, True])
def test_c20_given_several_phones_when_the_one_picked_up_is_gone_at_once_then_only_she_is_charged(
    by: AgentId, *, met: bool
) -> None:
    queue = replace(a_queue(wrap_up_s=0.0), ring_at_once=3)
    pbx = switchboard(*(an_agent(f"a{n}") for n in range(1, 4)), queues=(queue, a_queue(RENT)))
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.gone_at_once(contact, met=met, by=by)
    pbx.settle()
    told = story(pbx)
    others = {A1, A2, A3} - {by}
    for other in others:
        assert f"offer_end {contact} {other} answered_elsewhere" in told
        assert f"offer {contact} {other}" in told
        assert pbx.world.agents[other].resting is None
    assert (f"offer_end {contact} {by} reject" in told) is not met
    assert f"offer {contact} {by}" not in told
    assert pbx.world.agents[by].resting == "reject"
    assert {ring.agent for ring in pbx.rung[1:]} | set(pbx.rung[-1].also) == others


# "Disjoint outcomes": a caller who is in the line again and gives up has abandoned it, whoever talked with her before.
# Such ends were told `completed`, which the figures of her second wait count as failed.
@pytest.mark.parametrize("ringing", [False, True])
@pytest.mark.parametrize("died", [False, True])
def test_given_a_caller_who_is_in_the_line_again_when_she_gives_up_then_abandoned(*, died: bool, ringing: bool) -> None:
    pbx = limited(Limits(), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    if died:
        pbx.answer(contact)
        pbx.settle()
        pbx.reach(A1, reachable=False)
        pbx.phone_dies(contact)
    else:
        pbx.gone_at_once(contact, met=True)
    pbx.settle()
    if ringing:
        ask(pbx, "a2", Presence.READY)
    assert pbx.callers[contact].place == ("take" if ringing else "hold")
    pbx.hang_up(contact)
    pbx.settle()
    assert f"end {contact} abandoned" in story(pbx)
