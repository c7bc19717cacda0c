"""One call as the snapshot shows it: what state that is, and taking it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from acd.core.announcing import departed
from acd.core.bars import bar_everybody
from acd.core.callbacks import rings_on_s
from acd.core.calls import tell_arrival
from acd.core.contact_law import ContactState
from acd.core.deadlines import Due
from acd.core.exits import RECHECK_S
from acd.core.fallback import leave_to_fallback
from acd.core.inputs import PbxSeen, SeenCall, SeenLeg
from acd.core.offer import UNHEARD_AFTER_S, join_line, tell_in_line, tell_offer, via_of
from acd.core.parting import watch_parting
from acd.core.parting_seen import read_parting
from acd.core.relaxing import require
from acd.core.several import take_beside
from acd.core.telling import publish
from acd.core.world import Contact, Offer, Parting, World, queue_of
from kernel.facts import CallBegan, ContactAnswered
from kernel.ids import AgentId, ContactId, LegId, OfferId

#: Seconds an offer without an agent's leg may stay so: between Redirect and Dial lie milliseconds.
UNSURE_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a seen call is."""

    call: SeenCall
    state: ContactState
    #: Who is rung for it or talks with the caller, and her leg.
    agent: AgentId | None = None
    leg: LegId | None = None
    #: Who else is rung under the same offer, and their legs.
    beside: Mapping[AgentId, LegId] = field(default_factory=dict)
    #: She and the caller stand apart.
    parting: Parting | None = None


def sight(world: World, item: PbxSeen, returned: frozenset[OfferId]) -> dict[ContactId, Sighting]:
    """Read every call of the snapshot, in the order of arrival. An agent belongs to one contact: talking wins.

    ``returned``: offers that were told to be over while the snapshot was taken, whatever it still shows of them.
    """
    calls = sorted(item.calls, key=lambda call: (call.wish.arrived if call.wish else 0.0, call.contact))
    sightings = {
        call.contact: _read(world, replace(call, offer=None) if call.offer in returned else call, item.legs)
        for call in calls
        if call.contact not in world.closed
    }
    taken: set[AgentId] = set()
    for sighting in sorted(sightings.values(), key=lambda one: one.state is not ContactState.JOINED):
        if sighting.agent in taken:
            sightings[sighting.call.contact] = Sighting(call=sighting.call, state=ContactState.ENDING)
        elif sighting.agent is not None:
            free = {agent: leg for agent, leg in sighting.beside.items() if agent not in taken}
            sightings[sighting.call.contact] = replace(sighting, beside=free)
            taken |= {sighting.agent, *free}
    return sightings


def _read(world: World, call: SeenCall, legs: tuple[SeenLeg, ...]) -> Sighting:
    known = world.contacts.get(call.contact)
    for leg in legs:
        if call.bridge is not None and leg.bridge == call.bridge and leg.agent in world.agents:
            return Sighting(call=call, state=ContactState.JOINED, agent=leg.agent, leg=leg.leg)
    if (call.fallback or call.holding) and call.wish is not None:
        return Sighting(call=call, state=ContactState.FALLBACK if call.fallback else ContactState.WAITING)
    if call.parted and call.wish is not None:
        return _apart(call, read_parting(world, call, known, legs))
    return _rung(world, call, known, legs) or _nowhere(call, known)


def _apart(call: SeenCall, parting: Parting | None) -> Sighting:
    if parting is None:
        # Nobody is left of those who stood apart: the dialplan takes the caller to [hold] by itself.
        return Sighting(call=call, state=ContactState.WAITING)
    return Sighting(call=call, state=ContactState.JOINED, agent=parting.agent, leg=parting.agent_leg, parting=parting)


def _rung(world: World, call: SeenCall, known: Contact | None, legs: tuple[SeenLeg, ...]) -> Sighting | None:
    if call.offer is None or call.wish is None:
        return None
    ringing = {leg.agent: leg.leg for leg in legs if leg.offer == call.offer and leg.agent in world.agents}
    if ringing:
        # Who was rung first may have dropped out of several.
        first = call.agent if call.agent in ringing else min(ringing)
        leg_of_first = ringing.pop(first)
        return Sighting(call=call, state=ContactState.OFFERED, agent=first, leg=leg_of_first, beside=ringing)
    if call.agent in world.agents and _may_be_ringing(call, known):
        return Sighting(call=call, state=ContactState.OFFERED, agent=call.agent)
    return None


def _nowhere(call: SeenCall, known: Contact | None) -> Sighting:
    outside = {ContactState.IN_IVR, ContactState.LEAVING}
    if call.wish is None or call.left is not None or known is None or known.state in outside:
        return Sighting(call=call, state=ContactState.IN_IVR)
    on_the_way_back = known.state in {ContactState.WAITING, ContactState.OFFERED} and not known.lost
    return Sighting(call=call, state=ContactState.WAITING if on_the_way_back else ContactState.ENDING)


def _may_be_ringing(call: SeenCall, known: Contact | None) -> bool:
    """Whether an offer on the channel without an agent's leg may be a fresh one; an old one may linger there."""
    if known is None:
        return True
    offer = known.offer
    return offer is not None and offer.agent == call.agent and offer.id in {None, call.offer} and not offer.unsure


