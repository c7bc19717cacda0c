"""A phone that dies, while it rings and in a talk: the caller is served by the next agent, and first."""

from __future__ import annotations

import pytest

from kernel.agent import Presence
from kernel.exits import Limits
from kernel.ids import AgentId
from tests.fakes.limited import limited
from tests.fakes.people import WASTE, ask, story

pytestmark = pytest.mark.unit


# C52: a phone that dies while it rings: the offer does not ring out, the caller is at the front and the next is rung.
def test_c52_given_a_ringing_phone_when_it_is_out_of_reach_then_the_next_agent_is_rung_and_nothing_is_a_rona() -> None:
    pbx = limited(Limits(), "a1", "a2")
    first, _second = pbx.wait(WASTE), None
    pbx.callers[first].ring_time = 1e9
    ask(pbx, "a2", Presence.NOT_READY)
    later = pbx.wait(WASTE)
    story(pbx)
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.settle()
    told = story(pbx)
    assert f"offer_end {first} a1 unreachable" in told
    assert "agent a1 offline" in told
    ask(pbx, "a2", Presence.READY)
    assert (pbx.callers[first].place, pbx.callers[later].place) == ("take", "hold")


# C52: "in talking ends `failed` and caller is re-queued if still there": at the front, with the arrival kept.
def test_c52_given_a_talk_when_her_phone_dies_then_it_ended_failed_and_the_caller_is_served_first() -> None:
    # Nobody waits for the phone that died, though calls that come back wait for the agent they talked with last.
    pbx = limited(Limits(), "a1", "a2", preferred_s=60.0)
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    ask(pbx, "a2", Presence.NOT_READY)
    later = pbx.wait(WASTE)
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.settle()
    story(pbx)
    pbx.phone_dies(talking)
    pbx.settle()
    told = story(pbx)
    assert told[:2] == [f"leave {talking} a1 failed", "agent a1 wrapup"]
    assert f"transfer {talking} northmere.waste" in told
    ask(pbx, "a2", Presence.READY)
    assert pbx.callers[talking].place == "take"
    assert pbx.callers[later].place == "hold"
    # Nothing of the first talk is left: who hangs up now is told as it is.
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    pbx.hang_up(talking)
    pbx.settle()
    assert story(pbx)[0] == f"leave {talking} a2 caller_hung_up"


# The same when nobody was told: the engine was away as her phone died, and finds the caller back in the line.
@pytest.mark.parametrize("killed", [False, True])
def test_c52_given_a_phone_that_dies_unseen_when_looked_at_then_it_ended_failed_and_nobody_waits_for_it(
    *, killed: bool
) -> None:
    pbx = limited(Limits(), "a1", "a2", preferred_s=60.0)
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.phone_dies(talking)
    pbx.events.clear()
    pbx.reachable.discard(AgentId("a1"))
    pbx.boot() if killed else pbx.reconcile(lose=True)
    pbx.settle()
    assert f"leave {talking} a1 failed" in story(pbx)
    assert (pbx.callers[talking].place, pbx.callers[talking].agent) == ("take", "a2")


# A look between the two events told the end of the talk and nothing after it: the call stood in no queue by the facts.
def test_c52_given_a_phone_that_dies_when_only_its_end_is_heard_then_the_look_tells_where_the_caller_waits() -> None:
    pbx = limited(Limits(), "a1", "a2")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    pbx.phone_dies(talking)
    pbx.deliver()
    pbx.events.clear()
    pbx.reachable.discard(AgentId("a1"))
    pbx.reconcile(lose=True)
    pbx.settle()
    told = story(pbx)
    assert told.count(f"transfer {talking} northmere.waste") == 1
    assert told.index(f"leave {talking} a1 failed") < told.index(f"transfer {talking} northmere.waste")
