"""Several phones at once: at most k, one wins, the others stop and are charged with nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.invariants import check
from kernel.agent import Occupation, Presence
from kernel.ids import AgentId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

_OFFERS = frozenset({"offer", "offer_end", "answer"})
A1, A2, A3 = AgentId("a1"), AgentId("a2"), AgentId("a3")


def _floor(most: int = 2, agents: int = 3) -> SmallPbx:
    queue = replace(a_queue(wrap_up_s=0.0), ring_at_once=most)
    pbx = switchboard(*(an_agent(f"a{n}") for n in range(1, agents + 1)), queues=(queue, a_queue(RENT)))
    # The policy is told again, for the checker of the facts.
    pbx.boot()
    return pbx


def _idle_since(pbx: SmallPbx) -> dict[str, float]:
    return {str(agent.id): agent.idle_since for agent in pbx.world.agents.values()}


# C49: "ring-all / multi-offer policy: at most k agents rung at once per call".
@pytest.mark.parametrize(
    ("most", "rung"), [(1, ("a1",)), (2, ("a1", "a2")), (3, ("a1", "a2", "a3")), (9, ("a1", "a2", "a3"))]
)
def test_c49_given_a_queue_that_rings_several_when_a_call_comes_then_at_most_so_many(
    most: int, rung: tuple[str, ...]
) -> None:
    pbx = _floor(most)
    pbx.wait(WASTE)
    assert [(ring.agent, *ring.also) for ring in pbx.rung] == [rung]
    assert next(line for line in pbx.lines if line["ev"] == "config")["max_parallel_offers"] == most
    assert check(pbx.lines) == []


# C20: "two agents race for one call (ring-all) / exactly one gets it, the others stop <= 1 s and are free".
@pytest.mark.parametrize("winner", [A1, A2, A3])
def test_c20_given_three_ringing_phones_when_one_answers_then_the_others_are_free_and_charged_with_nothing(
    winner: AgentId,
) -> None:
    pbx = _floor(3)
    idle = _idle_since(pbx)
    contact = pbx.wait(WASTE)
    pbx.answer(contact, by=winner)
    pbx.settle()
    losers = sorted({"a1", "a2", "a3"} - {winner})
    assert [line["agent"] for line in pbx.lines if line["ev"] == "answer"] == [winner]
    ends = [(line["agent"], line["why"]) for line in pbx.lines if line["ev"] == "offer_end"]
    assert sorted(ends) == [(loser, "answered_elsewhere") for loser in losers]
    for loser in losers:
        agent = pbx.world.agents[AgentId(loser)]
        assert (agent.presence, agent.occupation, agent.failures) == (Presence.READY, Occupation.IDLE, {})
        assert _idle_since(pbx)[loser] == idle[loser]
    assert pbx.world.contacts[contact].excluded == {}
    pbx.hang_up(contact)
    pbx.advance(1.0)
    assert check(pbx.lines) == []


# In the same instant: both legs were answered, the bridge says who won.
def test_c20_given_two_answers_at_once_when_one_is_bridged_then_exactly_one_answer() -> None:
    pbx = _floor(2)
    contact = pbx.wait(WASTE)
    pbx.answer(contact, by=A2)
    pbx.answer(contact, by=A1)
    pbx.settle()
    assert [line["agent"] for line in pbx.lines if line["ev"] == "answer"] == ["a2"]
    assert pbx.world.contacts[contact].beside == {}


def test_given_several_phones_when_nobody_answers_then_each_is_a_ring_out_and_the_next_is_rung() -> None:
    pbx = _floor(2)
    contact = pbx.wait(WASTE)
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert [(ring.agent, *ring.also) for ring in pbx.rung] == [("a1", "a2"), ("a3",)]
    assert [pbx.world.agents[one].aux_code for one in (A1, A2, A3)] == ["rona", "rona", None]
    assert set(pbx.world.contacts[contact].excluded) == {"a1", "a2"}


# ASTERISK rule: a refusal of one of several is her own; the others ring on and may still answer.
@pytest.mark.parametrize(("refuses", "answers"), [(A1, A2), (A2, A1)])
def test_given_several_phones_when_one_refuses_then_the_other_rings_on_and_answers(
    refuses: AgentId, answers: AgentId
) -> None:
    pbx = _floor(2, agents=2)
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.refuse(contact, "reject", by=refuses)
    pbx.settle()
    assert f"offer_end {contact} {refuses} reject" in story(pbx)
    assert pbx.world.agents[refuses].resting == "reject"
    assert pbx.callers[contact].place == "take"
    pbx.answer(contact)
    pbx.settle()
    assert f"answer {contact} {answers}" in story(pbx)


def test_given_several_phones_when_all_refuse_then_the_contact_waits_and_keeps_its_place() -> None:
    pbx = _floor(2, agents=2)
    contact = pbx.wait(WASTE)
    for agent in (A1, A2):
        pbx.refuse(contact, "reject", by=agent)
        pbx.settle()
    assert (pbx.callers[contact].place, len(pbx.rung)) == ("hold", 1)
    assert {pbx.world.agents[one].resting for one in (A1, A2)} == {"reject"}
    assert check(pbx.lines) == []


# C06: "agent was never rung (busy) / no auto-pause for him"; the others ring.
def test_c06_given_one_phone_in_use_when_several_are_rung_then_it_drops_out_and_is_not_paused() -> None:
    pbx = _floor(2, agents=2)
    leg = pbx.own_call(A1)
    pbx.events.clear()
    contact = pbx.wait(WASTE)
    assert f"offer_end {contact} a1 busy" in story(pbx)
    assert pbx.world.agents[A1].presence is Presence.READY
    pbx.own_call_over(leg)
    pbx.answer(contact)
    pbx.settle()
    assert f"answer {contact} a2" in story(pbx)


# A second phone is never taken from another caller.
def test_given_two_callers_at_once_when_two_are_free_then_each_gets_one() -> None:
    pbx = _floor(2, agents=2)
    for agent in (A1, A2):
        ask(pbx, agent, Presence.NOT_READY)
    contacts = [pbx.wait(WASTE), pbx.wait(WASTE)]
    for agent in (A1, A2):
        pbx.memories[agent] = replace(pbx.memories[agent], presence=Presence.READY, aux_code=None)
    pbx.boot()
    pbx.settle()
    assert sorted((ring.contact, ring.also) for ring in pbx.rung) == sorted((one, ()) for one in contacts)


def test_given_several_ringing_phones_when_the_caller_goes_then_all_are_free_at_once() -> None:
    pbx = _floor(3)
    contact = pbx.wait(WASTE)
    story(pbx)
    pbx.hang_up(contact)
    pbx.settle()
    assert sorted(one for one in story(pbx) if one.startswith("offer_end")) == [
        f"offer_end {contact} a{n} caller_gone" for n in (1, 2, 3)
    ]
    assert all(agent.occupation is Occupation.IDLE for agent in pbx.world.agents.values())


# C11, restart: the offer is adopted with every phone that rings, and told once.
@pytest.mark.parametrize("winner", [A1, A2])
def test_c11_given_several_ringing_phones_when_the_engine_is_killed_then_the_offer_goes_on(winner: AgentId) -> None:
    pbx = _floor(2, agents=2)
    contact = pbx.wait(WASTE)
    pbx.boot()
    pbx.settle()
    assert sorted(str(line["agent"]) for line in pbx.lines if line["ev"] == "offer") == ["a1", "a2"]
    pbx.answer(contact, by=winner)
    pbx.settle()
    told = story(pbx)
    assert f"answer {contact} {winner}" in told
    assert sum("answered_elsewhere" in one for one in told) == 1


def test_given_several_ringing_phones_when_one_answers_while_the_engine_is_away_then_told_once_and_right() -> None:
    pbx = _floor(2, agents=2)
    contact = pbx.wait(WASTE)
    pbx.answer(contact, by=A2)
    pbx.boot()
    pbx.settle()
    told = [(line["ev"], line["agent"], line.get("why")) for line in pbx.lines if line["ev"] in _OFFERS]
    assert told == [
        ("offer", "a1", None),
        ("offer", "a2", None),
        ("offer_end", "a1", "answered_elsewhere"),
        ("answer", "a2", None),
    ]
    pbx.hang_up(contact)
    pbx.advance(1.0)
    assert check(pbx.lines) == []


# An offer nothing was heard of is taken back with every leg.
def test_given_several_phones_when_the_dialplan_says_nothing_then_every_leg_is_withdrawn() -> None:
    pbx = _floor(2, agents=2)
    contact = pbx.wait(WASTE)
    pbx.callers[contact].ring_time = 1e9
    pbx.advance(30.0)
    assert [one for one in story(pbx) if one.startswith("offer_end")][:2] == [
        f"offer_end {contact} a1 withdrawn",
        f"offer_end {contact} a2 withdrawn",
    ]
