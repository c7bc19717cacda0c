"""A snapshot of the PBX over a real link, from the frames Asterisk 22 sends: calls, legs, phones, memories, epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from adapters.asterisk.ami_view import AmiView
from kernel.errors import OutcomeUnknown, Refused
from kernel.ids import ContactId, LegId, OfferId
from kernel.seen import SeenLeg
from tests.fakes.ami_peer import Action, AmiPeer, LinkUser, error
from tests.fakes.small_ami import A1, A2, AGENTS, CALLER, QUEUES, WASTE, SmallAmi, agent_leg, caller, see

pytestmark = pytest.mark.wire


# Law 1: kill the engine, start it, and it rebuilds the queue from the channels.
async def test_given_a_caller_in_hold_when_seen_then_the_wish_and_free_to_be_redirected() -> None:
    pbx = SmallAmi()
    pbx.channels = [caller()]
    [seen] = await see(pbx)
    [call] = seen.calls
    assert (call.contact, call.channel, call.leg) == ("c1764000000-12", CALLER, "1764000000.12")
    assert (call.tenant, call.number, call.holding, call.offer, call.bridge) == (
        "northmere",
        "03069990001",
        True,
        None,
        None,
    )
    assert call.wish is not None
    assert (call.wish.queue, call.wish.arrived, call.wish.skills) == (WASTE, 1764000000.5, {"waste": 1})


# docs/asterisk.md rule 6, the restart table: ringing is adopted with the time left; bridged is talking, by bridge id.
async def test_given_a_ringing_and_a_joined_call_when_seen_then_offer_agent_and_bridge() -> None:
    pbx = SmallAmi()
    offered = {"GH_OFFER": "7-3", "GH_AGENT": "a001", "GH_OFFERED_AT": "1764000005.125"}
    pbx.channels = [caller("take", bridge="b1", **offered), agent_leg(offer="7-3", bridge="b1")]
    [seen] = await see(pbx)
    [call] = seen.calls
    assert (call.holding, call.offer, call.agent, call.offered_at, call.bridge) == (
        False,
        "7-3",
        A1,
        1764000005.125,
        "b1",
    )
    assert seen.legs == (SeenLeg(agent=A1, leg=LegId("1764000000.13"), offer=OfferId("7-3"), bridge="b1"),)


# "in the IVR → fresh session or fallback": no wish yet, so nothing may be redirected.
async def test_given_a_caller_in_the_menu_when_seen_then_a_call_without_a_wish() -> None:
    pbx = SmallAmi()
    pbx.channels = [caller("call", GH_QUEUE="(null)", GH_ARRIVED="(null)")]
    [seen] = await see(pbx)
    assert [(call.contact, call.wish, call.holding) for call in seen.calls] == [("c1764000000-12", None, False)]


# A contact is only a channel with GH_ROLE=caller; an agent's channel without an offer is her own call.
async def test_given_other_channels_when_seen_then_no_calls_of_ours() -> None:
    pbx = SmallAmi()
    pbx.channels = [
        agent_leg("PJSIP/a002-00000009"),
        [("Channel", "Local/s@x-00000001;1"), ("Uniqueid", "1.1"), ("Variable", "GH_ROLE=(null)")],
        caller("call", GH_ROLE="agent"),
    ]
    [seen] = await see(pbx)
    assert seen.calls == ()
    assert seen.legs == (SeenLeg(agent=A2, leg=LegId("1764000000.13"), offer=None, bridge=None),)


# One damaged channel must not hide the others.
async def test_given_a_channel_with_a_damaged_id_when_seen_then_the_other_callers_are_there() -> None:
    pbx = SmallAmi()
    pbx.channels = [caller(GH_CONTACT="c1 2"), caller(GH_TENANT=""), caller(GH_CONTACT="c1764000000-99")]
    [seen] = await see(pbx)
    assert [call.contact for call in seen.calls] == [ContactId("c1764000000-99")]


@pytest.mark.parametrize("damage", ["soon", "", "1.2.3", "-4"])
async def test_given_a_damaged_offer_time_when_seen_then_none(damage: str) -> None:
    pbx = SmallAmi()
    pbx.channels = [caller("take", GH_OFFER="7-3", GH_OFFERED_AT=damage)]
    [seen] = await see(pbx)
    assert seen.calls[0].offered_at is None


# The fence: each reign's epoch is above all before it, also when the wall clock was set back.
@pytest.mark.parametrize("ahead_ms", [None, -60_000, 60_000])
async def test_given_an_earlier_epoch_when_seen_then_a_higher_one_each_time(ahead_ms: int | None) -> None:
    pbx = SmallAmi()
    before = 0 if ahead_ms is None else int(time.time() * 1000) + ahead_ms
    if ahead_ms is not None:
        pbx.variables["GH_EPOCH"] = str(before)
    first, second = await see(pbx, times=2)
    assert before < first.epoch < second.epoch
    assert pbx.variables["GH_EPOCH"] == str(second.epoch)


# The epoch is taken before anything is read: offers of the old reign are void while the snapshot is made.
async def test_given_a_snapshot_when_taken_then_the_epoch_first() -> None:
    pbx = SmallAmi()
    names: list[Mapping[str, str]] = []

    def script(action: Action) -> bytes:
        names.append(action)
        return pbx.answer(action)

    peer = AmiPeer(script)
    await peer.start()
    async with LinkUser(peer) as user:
        await user.until_up()
        await AmiView(user.link, AGENTS, QUEUES).see()
    await peer.stop()
    assert [action["Action"] for action in names[:3]] == ["Getvar", "Setvar", "Status"]
    assert "GH_ARRIVED" in names[2]["Variables"]


async def test_given_a_pbx_that_refuses_or_leaves_when_seen_then_raised_and_not_half_a_snapshot() -> None:
    pbx = SmallAmi()
    peer = AmiPeer(
        lambda action: error(action, "Permission denied") if action["Action"] == "Status" else pbx.answer(action)
    )
    await peer.start()
    async with LinkUser(peer) as user:
        await user.until_up()
        view = AmiView(user.link, AGENTS, QUEUES)
        with pytest.raises(Refused):
            await view.see()

        def leave(_action: Action) -> bytes:
            peer.cut()
            return b""

        peer.script = leave
        with pytest.raises(OutcomeUnknown):
            await view.see()
    await peer.stop()


# Decision 0017: a caller in app_queue is known as such; a glance leaves the epoch, and offers under way, alone.
async def test_given_a_caller_in_app_queue_when_glanced_at_then_seen_in_the_fallback_and_the_epoch_as_it_was() -> None:
    pbx = SmallAmi()
    pbx.variables["GH_EPOCH"] = "17"
    pbx.channels = [caller("fallback"), agent_leg(bridge="b1")]
    peer = AmiPeer(pbx.answer)
    await peer.start()
    try:
        async with LinkUser(peer) as user:
            await user.until_up()
            [call], [leg] = await AmiView(user.link, AGENTS, QUEUES).glance()
    finally:
        await peer.stop()
    assert (call.fallback, call.holding) == (True, False)
    assert (leg.agent, leg.bridge) == (A1, "b1")
    assert pbx.variables["GH_EPOCH"] == "17"
