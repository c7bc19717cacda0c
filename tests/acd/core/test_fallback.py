"""Callers in the PBX's own queue, and calls that ended while nobody looked (C46, P10; docs/decisions/0016, 0017)."""

from __future__ import annotations

import dataclasses

import pytest

from acd.core.contact_law import ContactState
from acd.core.deadlines import Due
from acd.core.fallback import BACK_AFTER_S
from acd.core.inputs import ContactHolding, EndedCall, FellBack, LegEnteredBridge, PbxSeen
from acd.core.invariants import check
from kernel.agent import Occupation, Presence
from kernel.exits import Exit, ExitKind, Limit, Limits
from kernel.ids import AgentId, ContactId
from kernel.orders import TakeBack
from kernel.seen import AgentLegDialled, SeenLeg
from tests.fakes.people import WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.small_pbx_view import COUNCIL

pytestmark = pytest.mark.unit

A1 = AgentId("a1")


def _seen(pbx: SmallPbx, *, fallback: tuple[ContactId, ...] = (), ended: tuple[EndedCall, ...] = ()) -> PbxSeen:
    seen = pbx.snapshot()
    calls = tuple(
        dataclasses.replace(call, holding=False, fallback=True) if call.contact in fallback else call
        for call in seen.calls
    )
    return dataclasses.replace(seen, calls=calls, ended=ended)


def _in_doubt(pbx: SmallPbx) -> bool:
    return pbx.world.needs_reconcile


def _waiting() -> tuple[SmallPbx, ContactId]:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.settle()
    return pbx, contact


# Decision 0017: nobody is redirected out of app_queue. Back in [hold] the caller is served, at the old place.
def test_given_a_caller_in_app_queue_when_an_agent_is_ready_then_she_is_offered_only_once_back_in_hold() -> None:
    pbx, contact = _waiting()
    pbx.feed(FellBack(contact=contact))
    ask(pbx, "a1", Presence.READY)
    assert not pbx.rung
    wish = pbx.callers[contact].wish
    assert wish is not None
    pbx.feed(ContactHolding(wish=wish))
    assert [ring.contact for ring in pbx.rung] == [contact]


# Decision 0060: the engine that is there lets callers go from app_queue, who stay in it for as long as nobody does.
@pytest.mark.parametrize("by_a_look", [False, True])
def test_given_a_caller_in_app_queue_when_the_engine_is_there_then_she_is_taken_back_and_offered(
    *, by_a_look: bool
) -> None:
    pbx, contact = _waiting()
    pbx.callers[contact].place = "fallback"
    pbx.feed(_seen(pbx) if by_a_look else FellBack(contact=contact))
    ask(pbx, "a1", Presence.READY)
    assert (pbx.rung, pbx.orders) == ([], [])
    pbx.advance(BACK_AFTER_S)
    assert pbx.orders == [TakeBack(channel=pbx.world.contacts[contact].channel, queue=WASTE)]
    assert [ring.contact for ring in pbx.rung] == [contact]


# ... again each second, for she may have been on her way in, or a phone rings for her; never once she is out or gone.
@pytest.mark.parametrize("ends", ["back", "hangs_up"])
def test_given_a_caller_whom_app_queue_keeps_when_she_is_out_at_last_then_no_more_is_asked(ends: str) -> None:
    pbx, contact = _waiting()
    pbx.feed(FellBack(contact=contact))
    pbx.advance(3 * BACK_AFTER_S)
    assert [type(order) for order in pbx.orders] == [TakeBack] * 3
    if ends == "back":
        pbx.hold(pbx.callers[contact])
    else:
        pbx.hang_up(contact)
    pbx.settle()
    pbx.advance(3 * BACK_AFTER_S)
    assert len(pbx.orders) == 3
    assert not pbx.world.deadlines.has(Due.BACK, contact)


# I4: while app_queue has her nobody is to be offered her, however long an agent is free beside; afterwards at once.
@pytest.mark.parametrize("looks", [False, True])
def test_given_a_caller_in_app_queue_when_an_agent_idles_beside_then_the_facts_say_why(*, looks: bool) -> None:
    pbx, contact = _waiting()
    profile = {"skills": {}, "queues": [WASTE], "council": COUNCIL, "councils": [COUNCIL]}
    pbx.lines.insert(0, {"t": 0.0, "ev": "agent", "agent": "a1", "state": "paused", **profile})
    pbx.feed(FellBack(contact=contact))
    ask(pbx, "a1", Presence.READY)
    pbx.advance(20.0)
    if looks:
        pbx.feed(_seen(pbx, fallback=(contact,)))
        pbx.now += 20.0
    wish = pbx.callers[contact].wish
    assert wish is not None
    pbx.feed(ContactHolding(wish=wish))
    assert [ring.contact for ring in pbx.rung] == [contact]
    assert check(pbx.lines) == []


