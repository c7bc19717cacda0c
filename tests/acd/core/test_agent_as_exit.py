"""An agent as the way out of a queue: hers alone for a while, then anybody's."""

from __future__ import annotations

import pytest

from kernel.agent import Presence
from kernel.exits import Exit, ExitKind, Limit, Limits
from kernel.ids import AgentId, ContactId
from tests.fakes.limited import limited
from tests.fakes.people import WASTE, ask, story

pytestmark = pytest.mark.unit


# Issue 3: "an explicit terminal: … static person"; an agent is a person too: for a while hers alone, then anybody's.
@pytest.mark.parametrize("killed", [False, True])
def test_c21_given_an_agent_as_the_person_when_the_wait_is_over_then_hers_alone_for_a_while(*, killed: bool) -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a2"), wait_s=40.0)
    pbx = limited(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    for _ in range(2):
        pbx.answer(pbx.wait(WASTE))
        pbx.settle()
    waiting = pbx.wait(WASTE)
    story(pbx)
    pbx.advance(31.0)
    assert story(pbx) == [
        f"exit {waiting} northmere.waste timeout person",
        f"transfer {waiting} northmere.waste",
        f"may {waiting} only a2",
    ]
    if killed:
        pbx.boot()
        pbx.settle()
    pbx.agent_hangs_up(ContactId("c1"))
    pbx.advance(5.0)
    assert (pbx.callers[waiting].place, pbx.callers[waiting].agent) == ("hold", None)
    other = pbx.wait(WASTE)
    assert (pbx.callers[other].place, pbx.callers[other].agent) == ("take", "a1")
    pbx.refuse(other, "rona")
    pbx.settle()
    ask(pbx, "a1", Presence.READY)
    pbx.agent_hangs_up(ContactId("c2"))
    pbx.advance(1.0)
    assert (pbx.callers[waiting].place, pbx.callers[waiting].agent) == ("take", "a2")


def test_c21_given_an_agent_as_the_person_when_she_takes_no_call_then_anybody_after_her_time() -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a2"), wait_s=40.0)
    pbx = limited(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY)
    pbx.answer(pbx.wait(WASTE))
    pbx.settle()
    waiting = pbx.wait(WASTE)
    pbx.advance(31.0)
    pbx.agent_hangs_up(ContactId("c1"))
    pbx.advance(30.0)
    assert pbx.callers[waiting].place == "hold"
    pbx.advance(15.0)
    assert (pbx.callers[waiting].offer, pbx.callers[waiting].agent) != (None, None)
    assert pbx.callers[waiting].agent == "a1"


# Law 5: nobody is stuck for somebody who is not there: it stays as it was.
@pytest.mark.parametrize("gone", ["logged_out", "unreachable", "unknown"])
def test_c21_given_an_agent_as_the_person_when_she_is_not_there_then_the_call_stays_everybodys(gone: str) -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a9" if gone == "unknown" else "a2"))
    pbx = limited(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    ask(pbx, "a1", Presence.NOT_READY)
    if gone == "logged_out":
        ask(pbx, "a2", Presence.LOGGED_OUT)
    elif gone == "unreachable":
        pbx.reach(AgentId("a2"), reachable=False)
        pbx.settle()
    else:
        ask(pbx, "a2", Presence.NOT_READY)
    waiting = pbx.wait(WASTE)
    story(pbx)
    pbx.advance(31.0)
    assert story(pbx) == []
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[waiting].agent == "a1"
