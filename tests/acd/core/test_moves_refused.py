"""Moves of a call that are asked for in vain: refused with a code, and with a sentence that says why."""

from __future__ import annotations

import dataclasses

import pytest

from kernel.agent import Presence
from kernel.commands import CallDeed
from kernel.ids import AgentId, QueueId, TenantId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx_apart import consult_answer
from tests.fakes.talks import A1, A2, A3, answer_rings, move, talking

pytestmark = pytest.mark.unit


# C30: "target busy/no answer -> returns to transferer or queue".
def test_c30_given_a_talk_when_sent_to_an_agent_who_is_not_free_then_refused_and_the_talk_goes_on() -> None:
    pbx, contact = talking()
    outcome = move(pbx, CallDeed.TRANSFER, A3)
    assert (outcome.ok, outcome.code) == (False, "not_free")
    assert pbx.callers[contact].place == "talk"
    assert story(pbx) == []


# Who may ask for what: a sentence, and the call goes on as it was.
@pytest.mark.parametrize(
    ("deed", "to", "code"),
    [
        (CallDeed.TRANSFER, None, "no_target"),
        (CallDeed.TRANSFER, "a1", "not_free"),
        (CallDeed.CONSULT, "northmere.rent", "not_a_person"),
        (CallDeed.CONSULT, "a9", "unknown_target"),
        (CallDeed.COMPLETE, None, "no_consult"),
        (CallDeed.CANCEL, None, "no_consult"),
        (CallDeed.RESUME, None, "no_consult"),
    ],
)
def test_given_a_talk_when_something_impossible_is_asked_then_refused_with_a_code(
    deed: CallDeed, to: str | None, code: str
) -> None:
    pbx, contact = talking()
    assert move(pbx, deed, to).code == code
    assert (pbx.callers[contact].place, story(pbx)) == ("talk", [])


# Law 4, "every decision explains itself": whoever is told no is told why, in each state of the one she wanted.
def test_c30_given_an_agent_who_is_not_free_when_a_call_is_sent_to_her_then_it_is_said_why() -> None:
    pbx, contact = talking()
    told = [move(pbx, CallDeed.TRANSFER, A1).message]
    ask(pbx, A2, Presence.NOT_READY, "lunch")
    told.append(move(pbx, CallDeed.TRANSFER, A2).message)
    ask(pbx, A2, Presence.LOGGED_OUT)
    told.append(move(pbx, CallDeed.CONSULT, A2).message)
    ask(pbx, A2, Presence.NOT_READY, "login")
    ask(pbx, A2, Presence.READY)
    other = pbx.wait(RENT)
    told.append(move(pbx, CallDeed.CONSULT, A2).message)
    pbx.answer(other)
    pbx.settle()
    told.append(move(pbx, CallDeed.TRANSFER, A2).message)
    pbx.hang_up(other)
    pbx.settle()
    told.append(move(pbx, CallDeed.TRANSFER, A2).message)
    stays = "the caller is still with you"
    assert told == [
        f"a1 is the agent herself: name another one, {stays}",
        f"a2 is on a break (lunch): {stays}",
        f"a2 is logged out: {stays}",
        f"a2 is being rung for a call: {stays}",
        f"a2 is in a call: {stays}",
        f"a2 is in wrap-up: {stays}",
    ]
    assert pbx.callers[contact].place == "talk"


# C48: "isolation on every … action": people.yaml says whose calls she may take, and no colleague can give her more. A
# queue of another council where nobody may take this caller would be music without an end.
def test_c48_given_another_councils_agent_or_queue_when_a_call_is_sent_there_then_refused_unless_somebody_may() -> None:
    closed, foreign = QueueId("harbourside.rent"), QueueId("harbourside.waste")
    theirs = [dataclasses.replace(a_queue(one), tenant=TenantId("harbourside")) for one in (closed, foreign)]
    pbx = switchboard(
        an_agent("a1"),
        an_agent("a2", queues=(closed, foreign), councils=(TenantId("harbourside"),)),
        an_agent("a3", queues=(foreign,), councils=(TenantId("harbourside"), TenantId("northmere"))),
        queues=(a_queue(WASTE), *theirs),
    )
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    assert [move(pbx, deed, A2).code for deed in (CallDeed.TRANSFER, CallDeed.CONSULT)] == ["not_her_council"] * 2
    assert move(pbx, CallDeed.TRANSFER, closed).code == "nobody_there"
    assert pbx.callers[contact].place == "talk"
    assert move(pbx, CallDeed.TRANSFER, foreign).ok
    answer_rings(pbx, contact)
    assert pbx.world.contacts[contact].agent == A3


def test_given_an_agent_who_is_rung_asked_or_done_when_she_asks_then_it_is_said_what_she_is_in() -> None:
    pbx, contact = talking()
    nothing = "the agent is in no caller's call"
    assert move(pbx, CallDeed.CONSULT, A2).ok
    # She is asked, from the first ring on: the call is the other's to move.
    asked = f"{nothing}: a1 asks her about one, and is the one to complete or cancel"
    assert move(pbx, CallDeed.COMPLETE, agent=A2).message == asked
    consult_answer(pbx, contact)
    pbx.settle()
    assert move(pbx, CallDeed.HOLD, agent=A2).message == asked
    assert move(pbx, CallDeed.CANCEL).ok
    assert move(pbx, CallDeed.HOLD, agent=A2).message == nothing
    assert move(pbx, CallDeed.TRANSFER, A2).ok
    assert move(pbx, CallDeed.HOLD, agent=A2).message == f"{nothing}: her phone is being rung for one"
    assert move(pbx, CallDeed.HOLD).message == f"{nothing}: hers is over, she is in wrap-up"


def test_given_an_agent_without_a_call_when_she_asks_then_refused() -> None:
    pbx, contact = talking()
    assert move(pbx, CallDeed.HOLD, agent=A2).code == "no_call"
    assert move(pbx, CallDeed.HOLD, agent=AgentId("a9")).code == "unknown_agent"
    assert move(pbx, CallDeed.HOLD).ok
    assert move(pbx, CallDeed.TRANSFER, A2).code == "parted"
    assert move(pbx, CallDeed.COMPLETE).code == "no_consult"
    assert pbx.callers[contact].place == "apart"