def test_given_a_caller_in_app_queue_when_the_engine_looks_then_known_as_waiting_and_left_alone() -> None:
    pbx, contact = _waiting()
    pbx.feed(_seen(pbx, fallback=(contact,)))
    ask(pbx, "a1", Presence.READY)
    assert pbx.world.contacts[contact].state is ContactState.FALLBACK
    assert not pbx.rung


# app_queue's own answer is found by a look, never guessed.
def test_given_app_queue_joining_caller_and_agent_when_seen_in_one_bridge_then_the_two_are_adopted() -> None:
    pbx, contact = _waiting()
    pbx.feed(FellBack(contact=contact))
    caller = pbx.callers[contact]
    leg = type(caller.leg)("hers")
    pbx.feed(AgentLegDialled(caller_leg=type(leg)("a Local channel"), agent_leg=leg, agent=A1))
    assert pbx.world.agents[A1].occupation is Occupation.TALKING
    pbx.feed(LegEnteredBridge(leg=caller.leg, bridge="b1"))
    assert not _in_doubt(pbx)
    pbx.feed(LegEnteredBridge(leg=leg, bridge="b1"))
    assert _in_doubt(pbx)
    seen = _seen(pbx, fallback=(contact,))
    talking = tuple(dataclasses.replace(call, bridge="b1", joined_at=pbx.now) for call in seen.calls)
    pbx.feed(dataclasses.replace(seen, calls=talking, legs=(SeenLeg(agent=A1, leg=leg, offer=None, bridge="b1"),)))
    assert pbx.world.contacts[contact].agent == A1
    assert [line.get("via") for line in pbx.lines if line["ev"] == "answer"] == ["fallback"]


def _ended(pbx: SmallPbx, contact: ContactId, *, talked: bool) -> EndedCall:
    return EndedCall(
        contact=contact,
        tenant=COUNCIL,
        number="03069990100",
        queue=WASTE,
        began_at=pbx.now + 1.0,
        arrived_at=pbx.now + 2.0,
        joined_at=pbx.now + 5.0 if talked else None,
        agent=A1,
        why=None,
        ended_at=pbx.now + 9.0,
    )


# Issue 3: Asterisk's own records close the calls that ended meanwhile with right times.
def test_given_a_call_that_lived_wholly_in_the_fallback_when_the_engine_is_back_then_told_with_its_times() -> None:
    pbx, _ = _waiting()
    story(pbx)
    ended = _ended(pbx, ContactId("c9"), talked=True)
    pbx.now += 20.0
    pbx.feed(_seen(pbx, ended=(ended, ended)))
    lines = [line for line in pbx.lines if line.get("call") == "c9"]
    assert [(line["ev"], line["t"]) for line in lines] == [
        ("call", ended.began_at),
        ("arrive", ended.arrived_at),
        ("answer", ended.joined_at),
        ("leave", ended.ended_at),
        ("end", ended.ended_at),
    ]
    assert (lines[-1]["why"], lines[-1]["src"]) == ("completed", "pbx")


@pytest.mark.parametrize("talked", [True, False])
def test_given_a_caller_whom_app_queue_served_or_not_when_the_engine_is_back_then_the_call_ends_at_its_own_time(
    talked: bool,  # noqa: FBT001 - a case
) -> None:
    pbx, contact = _waiting()
    ended = _ended(pbx, contact, talked=talked)
    del pbx.callers[contact]
    pbx.now += 20.0
    pbx.feed(_seen(pbx, ended=(ended,)))
    told = [(line["ev"], line["t"]) for line in pbx.lines if line.get("call") == contact][-3:]
    end = ("end", ended.ended_at)
    assert told[-1] == end
    assert (told == [("answer", ended.joined_at), ("leave", ended.ended_at), end]) is talked
    assert pbx.lines[-1].get("why") != "failed"


