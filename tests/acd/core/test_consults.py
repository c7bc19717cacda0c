"""Stories of a consult: completed, taken back, and whoever hangs up in the middle."""

from __future__ import annotations

import pytest

from acd.core.inputs import ConsultLost, ConsultOver, HangUpHeard, LegHungUp
from acd.core.transfer_law import PartingState
from kernel.agent import Occupation
from kernel.commands import CallDeed
from kernel.orders import Rejoin
from tests.fakes.people import story
from tests.fakes.small_pbx_apart import end_leg
from tests.fakes.talks import A1, A2, answer_rings, consulting, move, occupation, state_of

pytestmark = pytest.mark.unit


# C31: complete while talking; C32: the same contact; C38: one arrival, one end, one wrap-up an agent.
def test_c31_given_a_consult_when_completed_then_the_other_has_the_caller_and_the_first_wraps_up_once() -> None:
    pbx, contact = consulting()
    assert story(pbx) == ["consult c1 a1 a2", "agent a2 ringing", "agent a2 talking"]
    assert occupation(pbx, A1) is Occupation.TALKING
    assert move(pbx, CallDeed.COMPLETE).ok
    assert story(pbx) == [
        "consult_end c1 a1 completed",
        "leave c1 a1 transferred",
        "agent a1 wrapup",
        "answer c1 a2 consult",
    ]
    pbx.advance(20.0)
    assert story(pbx) == ["agent a1 available"]
    pbx.hang_up(contact)
    pbx.advance(20.0)
    assert story(pbx) == ["leave c1 a2 caller_hung_up", "agent a2 wrapup", "end c1 completed", "agent a2 available"]


def test_c31_given_a_phone_that_rings_when_completed_then_it_rings_on_for_the_caller() -> None:
    pbx, contact = consulting(answered=False)
    story(pbx)
    assert move(pbx, CallDeed.COMPLETE).ok
    assert story(pbx) == [
        "consult_end c1 a1 completed",
        "leave c1 a1 transferred",
        "agent a1 wrapup",
        "transfer c1 a2",
        "offer c1 a2 a1",
    ]
    pbx.advance(1.0)
    answer_rings(pbx, contact)
    assert story(pbx) == ["answer c1 a2 transfer_agent", "agent a2 talking"]


@pytest.mark.parametrize("answered", [False, True])
def test_c31_given_a_consult_when_cancelled_then_the_caller_is_back_and_the_other_is_free(answered: bool) -> None:  # noqa: FBT001 - a parameter
    pbx, contact = consulting(answered=answered)
    story(pbx)
    assert move(pbx, CallDeed.CANCEL).ok
    assert story(pbx) == ["agent a2 available", "consult_end c1 a1 cancelled"]
    assert (pbx.callers[contact].place, state_of(pbx, contact)) == ("talk", None)
    assert occupation(pbx, A1) is Occupation.TALKING


# C31: the one who is asked does not answer, or hangs up while talking.
@pytest.mark.parametrize("answered", [False, True])
def test_c31_given_a_consult_when_the_other_goes_then_the_caller_is_back_with_the_agent(answered: bool) -> None:  # noqa: FBT001 - a parameter
    pbx, contact = consulting(answered=answered)
    story(pbx)
    pbx.advance(20.0) if not answered else end_leg(pbx, pbx.callers[contact].target_leg or pbx.callers[contact].leg)
    pbx.settle()
    assert story(pbx) == ["agent a2 available", f"consult_end c1 a1 {'left' if answered else 'rona'}"]
    assert pbx.callers[contact].place == "talk"


def test_c31_given_a_second_consult_when_a_late_word_of_the_first_comes_then_it_is_passed_over() -> None:
    pbx, contact = consulting()
    first = pbx.callers[contact].consult
    assert first is not None
    move(pbx, CallDeed.CANCEL)
    pbx.now += 1.0
    move(pbx, CallDeed.CONSULT, A2)
    for late in (ConsultOver(consult=first, why="talked"), ConsultLost(consult=first)):
        pbx.feed(late)
    assert state_of(pbx, contact) is PartingState.RINGING


# C31: the agent hangs up while it rings, while they talk: the transfer goes on without her.
def test_c31_given_a_ringing_phone_when_the_agent_hangs_up_then_as_a_blind_transfer() -> None:
    pbx, contact = consulting(answered=False)
    end_leg(pbx, pbx.callers[contact].parted_leg or pbx.callers[contact].leg)
    pbx.settle()
    answer_rings(pbx, contact)
    assert "answer c1 a2 transfer_agent" in story(pbx)


# Seen on Asterisk: the phone that rings is hung up first, then she; only HangupRequest tells who it was.
def test_c31_given_a_ringing_phone_when_she_is_heard_hanging_up_then_the_other_legs_end_is_no_refusal() -> None:
    pbx, contact = consulting(answered=False)
    caller = pbx.callers[contact]
    assert caller.parted_leg is not None
    assert caller.target_leg is not None
    pbx.feed(HangUpHeard(leg=caller.parted_leg))
    for leg in (caller.target_leg, caller.parted_leg):
        pbx.legs.pop(leg)
        pbx.feed(LegHungUp(leg=leg))
    pbx.settle()
    answer_rings(pbx, contact)
    assert "answer c1 a2 transfer_agent" in story(pbx)


def test_c31_given_a_consult_when_the_agent_hangs_up_then_it_is_completed() -> None:
    pbx, contact = consulting()
    story(pbx)
    left = pbx.callers[contact].parted_leg or pbx.callers[contact].leg
    end_leg(pbx, left)
    pbx.settle()
    # The PBX is told whose going it has to wait for: Bridge() drops a leg that is between two bridges.
    assert [one.after for one in pbx.orders if isinstance(one, Rejoin)] == [left]
    assert "answer c1 a2 consult" in story(pbx)
    assert pbx.callers[contact].place == "talk"


# C31: the caller hangs up while it rings: all of it ends; while they talk: they may finish their sentence.
def test_c31_given_a_ringing_phone_when_the_caller_hangs_up_then_it_stops_and_the_agent_wraps_up() -> None:
    pbx, contact = consulting(answered=False)
    story(pbx)
    pbx.hang_up(contact)
    pbx.settle()
    told = story(pbx)
    assert "end c1 completed" in told
    assert "consult_end c1 a1 caller_gone" in told
    pbx.advance(30.0)
    assert not pbx.legs
    assert {occupation(pbx, A1), occupation(pbx, A2)} == {Occupation.IDLE}


def test_c31_given_a_consult_when_the_caller_hangs_up_then_the_two_talk_on_and_nobody_rings_them() -> None:
    pbx, contact = consulting()
    pbx.hang_up(contact)
    pbx.settle()
    assert "end c1 completed" in story(pbx)
    assert len(pbx.legs) == 2
    assert occupation(pbx, A2) is Occupation.TALKING
    pbx.advance(30.0)
    assert {occupation(pbx, A1), occupation(pbx, A2)} == {Occupation.IDLE}
