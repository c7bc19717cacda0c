"""Stories of calls that go on: blind, held, outside, explained later, and taken over by the next engine."""

from __future__ import annotations

from typing import Any

import pytest

from acd.core.explain import explain
from acd.core.explain_past import explain_past
from acd.core.inputs import LegHeld, MoveAsked
from acd.core.transfer_law import PartingState
from kernel.agent import Occupation, Presence
from kernel.commands import CallDeed
from kernel.ids import TenantId
from kernel.number import Dialled
from kernel.orders import SendOutside, SendToHold
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx_apart import consult_answer, end_leg
from tests.fakes.talks import A1, A2, A3, answer_rings, consulting, move, occupation, state_of, talking

pytestmark = pytest.mark.unit


# C30: blind transfer to an agent; C32: it is the same call. C38: it arrived once.
def test_c30_given_a_talk_when_sent_to_a_free_agent_then_she_is_rung_and_the_first_wraps_up() -> None:
    pbx, contact = talking()
    assert move(pbx, CallDeed.TRANSFER, A2).ok
    answer_rings(pbx, contact)
    assert story(pbx) == [
        "leave c1 a1 transferred",
        "agent a1 wrapup",
        "transfer c1 a2",
        "offer c1 a2 a1",
        "agent a2 ringing",
        "answer c1 a2 transfer_agent",
        "agent a2 talking",
    ]
    pbx.hang_up(contact)
    pbx.advance(30.0)
    assert [line for line in story(pbx) if line.startswith("end")] == ["end c1 completed"]


# C30: "target busy/no answer -> returns to transferer or queue".
@pytest.mark.parametrize("why", ["rona", "reject", "busy", "unreachable", "failed"])
def test_c30_given_a_blind_transfer_when_she_does_not_take_it_then_the_line_with_the_old_place(why: str) -> None:
    pbx, contact = talking()
    move(pbx, CallDeed.TRANSFER, A2)
    story(pbx)
    pbx.refuse(contact, why)
    pbx.settle()
    told = story(pbx)
    assert told[:2] == [f"offer_end c1 a2 {why}", "transfer c1 northmere.waste"]
    later = pbx.wait(WASTE, {"waste": 1})
    ask(pbx, A3, Presence.READY)
    assert pbx.callers[contact].place == "take"
    assert pbx.callers[later].place == "hold"


def test_c30_given_a_blind_transfer_when_the_caller_hangs_up_while_it_rings_then_no_queue_is_told_of() -> None:
    pbx, contact = talking()
    move(pbx, CallDeed.TRANSFER, A2)
    story(pbx)
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx)[:2] == ["offer_end c1 a2 caller_gone", "end c1 completed"]


# C11, C32: "same priority / first come first served by ORIGINAL arrival, also after transfer back".
def test_c32_given_a_talk_when_sent_to_another_queue_then_age_priority_and_own_wishes_go_along() -> None:
    pbx, contact = talking()
    caller = pbx.callers[contact]
    assert caller.wish is not None
    arrived = caller.wish.arrived
    younger = pbx.wait(RENT)
    ask(pbx, A2, Presence.NOT_READY)
    pbx.refuse(younger, "failed")
    pbx.settle()
    story(pbx)
    assert move(pbx, CallDeed.TRANSFER, RENT).ok
    assert story(pbx)[:3] == ["leave c1 a1 transferred", "agent a1 wrapup", "transfer c1 northmere.rent"]
    wish = pbx.callers[contact].wish
    assert wish is not None
    assert (wish.queue, wish.arrived, wish.priority, dict(wish.skills)) == (RENT, arrived, 2, {})
    data: dict[str, Any] = explain(pbx.world, contact, pbx.now) or {}
    assert (data["queue"], data["ahead"]) == (RENT, 0)


def test_c32_given_a_caller_who_wanted_more_than_the_queue_when_sent_on_then_that_wish_is_kept() -> None:
    pbx = switchboard(an_agent("a1", skills={"waste": 3, "welsh": 2}), an_agent("a2", queues=(RENT,)))
    contact = pbx.wait(WASTE, {"welsh": 2}, priority=7)
    pbx.answer(contact)
    pbx.settle()
    assert move(pbx, CallDeed.TRANSFER, RENT).ok
    wish = pbx.callers[contact].wish
    assert wish is not None
    assert (dict(wish.skills), wish.priority) == ({"welsh": 2}, 7)
    assert any(isinstance(order, SendToHold) for order in pbx.orders)