def enter(world: World, sighting: Sighting) -> None:
    """Take the call over as it is, and tell what has not been told."""
    call, state = sighting.call, sighting.state
    # What came while nobody looked came when it did: told as of now, an answer meanwhile would lie before it, and the
    # wait would be as short as the look is late.
    since = world.now if call.wish is None else min(call.wish.arrived, world.now)
    contact = world.contacts.get(call.contact)
    if contact is None:
        contact = Contact(id=call.contact, channel=call.channel, leg=call.leg, tenant=call.tenant, since=world.now)
        world.contacts[contact.id] = contact
        publish(world, CallBegan(t=since, call=contact.id, council=call.tenant, number=call.number))
    if contact.state is not state:
        contact.since = world.now
    # Her talk's end is told, that she stands in the line again is not: the event that would have said so was not heard.
    unheard = (
        contact.state is ContactState.ENDING and contact.answered and state is ContactState.WAITING and call.holding
    )
    contact.channel, contact.leg, contact.tenant = call.channel, call.leg, call.tenant
    contact.state, contact.wish, contact.holding = state, call.wish or contact.wish, call.holding
    if call.holding:
        contact.lost = False
    if contact.leaving is not None:
        if call.holding:
            # The PBX never took the caller out: the limit is met anew.
            contact.tried.discard(contact.leaving.why)
        contact.leaving = None
    if state is ContactState.IN_IVR and call.left is not None:
        contact.outcome = call.left
    if contact.wish is not None and state not in {ContactState.IN_IVR, ContactState.ENDING}:
        require(world, contact, contact.wish)
        if unheard:
            contact.left_first = None
            tell_in_line(world, contact, contact.wish)
        tell_arrival(world, contact, contact.wish, since)
    _ENTER[state](world, contact, sighting)


def _enter_nowhere(_world: World, contact: Contact, _sighting: Sighting) -> None:
    contact.offer = None


def _enter_line(world: World, contact: Contact, _sighting: Sighting) -> None:
    since = contact.since
    join_line(world, contact)
    contact.since = since


def _enter_fallback(world: World, contact: Contact, _sighting: Sighting) -> None:
    contact.offer = None
    leave_to_fallback(world, contact)


def _enter_offer(world: World, contact: Contact, sighting: Sighting) -> None:
    call = sighting.call
    if sighting.agent is None or call.offer is None or contact.wish is None:
        return
    offer = contact.offer
    if offer is None:
        offer = Offer(agent=sighting.agent, several=bool(sighting.beside))
        tell_offer(world, contact, sighting.agent)
    rung_at = world.now if call.offered_at is None else call.offered_at
    until = rung_at + queue_of(world, contact.wish).ring_time_s + UNHEARD_AFTER_S + rings_on_s(contact)
    unsure = sighting.leg is None
    contact.offer = replace(
        offer,
        via=via_of(call.offer),
        id=call.offer,
        agent_leg=sighting.leg,
        dialled=not unsure,
        unsure=unsure,
        until=until,
    )
    take_beside(world, contact, sighting.beside)
    world.deadlines.set(Due.OFFER, contact.id, min(until, world.now + UNSURE_LIMIT_S) if unsure else until)


def _enter_talk(world: World, contact: Contact, sighting: Sighting) -> None:
    if sighting.agent is None:
        return
    # After a transfer the channel may still show the offer of before: of one that was never told nothing is told.
    unheard = contact.offer is None and contact.answered
    by_offer = contact.offer is not None or (sighting.call.offer is not None and not unheard)
    consulted = sighting.call.consult is not None
    if contact.agent != sighting.agent:
        joined_at = world.now
        if by_offer and contact.offer is None and not consulted:
            tell_offer(world, contact, sighting.agent)
        elif sighting.call.joined_at is not None and not contact.answered:
            # She answered while we were away: told with its true time, for the recording runs from there. A look in the
            # milliseconds before the bridge saw the caller in app_queue still, and has told so.
            joined_at = min(max(sighting.call.joined_at, contact.told_nobody or 0.0), world.now)
        via = via_of(sighting.call.offer or OfferId("")) if by_offer else "fallback"
        via = "consult" if consulted else via
        publish(world, ContactAnswered(t=joined_at, call=contact.id, agent=sighting.agent, via=via))
        departed(world, contact, answered=True, at=joined_at)
    contact.offer = None
    contact.agent = sighting.agent
    contact.answered = True
    contact.parting = sighting.parting
    if sighting.parting is not None and contact.wish is not None:
        watch_parting(world, contact, sighting.parting, queue_of(world, contact.wish).ring_time_s)


def _enter_ending(world: World, contact: Contact, _sighting: Sighting) -> None:
    contact.offer = None
    if contact.arrived and not contact.answered:
        bar_everybody(world, contact, world.now + 2 * RECHECK_S)
    world.deadlines.set(Due.GOING, contact.id, world.now + RECHECK_S)


_ENTER = {
    ContactState.IN_IVR: _enter_nowhere,
    ContactState.WAITING: _enter_line,
    ContactState.OFFERED: _enter_offer,
    ContactState.JOINED: _enter_talk,
    ContactState.FALLBACK: _enter_fallback,
    ContactState.ENDING: _enter_ending,
}
