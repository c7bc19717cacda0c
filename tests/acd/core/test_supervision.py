"""Supervisors: who may do what to whom, what is done, and that every act is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.inputs import PeopleChanged, SuperviseAsked
from kernel.agent import Presence
from kernel.commands import Outcome, Oversight
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

BOSS, A1, A2 = AgentId("boss"), AgentId("a1"), AgentId("a2")
ELSEWHERE = TenantId("harbourside")


def floor(*, councils: tuple[TenantId, ...] | None = None) -> SmallPbx:
    """Return a switchboard with two agents and a supervisor who serves no queue of theirs."""
    boss = an_agent("boss", queues=(RENT,))
    boss = replace(boss, supervisor=True, councils=boss.councils if councils is None else councils)
    return switchboard(boss, an_agent("a1"), an_agent("a2"), queues=(a_queue(WASTE), a_queue(RENT)))


def supervise(  # noqa: PLR0913 - what is asked, each by name
    pbx: SmallPbx,
    deed: Oversight,
    *,
    by: AgentId = BOSS,
    agent: AgentId | None = None,
    contact: ContactId | None = None,
    queues: tuple[QueueId, ...] | None = None,
    priority: int | None = None,
) -> Outcome:
    """Ask for it and let all that follows happen."""
    number = len(pbx.outcomes) + 1
    pbx.feed(
        SuperviseAsked(by=by, deed=deed, agent=agent, contact=contact, queues=queues, priority=priority, ask=number)
    )
    pbx.settle()
    return pbx.outcomes[number]


def busy(pbx: SmallPbx) -> ContactId:
    """Let a1 talk with a caller, and a2 be away, so that the next caller waits."""
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    ask(pbx, A2, Presence.NOT_READY)
    story(pbx)
    return contact


# C37: "only allowed groups … logged". The engine names the leg; the dialplan listens.
@pytest.mark.parametrize("deed", [Oversight.LISTEN, Oversight.WHISPER, Oversight.BARGE])
def test_c37_given_a_talk_when_a_permitted_supervisor_asks_then_the_agents_leg_and_a_fact(deed: Oversight) -> None:
    pbx = floor()
    contact = busy(pbx)
    outcome = supervise(pbx, deed, agent=A1)
    assert outcome.data == {"leg": pbx.callers[contact].agent_leg, "call": contact}
    assert story(pbx) == [f"supervise boss {deed} a1"]


@pytest.mark.parametrize("deed", Oversight)
def test_c37_given_anybody_else_when_she_asks_then_refused_and_nothing_is_told(deed: Oversight) -> None:
    pbx = floor()
    contact = busy(pbx)
    for by in (A1, A2, AgentId("nobody")):
        outcome = supervise(pbx, deed, by=by, agent=A1, contact=contact, queues=(WASTE,), priority=1)
        assert outcome.code == "not_supervisor"
    assert story(pbx) == []


@pytest.mark.parametrize("deed", Oversight)
def test_c37_given_a_supervisor_of_another_council_when_she_asks_then_refused(deed: Oversight) -> None:
    pbx = floor(councils=(ELSEWHERE,))
    busy(pbx)
    waits = pbx.wait(WASTE)
    story(pbx)
    outcome = supervise(pbx, deed, agent=A1, contact=waits, queues=(WASTE,), priority=1)
    assert outcome.code == "not_her_council"
    assert story(pbx) == []


@pytest.mark.parametrize("whom", ["a2", "boss", "nobody"])
def test_c37_given_nobody_to_listen_to_when_asked_then_refused(whom: str) -> None:
    pbx = floor()
    busy(pbx)
    assert supervise(pbx, Oversight.LISTEN, agent=AgentId(whom)).code in {"no_call", "unknown_agent"}


# Pull: beyond skills and queues, and ahead of whoever waits longer; the facts say by whom.
def test_given_two_who_wait_when_the_later_one_is_pulled_then_she_gets_it_whatever_her_queues() -> None:
    pbx = floor()
    busy(pbx)
    pbx.wait(WASTE)
    later = pbx.wait(WASTE)
    story(pbx)
    assert supervise(pbx, Oversight.PULL, contact=later).ok
    pbx.answer(later)
    pbx.settle()
    assert story(pbx) == [
        "supervise boss pull c3",
        "offer c3 boss boss",
        "agent boss ringing",
        "answer c3 boss pull",
        "agent boss talking",
    ]


def test_given_a_pull_that_is_not_answered_when_it_comes_back_then_the_old_place() -> None:
    pbx = floor()
    busy(pbx)
    first, later = pbx.wait(WASTE), pbx.wait(WASTE)
    supervise(pbx, Oversight.PULL, contact=first)
    pbx.refuse(first, "rona")
    pbx.settle()
    ask(pbx, A2, Presence.READY)
    assert (pbx.callers[first].place, pbx.callers[later].place) == ("take", "hold")
    assert supervise(pbx, Oversight.PULL, contact=later).code == "not_free"


# "change its priority": a fact, the new place, and on the channel, where a restart finds it.
def test_given_two_who_wait_when_the_later_one_gets_a_priority_then_it_goes_first_also_after_a_restart() -> None:
    pbx = floor()
    busy(pbx)
    first, later = pbx.wait(WASTE), pbx.wait(WASTE)
    story(pbx)
    assert supervise(pbx, Oversight.PRIORITY, contact=later, priority=5).ok
    assert story(pbx) == ["supervise boss priority c3", "priority c3 5"]
    pbx.boot()
    ask(pbx, A2, Presence.READY)
    assert (pbx.callers[later].place, pbx.callers[first].place) == ("take", "hold")
    for wrong in (-1, 101, None):
        assert supervise(pbx, Oversight.PRIORITY, contact=first, priority=wrong).code == "bad_priority"


# "move an agent between queues": at once, and still so after a restart.
def test_given_a_caller_nobody_serves_when_an_agent_is_moved_there_then_she_is_rung_and_it_stays() -> None:
    pbx = floor()
    ask(pbx, BOSS, Presence.LOGGED_OUT)
    rent = pbx.wait(RENT)
    story(pbx)
    assert supervise(pbx, Oversight.MOVE, agent=A1, queues=(RENT,)).ok
    assert pbx.callers[rent].agent == A1
    pbx.hang_up(rent)
    pbx.advance(5.0)
    pbx.boot()
    assert pbx.world.agents[A1].profile.queues == (RENT,)
    # A reload of people.yaml is no word of the supervisor's.
    pbx.feed(PeopleChanged(agents=pbx.agents, queues=pbx.queues))
    assert pbx.world.agents[A1].profile.queues == (RENT,)
    for wrong in ((), (QueueId("northmere.none"),)):
        assert supervise(pbx, Oversight.MOVE, agent=A1, queues=wrong).code == "unknown_queue"


# "end someone's break", log somebody out: as if she had asked; in a call it waits.
def test_given_an_agent_on_a_break_when_it_is_ended_then_available_and_logged_out_in_a_call_waits() -> None:
    pbx = floor()
    busy(pbx)
    assert supervise(pbx, Oversight.END_BREAK, agent=A2).ok
    assert story(pbx) == ["supervise boss end_break a2", "agent a2 available"]
    assert supervise(pbx, Oversight.LOG_OUT, agent=A1).code == "pending"
    assert supervise(pbx, Oversight.LOG_OUT, agent=A2).ok
    assert "agent a2 offline" in story(pbx)