# Law 1, I4: the wish on the channel is the truth. Found by the random transfers: the order that moves the caller was
# lost, the facts went on saying the new queue, and its idle agents looked as if they let her wait.
@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("lost", ["the wish", "all"])
def test_c32_given_a_transfer_whose_order_is_lost_when_looked_at_then_told_where_the_caller_really_is(
    lost: str, *, killed: bool
) -> None:
    pbx, contact = talking()
    # What a store knows of the call; `story` has taken it away.
    pbx.lines.append({"t": pbx.now, "ev": "arrive", "call": contact, "queue": WASTE})
    number = len(pbx.outcomes) + 1
    pbx.feed(MoveAsked(agent=A1, deed=CallDeed.TRANSFER, to=RENT, ask=number))
    pbx.actions.popleft()
    if lost == "all":
        pbx.actions.clear()
    pbx.boot() if killed else pbx.reconcile()
    pbx.settle()
    told = story(pbx)
    sent = told.index("transfer c1 northmere.rent")
    assert "transfer c1 northmere.waste" in told[sent:]
    known = pbx.world.contacts[contact]
    assert known.wish is not None
    assert (known.wish.queue, known.told_in) == (WASTE, WASTE)


# Seconds: for so long nobody else is offered who talked with her last; also by an engine that was not there then.
def test_c11_given_a_preferred_agent_of_the_talk_when_the_engine_is_killed_then_she_is_still_waited_for() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=(a_queue(WASTE, preferred_s=60.0, wrap_up_s=5.0),))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    assert pbx.callers[contact].agent == A1
    assert move(pbx, CallDeed.TRANSFER, WASTE).ok
    assert pbx.callers[contact].place == "hold"
    pbx.boot()
    pbx.settle()
    assert (pbx.callers[contact].place, pbx.world.contacts[contact].only) == ("hold", A1)
    pbx.advance(6.0)
    assert (pbx.callers[contact].place, pbx.callers[contact].agent) == ("take", A1)


# C30: "outside (allowed list)".
def test_c30_given_an_allow_list_when_sent_outside_by_name_then_dialled_and_any_other_text_is_refused() -> None:
    pbx, contact = talking()
    pbx.world.outside = {TenantId("northmere"): {"registry": Dialled("01632960200")}}
    for wrong in ("01632960200", "nobody", "0900123", "*45"):
        assert move(pbx, CallDeed.TRANSFER, wrong).code == "unknown_target"
    assert move(pbx, CallDeed.TRANSFER, "registry").ok
    assert [order.number for order in pbx.orders if isinstance(order, SendOutside)] == ["01632960200"]
    assert story(pbx) == ["leave c1 a1 transferred", "agent a1 wrapup"]
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx) == ["end c1 completed"]


def test_c30_given_a_number_outside_that_does_not_answer_when_the_caller_is_back_then_the_old_place() -> None:
    pbx, contact = talking()
    pbx.world.outside = {TenantId("northmere"): {"registry": Dialled("01632960200")}}
    younger = pbx.wait(WASTE, {"waste": 1})
    assert move(pbx, CallDeed.TRANSFER, "registry").ok
    story(pbx)
    pbx.hold(pbx.callers[contact])
    pbx.settle()
    assert story(pbx) == ["transfer c1 northmere.waste"]
    pbx.advance(20.0)
    assert (pbx.callers[contact].place, pbx.callers[younger].place) == ("take", "hold")


# C30: nobody is left: the agent hangs up while the caller comes back to her.
def test_c30_given_a_hold_by_command_when_the_agent_hangs_up_then_the_caller_is_back_in_the_line() -> None:
    pbx, contact = talking()
    assert move(pbx, CallDeed.HOLD).ok
    assert story(pbx) == ["consult c1 a1"]
    end_leg(pbx, pbx.callers[contact].parted_leg or pbx.callers[contact].leg)
    pbx.settle()
    assert story(pbx)[:3] == ["consult_end c1 a1 agent_gone", "leave c1 a1 agent_hung_up", "agent a1 wrapup"]
    assert pbx.callers[contact].place == "hold"


# C30: an order that the PBX never got: the caller is in the line by the deadline.
@pytest.mark.parametrize("deed", [CallDeed.COMPLETE, CallDeed.CANCEL])
def test_c30_given_a_lost_order_when_nothing_is_heard_then_the_caller_comes_to_a_person_or_the_line(
    deed: CallDeed,
) -> None:
    pbx, contact = consulting()
    number = len(pbx.outcomes) + 1
    pbx.feed(MoveAsked(agent=A1, deed=deed, ask=number))
    pbx.actions.clear()
    pbx.advance(20.0)
    assert pbx.callers[contact].place in {"talk", "hold", "take"}
    assert state_of(pbx, contact) is None


