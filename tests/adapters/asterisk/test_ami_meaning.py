"""What each AMI event means to the house: one row an event, and nothing for all the others."""

from __future__ import annotations

import pytest

from adapters.asterisk.ami_meaning import _READERS, Meaning, endpoint_of
from adapters.asterisk.ami_wire import Frame
from adapters.asterisk.pbx_conf import AMI_EVENTS
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, LegId, OfferId, QueueId, TenantId
from kernel.queues import Queue
from kernel.seen import (
    AgentLegDialled,
    CallBegan,
    ContactHolding,
    ContactResting,
    HangUpHeard,
    LegEnteredBridge,
    LegHeld,
    LegHungUp,
    OfferReturned,
    OutcomeNamed,
    OwnCallBegan,
    ReachChanged,
)

pytestmark = pytest.mark.unit

A1 = AgentId("northmere-a001")
WASTE = QueueId("northmere.waste")
QUEUES = {WASTE: Queue(id=WASTE, tenant=TenantId("northmere"), name="Bins", skills={"waste": 1})}
CALLER, AGENT = "PJSIP/trunk-00000001", "PJSIP/a001-00000002"
LEG = {"Uniqueid": "1764000000.12"}


def meaning() -> Meaning:
    return Meaning({"a001": A1}, QUEUES, lambda: 1764000009.0)


def event(name: str, **headers: str) -> Frame:
    return Frame([("Event", name), ("Privilege", "call,all"), *headers.items()])


def user_event(name: str, **headers: str) -> Frame:
    return event("UserEvent", UserEvent=name, Channel=CALLER, **LEG, **headers)


def test_given_a_new_call_when_read_then_a_call_began() -> None:
    seen = meaning().read(
        user_event("GuildhallCall", Contact="c1764000000-12", Tenant="northmere", Number="03069990001")
    )
    assert seen == CallBegan(
        contact=ContactId("c1764000000-12"),
        channel=CALLER,
        leg=LegId("1764000000.12"),
        tenant=TenantId("northmere"),
        number="03069990001",
    )


def test_given_a_caller_in_hold_when_read_then_the_wish() -> None:
    seen = meaning().read(
        user_event("GuildhallHolding", Contact="c1-12", Tenant="northmere", Queue="northmere.waste", Arrived="17.5")
    )
    assert isinstance(seen, ContactHolding)
    assert (seen.wish.contact, seen.wish.channel, seen.wish.leg) == ("c1-12", CALLER, "1764000000.12")
    assert (seen.wish.arrived, seen.wish.skills) == (17.5, {"waste": 1})


def test_given_an_offer_that_came_back_when_read_then_why() -> None:
    back = user_event(
        "GuildhallBack", Contact="c1-12", Offer="7-1", Status="NOANSWER", Rang="90", Dialled="3000", Limit="3"
    )
    assert meaning().read(back) == OfferReturned(contact=ContactId("c1-12"), offer=OfferId("7-1"), why="rona")


# docs/decisions/0057: of several phones the one that was picked up is the one that refused.
@pytest.mark.parametrize(("leg", "agent"), [(AGENT, A1), ("", None), ("PJSIP/x9-00000003", None)])
def test_given_a_phone_gone_at_once_when_read_then_who_picked_it_up(leg: str, agent: AgentId | None) -> None:
    back = user_event("GuildhallBack", Contact="c1-12", Offer="7-1", Status="GONE", Leg=leg)
    gone = OfferReturned(contact=ContactId("c1-12"), offer=OfferId("7-1"), why="reject", answered_by=agent)
    assert meaning().read(back) == gone


def test_given_an_outcome_when_read_then_its_word() -> None:
    seen = meaning().read(user_event("GuildhallOutcome", Contact="c1-12", Why="informed"))
    assert isinstance(seen, OutcomeNamed)
    assert seen == OutcomeNamed(contact=ContactId("c1-12"), why="informed", leg=seen.leg)


# C24: "place kept; called back in turn": a rest told in whole seconds ends before or after the PBX's own.
@pytest.mark.parametrize(("due", "seconds"), [("1764000002.250", 1764000002.25), ("1764000002", 1764000002.0)])
def test_given_a_seat_that_rests_when_read_then_until_when_to_the_thousandth(due: str, seconds: float) -> None:
    seen = meaning().read(user_event("GuildhallResting", Contact="c1-12", Due=due))
    assert seen == ContactResting(contact=ContactId("c1-12"), due=seconds)


