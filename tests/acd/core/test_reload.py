"""People and queues that come and go under the calls: each is served or told, and none is orphaned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.inputs import PeopleChanged
from kernel.agent import Presence
from kernel.exits import Limits
from kernel.ids import AgentId
from tests.fakes.limited import limited, queue_of
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard

pytestmark = pytest.mark.unit


# C28: "members/skills added, removed; agents in call unaffected; removed agent gets no further offer; state kept".
def test_c28_given_a_reload_when_agents_come_and_go_then_calls_go_on_and_the_word_of_each_is_kept() -> None:
    pbx = limited(Limits(), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY, "lunch")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.feed(PeopleChanged(agents=(an_agent("a2", skills={"waste": 2}), an_agent("a3")), queues=pbx.queues))
    pbx.wait(WASTE)
    assert pbx.callers[talking].place == "talk"
    assert (pbx.world.agents[AgentId("a2")].aux_code, pbx.world.agents[AgentId("a3")].presence) == (
        "lunch",
        "logged_out",
    )
    pbx.agent_hangs_up(talking)
    pbx.settle()
    pbx.advance(5.0)
    assert not [ring for ring in pbx.rung[1:] if ring.agent == "a1"]
    ask(pbx, "a2", Presence.READY)
    assert pbx.rung[-1].agent == "a2"


# C29: "queue or agent deleted while calls wait/talk / calls finish or overflow, no orphan".
def test_c29_given_a_queue_that_is_deleted_when_calls_wait_ring_and_talk_there_then_none_is_orphaned() -> None:
    agents = (an_agent("a1", queues=(WASTE, RENT)), an_agent("a2", queues=(WASTE, RENT)))
    home = replace(a_queue(RENT, wrap_up_s=0.0), default=True)
    pbx = switchboard(*agents, queues=(a_queue(wrap_up_s=0.0), home))
    talking, ringing, waiting = pbx.wait(WASTE), pbx.wait(WASTE), pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    left = tuple(an_agent(agent.id, queues=(RENT,)) for agent in agents)
    pbx.feed(PeopleChanged(agents=left, queues=(home,)))
    pbx.settle()
    told = story(pbx)
    assert f"exit {waiting} northmere.waste queue_gone overflow" in told
    assert f"transfer {waiting} northmere.rent" in told
    assert (pbx.callers[talking].place, pbx.callers[ringing].place) == ("talk", "take")
    pbx.refuse(ringing, "reject")
    pbx.settle()
    assert f"transfer {ringing} northmere.rent" in story(pbx)
    pbx.agent_hangs_up(talking)
    pbx.settle()
    pbx.advance(15.0)
    assert {queue_of(pbx, one) for one in (ringing, waiting)} == {RENT}
    assert [one for one in (ringing, waiting) if pbx.callers[one].place == "take"]


# C29: an agent who is deleted while she is rung for: the offer is let end, and the caller goes to somebody else.
def test_c29_given_an_agent_deleted_while_her_phone_rings_when_it_rings_out_then_the_other_is_rung() -> None:
    pbx = limited(Limits(), "a1", "a2")
    contact = pbx.wait(WASTE)
    pbx.feed(PeopleChanged(agents=(an_agent("a2"),), queues=pbx.queues))
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert [ring.agent for ring in pbx.rung] == ["a1", "a2"]


# "Nobody idles while a call waits that may be taken": whom a council uses is counted anew of the removed too.
def test_c29_given_a_removed_agent_in_a_call_when_its_queue_goes_then_the_council_is_below_its_cap_again() -> None:
    capped = [replace(a_queue(queue, wrap_up_s=0.0), council_cap=0.34) for queue in (WASTE, RENT)]
    agents = (an_agent("a1", queues=(RENT,)), *(an_agent(f"a{n}", queues=(WASTE,)) for n in (2, 3)))
    pbx = switchboard(*agents, queues=tuple(capped))
    talking = pbx.wait(RENT)
    pbx.answer(talking)
    pbx.settle()
    waiting = pbx.wait(WASTE)
    pbx.feed(PeopleChanged(agents=agents[1:], queues=tuple(capped)))
    assert pbx.callers[waiting].place == "hold"
    pbx.feed(PeopleChanged(agents=agents[1:], queues=(capped[0],)))
    pbx.settle()
    assert (pbx.callers[talking].place, pbx.callers[waiting].place) == ("talk", "take")