# C33: hold and resume, twenty in a row, by the phone and by command; TALKING or HOLDING, never wrap-up.
def test_c33_given_twenty_holds_when_resumed_then_forty_facts_and_the_same_talk() -> None:
    pbx, contact = talking()
    leg = pbx.callers[contact].agent_leg
    assert leg is not None
    for _ in range(20):
        pbx.feed(LegHeld(leg=leg, held=True))
        pbx.feed(LegHeld(leg=leg, held=False))
    assert story(pbx) == ["hold c1 a1", "unhold c1 a1"] * 20
    for _ in range(20):
        assert move(pbx, CallDeed.HOLD).ok
        assert move(pbx, CallDeed.RESUME).ok
        pbx.now += 1.0
    assert story(pbx) == ["consult c1 a1", "consult_end c1 a1 resumed"] * 20
    assert (pbx.callers[contact].place, occupation(pbx, A1)) == ("talk", Occupation.TALKING)


# C33: the phone's own hold is ended at the phone; a call that it holds can be sent on all the same.
def test_c33_given_a_call_held_by_the_phone_when_resumed_by_command_then_said_where_and_it_can_be_sent_on() -> None:
    pbx, contact = talking()
    leg = pbx.callers[contact].agent_leg
    assert leg is not None
    pbx.feed(LegHeld(leg=leg, held=True))
    assert move(pbx, CallDeed.RESUME).message == "your phone holds the caller by its own key: take the call up there"
    assert move(pbx, CallDeed.HOLD).message == "the caller hears music already"
    assert move(pbx, CallDeed.TRANSFER, A2).ok
    answer_rings(pbx, contact)
    assert pbx.world.contacts[contact].agent == A2


# Law 4: "every decision explains itself", one that an agent made too.
def test_given_a_transferred_call_when_it_is_explained_later_then_who_sent_it_to_whom() -> None:
    pbx, contact = talking()
    pbx.boot()
    move(pbx, CallDeed.TRANSFER, A2)
    pbx.hang_up(contact)
    pbx.settle()
    told: dict[str, Any] = explain_past(pbx.lines, contact) or {}
    assert (told["chosen"], told["by"]) == (A2, A1)


# Law 4: who asked whom and what came of it is why the next agent has the caller; no offer tells it.
def test_given_a_call_after_consults_when_it_is_explained_later_then_each_move_is_told_in_order() -> None:
    pbx, contact = talking()
    pbx.boot()
    for deed in (CallDeed.CANCEL, CallDeed.COMPLETE):
        assert move(pbx, CallDeed.CONSULT, A2).ok
        consult_answer(pbx, contact)
        pbx.settle()
        assert move(pbx, deed).ok
    pbx.hang_up(contact)
    pbx.settle()
    told: dict[str, Any] = explain_past(pbx.lines, contact) or {}
    assert [
        (one["what"], one["agent"], one.get("to") or one.get("why") or one.get("via")) for one in told["moves"]
    ] == [
        ("consult", A1, A2),
        ("consult_end", A1, "cancelled"),
        ("consult", A1, A2),
        ("consult_end", A1, "completed"),
        ("leave", A1, "transferred"),
        ("answer", A2, "consult"),
        ("leave", A2, "caller_hung_up"),
    ]


# C46: "service restarted … mid-transfer: state rebuilt".
@pytest.mark.parametrize("moment", ["ringing", "consulting", "held", "blind"])
def test_c46_given_a_transfer_when_the_engine_is_killed_in_the_middle_then_the_next_one_goes_on_with_it(
    moment: str,
) -> None:
    pbx, contact = talking()
    if moment == "blind":
        move(pbx, CallDeed.TRANSFER, A2)
    elif moment == "held":
        move(pbx, CallDeed.HOLD)
    else:
        move(pbx, CallDeed.CONSULT, A2)
    if moment == "consulting":
        consult_answer(pbx, contact)
        pbx.settle()
    pbx.boot()
    pbx.settle()
    if moment == "blind":
        answer_rings(pbx, contact)
        assert pbx.lines[-2]["via"] == "transfer_agent"
        return
    expected = {"held": PartingState.HOLDING, "ringing": PartingState.RINGING, "consulting": PartingState.CONSULTING}
    assert state_of(pbx, contact) is expected[moment]
    if moment == "consulting":
        assert move(pbx, CallDeed.COMPLETE).ok
        assert pbx.world.contacts[contact].agent == A2
    else:
        assert move(pbx, CallDeed.CANCEL).ok
        assert pbx.world.contacts[contact].agent == A1
    assert pbx.callers[contact].place == "talk"