# docs/asterisk.md rule 19: an agent's own call is a Newchannel on her endpoint outside an offer.
@pytest.mark.parametrize(
    ("channel", "state", "own"),
    [(AGENT, "4", True), (AGENT, "0", False), (CALLER, "4", False), ("Local/a001@x-00000001;1", "4", False)],
)
def test_given_a_new_channel_when_read_then_an_own_call_only_if_her_phone_dialled(
    channel: str,
    state: str,
    own: bool,  # noqa: FBT001 - a parametrised flag
) -> None:
    seen = meaning().read(event("Newchannel", Channel=channel, ChannelState=state, **LEG))
    assert seen == (OwnCallBegan(agent=A1, leg=LegId("1764000000.12")) if own else None)


def test_given_an_agents_leg_dialled_when_read_then_both_legs() -> None:
    seen = meaning().read(event("DialBegin", DestChannel=AGENT, DestUniqueid="1764000000.13", **LEG))
    assert seen == AgentLegDialled(caller_leg=LegId("1764000000.12"), agent_leg=LegId("1764000000.13"), agent=A1)


# An Originate has no calling side, and another phone is no agent's.
def test_given_a_dial_without_caller_or_of_a_stranger_when_read_then_nothing() -> None:
    assert meaning().read(event("DialBegin", DestChannel=AGENT, DestUniqueid="1.2")) is None
    assert meaning().read(event("DialBegin", DestChannel="PJSIP/x9-00000001", DestUniqueid="1.2", **LEG)) is None


def test_given_bridge_hangup_and_hold_when_read_then_the_leg() -> None:
    leg = LegId("1764000000.12")
    assert meaning().read(event("BridgeEnter", BridgeUniqueid="b1", **LEG)) == LegEnteredBridge(leg=leg, bridge="b1")
    assert meaning().read(event("HangupRequest", **LEG)) == HangUpHeard(leg=leg)
    assert meaning().read(event("Hangup", **LEG)) == LegHungUp(leg=leg)
    assert meaning().read(event("Hold", **LEG)) == LegHeld(leg=leg, held=True)
    assert meaning().read(event("Unhold", **LEG)) == LegHeld(leg=leg, held=False)


@pytest.mark.parametrize(
    ("state", "reachable"),
    [("NOT_INUSE", True), ("INUSE", True), ("RINGING", True), ("UNAVAILABLE", False), ("INVALID", False)],
)
def test_given_a_device_state_when_read_then_her_reach(state: str, reachable: bool) -> None:  # noqa: FBT001 - as above
    seen = meaning().read(event("DeviceStateChange", Device="PJSIP/a001", State=state))
    assert seen == ReachChanged(agent=A1, reachable=reachable)
    assert meaning().read(event("DeviceStateChange", Device="PJSIP/trunk", State=state)) is None


@pytest.mark.parametrize("name", ["VarSet", "FullyBooted", "BridgeLeave", "ContactStatus", "", "GuildhallCall"])
def test_given_an_event_that_means_nothing_here_when_read_then_nothing(name: str) -> None:
    assert meaning().read(event(name, **LEG)) is None
    assert meaning().read(user_event("SomebodyElses", Contact="c1-12")) is None


# The engine asks for events by name: one that is read but not asked for would never come.
def test_given_the_table_of_readers_when_compared_then_every_event_is_asked_for() -> None:
    assert set(_READERS) <= set(AMI_EVENTS)


# What is logged about a damaged event names its kind, never what stood in it.
@pytest.mark.parametrize("name", ["GuildhallCall", "GuildhallHolding", "GuildhallBack", "GuildhallOutcome"])
@pytest.mark.parametrize("contact", ["", "01632 960111", "a,b", "c1\x00"])
def test_given_a_user_event_without_a_contact_when_read_then_refused(name: str, contact: str) -> None:
    damaged = user_event(name, Contact=contact, Tenant="northmere", Queue="northmere.waste", Why="informed")
    with pytest.raises(BadInput) as caught:
        meaning().read(damaged)
    assert not contact or contact not in str(caught.value)


# Asterisk writes a UserEvent's own fields last, and a frame's first value wins: a field cannot pose as the channel.
def test_given_a_field_that_poses_as_the_channel_when_read_then_the_real_one() -> None:
    frame = Frame([*user_event("GuildhallOutcome", Contact="c1-12", Why="informed").pairs, ("Event", "Hangup")])
    assert isinstance(meaning().read(frame), OutcomeNamed)


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [
        ("PJSIP/a001-00000012", "a001"),
        ("PJSIP/north-a001-00000012", "north-a001"),
        ("Local/a001@x-1;1", ""),
        ("PJSIP/a001", ""),
        ("", ""),
    ],
)
def test_given_a_channels_name_when_read_then_its_endpoint(channel: str, endpoint: str) -> None:
    assert endpoint_of(channel) == endpoint