# I10, found on a real Asterisk: a call that came, and was answered by app_queue, while the engine stood still was told
# to arrive at the look, after its own answer; and who waits still was told to wait since then only.
@pytest.mark.parametrize("talks", [True, False])
def test_given_a_call_that_came_while_the_engine_stood_still_when_it_looks_then_it_arrived_when_it_did(
    *, talks: bool
) -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    contact = pbx.call()
    pbx.enqueue(contact, WASTE, {})
    pbx.events.clear()
    came = pbx.now
    pbx.now += 9.0
    seen = _seen(pbx)
    if talks:
        hers = SeenLeg(agent=A1, leg=type(pbx.callers[contact].leg)("hers"), offer=None, bridge="b1")
        talking = tuple(
            dataclasses.replace(call, holding=False, bridge="b1", joined_at=pbx.now - 3.0) for call in seen.calls
        )
        seen = dataclasses.replace(seen, calls=talking, legs=(hers,))
    pbx.feed(seen)
    told = {line["ev"]: line["t"] for line in pbx.lines if line.get("call") == contact}
    assert (told["call"], told["arrive"]) == (pytest.approx(came, abs=0.001), pytest.approx(came, abs=0.001))
    assert told.get("answer") == (pbx.now - 3.0 if talks else None)
    assert check(pbx.lines) == []


# I10, found on a real Asterisk: the first look came between app_queue's answer and the bridge.
def test_given_a_look_between_the_answer_and_the_bridge_when_seen_again_then_the_facts_run_forwards() -> None:
    pbx, contact = _waiting()
    joined_at = pbx.now - 0.01
    pbx.feed(_seen(pbx, fallback=(contact,)))
    pbx.now += 0.1
    seen = _seen(pbx)
    hers = SeenLeg(agent=A1, leg=type(pbx.callers[contact].leg)("hers"), offer=None, bridge="b1")
    calls = tuple(dataclasses.replace(call, holding=False, bridge="b1", joined_at=joined_at) for call in seen.calls)
    pbx.feed(dataclasses.replace(seen, calls=calls, legs=(hers,)))
    assert [line.get("via") for line in pbx.lines if line["ev"] == "answer"] == ["fallback"]
    assert check(pbx.lines) == []


# Found by test_any_sequence: she went to app_queue and came back before our Redirect did anything. An older word of the
# first is no reason for a second Redirect, which would tear her from the phone that rings for her.
def test_given_a_redirect_on_its_way_when_an_older_fall_back_is_heard_then_no_second_one() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=(a_queue(wrap_up_s=0.0),))
    contact = pbx.call()
    pbx.enqueue(contact, WASTE, {})
    caller = pbx.callers[contact]
    caller.place = "fallback"
    pbx.events.append(FellBack(contact=contact))
    pbx.hold(caller)
    pbx.settle()
    assert [ring.contact for ring in pbx.rung] == [contact]
    assert caller.place == "take"
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.settle()
    assert check(pbx.lines) == []


# Decision 0043: "a call that is elsewhere has a `may` for nobody until it stands in [hold] again", also where the
# engine that said so is dead: the next one ends it at its first look, or it would excuse a gap for two minutes (I4).
def test_given_an_engine_killed_with_a_caller_in_app_queue_when_the_next_one_looks_then_no_old_bar_stands() -> None:
    pbx, contact = _waiting()
    pbx.feed(FellBack(contact=contact))
    barred = next(line for line in pbx.lines if line["ev"] == "may")
    assert barred["until"] == pytest.approx(pbx.now + 120.0)
    pbx.boot()
    ended = [(line["why"], line["until"]) for line in pbx.lines if line["ev"] == "may"][1:]
    assert ended == [("not_due", pbx.now)]
    assert pbx.world.contacts[contact].state is ContactState.WAITING


# ... but not of one whom that engine led out of her queue: she hears her message still, and is for nobody.
def test_given_an_engine_killed_with_a_caller_led_out_when_an_agent_idles_then_the_facts_bar_her_still() -> None:
    away = Limits(timeout=Limit(after_s=5.0, exit=Exit(kind=ExitKind.MESSAGE, prompts=("sorry",))))
    pbx = SmallPbx(agents=(an_agent("a1"),), queues=(a_queue(wrap_up_s=0.0, limits=away),))
    pbx.reachable = {A1}
    pbx.boot()
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.advance(6.0)
    pbx.boot()
    ask(pbx, "a1", Presence.READY)
    pbx.advance(5.0)
    pbx.hang_up(contact)
    pbx.settle()
    assert pbx.lines[-1]["why"] == "timeout"
    assert check(pbx.lines) == []
