"""An agent's own order and delay per queue, the preferred and the last agent, and what a language asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.explain import explain
from acd.core.inputs import ContactHolding, PeopleChanged
from acd.core.invariants import check
from kernel.agent import Presence
from kernel.ids import AgentId, ContactId
from kernel.queues import Queue
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _wait_for(pbx: SmallPbx, agent: str | None, language: str = "en", seconds: float | None = None) -> ContactId:
    """A caller with a preferred agent and a language."""
    contact = pbx.call()
    pbx.settle()
    caller = pbx.callers[contact]
    pbx.enqueue(contact, WASTE, {})
    assert caller.wish is not None
    preferred = AgentId(agent) if agent else None
    caller.wish = replace(caller.wish, preferred=preferred, preferred_s=seconds, language=language)
    pbx.events[-1] = ContactHolding(wish=caller.wish)
    pbx.settle()
    return contact


def _take(pbx: SmallPbx, contact: ContactId) -> str:
    assert pbx.rung[-1].contact == contact, "rung for nobody"
    agent = pbx.rung[-1].agent
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.advance(1.0)
    return agent


def _queues(preferred_s: float = 0.0) -> tuple[Queue, ...]:
    return (a_queue(wrap_up_s=0.0, preferred_s=preferred_s), a_queue(RENT, wrap_up_s=0.0))


# SEMANTICS 5.1, Connect: "a lower-priority queue is used only if no eligible contact is in any higher".
def test_given_an_order_of_her_own_when_she_frees_then_the_younger_call_of_her_first_queue() -> None:
    first_rent = replace(an_agent("a1", queues=(WASTE, RENT)), order={WASTE: 2})
    pbx = switchboard(first_rent, queues=_queues())
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.wait(WASTE)
    pbx.advance(60.0)
    rent = pbx.wait(RENT)
    ask(pbx, "a1", Presence.READY)
    assert [ring.contact for ring in pbx.rung] == [rent]


# The same where both become possible in one instant: the restart looks at the contacts, not at her.
def test_given_an_order_of_her_own_when_the_engine_starts_anew_then_it_holds_as_well() -> None:
    pbx = switchboard(replace(an_agent("a1", queues=(WASTE, RENT)), order={WASTE: 2}), queues=_queues())
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.wait(WASTE)
    rent = pbx.wait(RENT)
    pbx.memories[AgentId("a1")] = replace(pbx.memories[AgentId("a1")], presence=Presence.READY, aux_code=None)
    pbx.boot()
    pbx.settle()
    assert [ring.contact for ring in pbx.rung] == [rent]


# Two who each would rather have the other's: both are served, in the end with what comes first for each.
def test_given_two_agents_with_opposite_orders_when_both_free_then_each_gets_her_own_first() -> None:
    one = replace(an_agent("a1", queues=(WASTE, RENT)), order={WASTE: 2})
    two = replace(an_agent("a2", queues=(WASTE, RENT)), order={RENT: 2})
    pbx = switchboard(one, two, queues=_queues())
    for agent in ("a1", "a2"):
        ask(pbx, agent, Presence.NOT_READY)
    waste, rent = pbx.wait(WASTE), pbx.wait(RENT)
    for agent in ("a1", "a2"):
        memory = pbx.memories[AgentId(agent)]
        pbx.memories[AgentId(agent)] = replace(memory, presence=Presence.READY, aux_code=None)
    pbx.boot()
    pbx.settle()
    assert {ring.agent: ring.contact for ring in pbx.rung} == {"a1": rent, "a2": waste}


# Connect: "Delay makes a contact invisible to this agent until it has waited that long; it grants no priority".
def test_given_a_delay_when_nobody_else_is_free_then_rung_at_its_second_and_the_facts_say_why() -> None:
    slow = replace(an_agent("a1"), delay_s={WASTE: 30.0})
    pbx = switchboard(slow, queues=_queues())
    contact = pbx.wait(WASTE)
    assert f"may {contact} not a1" in story(pbx)
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    assert [(row["why"], row["until"]) for row in told["not_eligible"]] == [("delay", pytest.approx(pbx.now + 30.0))]  # type: ignore[attr-defined]  # rows
    pbx.advance(29.9)
    assert pbx.rung == []
    pbx.advance(0.2)
    assert [ring.agent for ring in pbx.rung] == ["a1"]


def test_given_a_delay_when_she_frees_then_only_calls_old_enough_count_whatever_their_priority() -> None:
    slow = replace(an_agent("a1", queues=(WASTE, RENT)), delay_s={WASTE: 30.0})
    pbx = switchboard(slow, queues=_queues())
    ask(pbx, "a1", Presence.NOT_READY)
    old = pbx.wait(WASTE)
    pbx.advance(40.0)
    for _ in range(3):
        pbx.wait(WASTE, priority=5)
    ask(pbx, "a1", Presence.READY)
    assert [ring.contact for ring in pbx.rung] == [old]


# Issue 3: "a preferred or last agent with a time limit".
def test_given_a_preferred_agent_when_she_is_busy_then_waited_for_and_then_anybody() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=_queues())
    talk = pbx.wait(WASTE)
    pbx.answer(talk)
    pbx.settle()
    pbx.lines.clear()
    contact = _wait_for(pbx, "a1", seconds=20.0)
    assert f"may {contact} only a1" in story(pbx)
    assert len(pbx.rung) == 1
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    assert {row["agent"]: row["why"] for row in told["not_eligible"]} == {"a1": "talking", "a2": "preferred"}  # type: ignore[attr-defined]  # rows
    pbx.advance(21.0)
    assert pbx.rung[-1].agent == "a2"


def test_given_a_preferred_agent_when_she_frees_in_time_then_she_gets_it_before_an_older_call_of_less_priority() -> (
    None
):
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=_queues(preferred_s=60.0))
    talks = [pbx.wait(WASTE), pbx.wait(WASTE)]
    for talk in talks:
        pbx.answer(talk)
    pbx.settle()
    contact = _wait_for(pbx, "a2")
    pbx.hang_up(talks[0])
    pbx.advance(1.0)
    assert len(pbx.rung) == 2
    pbx.hang_up(talks[1])
    pbx.settle()
    assert (pbx.rung[-1].contact, pbx.rung[-1].agent) == (contact, "a2")


def test_given_a_preferred_agent_when_she_logs_out_or_is_elsewhere_or_unknown_then_nobody_waits_for_her() -> None:
    elsewhere = an_agent("a3", queues=(RENT,))
    pbx = switchboard(an_agent("a1"), an_agent("a2"), elsewhere, queues=_queues(preferred_s=60.0))
    talk = pbx.wait(WASTE)
    pbx.answer(talk)
    pbx.settle()
    ask(pbx, "a2", Presence.NOT_READY)
    contact = _wait_for(pbx, "a2")
    ask(pbx, "a1", Presence.READY)
    pbx.hang_up(talk)
    pbx.settle()
    assert len(pbx.rung) == 1
    ask(pbx, "a2", Presence.LOGGED_OUT)
    assert (pbx.rung[-1].contact, pbx.rung[-1].agent) == (contact, "a1")
    _take(pbx, contact)
    for nobody in ("a2", "a99", "a3"):
        assert _take(pbx, _wait_for(pbx, nobody)) == "a1"
    assert check(pbx.lines) == []


def test_given_a_call_that_comes_back_when_its_last_agent_is_free_then_hers_though_another_waits_longer() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=_queues(preferred_s=30.0))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.advance(10.0)
    pbx.agent_hangs_up(contact)
    pbx.hold(pbx.callers[contact])
    pbx.settle()
    assert (pbx.rung[-1].agent, len(pbx.rung)) == ("a1", 2)


# "Requirements per queue or per call: skills with least levels, languages".
def test_given_a_language_when_a_caller_speaks_it_then_its_skills_are_required_beside_the_queues() -> None:
    queue = replace(a_queue(wrap_up_s=0.0), skills={"waste": 1}, languages={"cy": {"welsh": 3}})
    pbx = switchboard(
        an_agent("a0", skills={"welsh": 5}),
        an_agent("a1", skills={"waste": 1}),
        an_agent("a2", skills={"waste": 2, "welsh": 3}),
        queues=(queue,),
    )
    assert _take(pbx, _wait_for(pbx, None, language="cy")) == "a2"
    assert _take(pbx, _wait_for(pbx, None, language="en")) == "a1"


# C28: orders and delays change while calls wait.
def test_c28_given_a_waiting_call_when_the_delay_is_taken_away_then_it_is_offered_at_once() -> None:
    slow = replace(an_agent("a1"), delay_s={WASTE: 300.0})
    pbx = switchboard(slow, queues=_queues())
    pbx.wait(WASTE)
    assert pbx.rung == []
    pbx.feed(PeopleChanged(agents=(an_agent("a1"),), queues=pbx.queues))
    assert [ring.agent for ring in pbx.rung] == ["a1"]
    # The facts do not bar her any longer, or they would tell of an offer that nobody was allowed.
    assert [line["until"] for line in pbx.lines if line["ev"] == "may"][1:] == [pbx.now]
