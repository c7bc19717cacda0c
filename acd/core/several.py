"""Several phones at once for one contact: at most k, one of them wins, the others stop and are free.

Theory of operation. All phones of one offer share its token and one ``Dial()``, fixed when it starts.
``contact.offer`` is the offer to one of them, as with a single phone; the others stand in ``contact.beside``. Whoever
answers first takes the place of the first one (``promote``) and is joined; the rest end ``answered_elsewhere``: nobody
is charged with it and idle times stand. A phone that refuses drops out alone (``drop_out``), the others ring on. More
phones are only rung when everybody else who waits has been served: a second phone is never taken from another caller.
"""

from __future__ import annotations

from collections.abc import Mapping

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.floor import release
from acd.core.offer import charge, free, offer_failed, ring, tell_offer
from acd.core.parts import Beside
from acd.core.selection import choose
from acd.core.telling import agent_changed, publish
from acd.core.world import Contact, Offer, World, queue_of
from kernel.facts import OfferEnded
from kernel.ids import AgentId, LegId
from kernel.seen import PhoneRefused

#: How a leg may end that says what its phone did; anything else is told of the offer as a whole.
OWN_REASONS = frozenset({"reject", "busy", "unreachable"})


def gather(world: World) -> None:
    """Add phones to the offers of this step that may ring several, then ring them."""
    chosen, world.gathering = world.gathering, []
    for contact_id in chosen:
        contact = world.contacts.get(contact_id)
        if contact is None or contact.offer is None or contact.offer.id is not None or contact.wish is None:
            continue
        most = queue_of(world, contact.wish).ring_at_once
        while 1 + len(contact.beside) < most and (agent := choose(world, contact)) is not None:
            add(world, contact, agent)
        ring(world, contact, contact.offer)


def add(world: World, contact: Contact, agent_id: AgentId) -> None:
    """Reserve one more agent for the contact."""
    agent = world.agents[agent_id]
    release(world, agent)
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OFFERED)
    agent.contact = contact.id
    contact.beside[agent_id] = Beside()
    tell_offer(world, contact, agent_id)
    agent_changed(world, agent)


def promote(contact: Contact, offer: Offer, agent: AgentId) -> None:
    """Let ``agent``, one of those beside, change places with the first one."""
    other = contact.beside.pop(agent)
    contact.beside[offer.agent] = Beside(agent_leg=offer.agent_leg)
    offer.agent, offer.agent_leg = agent, other.agent_leg


def who_joined(world: World, contact: Contact, offer: Offer) -> AgentId | None:
    """Whose leg stands in the caller's bridge."""
    bridge = world.legs[contact.leg].bridge
    for agent, leg in (
        (offer.agent, offer.agent_leg),
        *((name, one.agent_leg) for name, one in contact.beside.items()),
    ):
        hers = world.legs.get(leg) if leg is not None else None
        if hers is not None and bridge is not None and hers.bridge == bridge:
            return agent
    return None


def stop_others(world: World, contact: Contact) -> None:
    """One answered: the others are free, and it was nobody's failure."""
    for agent_id in _all_beside(contact):
        publish(world, OfferEnded(t=world.now, call=contact.id, agent=agent_id, why="answered_elsewhere"))
        free(world, world.agents[agent_id])


def picked_up(world: World, contact: Contact, offer: Offer, agent: AgentId) -> None:
    """Her phone was picked up first: she takes the place of the first one, and the others are free."""
    if agent in contact.beside:
        promote(contact, offer, agent)
    if agent == offer.agent:
        stop_others(world, contact)


def leg_gone(world: World, contact: Contact, agent: AgentId, leg: LegId, why: str) -> bool:
    """A phone of a several-phone offer stopped; False when the leg is none of it."""
    offer = contact.offer
    if offer is None or not offer.several:
        return False
    if offer.agent == agent and offer.agent_leg == leg:
        offer.agent_leg = None
    elif agent in contact.beside and contact.beside[agent].agent_leg == leg:
        contact.beside[agent].agent_leg = None
    else:
        return False
    if why in OWN_REASONS and not offer.withdrawn:
        drop_out(world, contact, agent, why)
    return True


def phone_refused(world: World, item: PhoneRefused) -> None:
    """The dialplan did not ring one of the phones; the others ring."""
    contact = world.contacts.get(item.contact)
    if contact is None or contact.offer is None or contact.offer.id != item.offer:
        return
    if item.agent == contact.offer.agent or item.agent in contact.beside:
        drop_out(world, contact, item.agent, item.why if item.why in OWN_REASONS else "failed")


def drop_out(world: World, contact: Contact, agent_id: AgentId, why: str) -> None:
    """One of the phones does not take it; the offer goes on while another rings."""
    offer = contact.offer
    if offer is None:
        return
    if agent_id == offer.agent:
        if not contact.beside:
            offer_failed(world, contact, offer, why)
            return
        promote(contact, offer, next(iter(contact.beside)))
    agent = world.agents[agent_id]
    del contact.beside[agent_id]
    publish(world, OfferEnded(t=world.now, call=contact.id, agent=agent_id, why=why))
    charge(world, contact, agent, why)
    free(world, agent)


def part_beside(world: World, contact: Contact, seen: Mapping[AgentId, LegId], why: str) -> None:
    """At a look at the PBX: the phones beside the first one that are not seen to ring are over."""
    for agent_id in [name for name in contact.beside if name not in seen]:
        del contact.beside[agent_id]
        publish(world, OfferEnded(t=world.now, call=contact.id, agent=agent_id, why=why))
        if why not in {"caller_gone", "failed", "answered_elsewhere"} and agent_id in world.agents:
            charge(world, contact, world.agents[agent_id], why)


def take_beside(world: World, contact: Contact, seen: Mapping[AgentId, LegId]) -> None:
    """Take over the phones that are seen to ring beside the first one, and tell of those not told of."""
    for agent_id in seen:
        if agent_id not in contact.beside:
            tell_offer(world, contact, agent_id)
    contact.beside = {agent_id: Beside(agent_leg=leg) for agent_id, leg in seen.items()}


def _all_beside(contact: Contact) -> tuple[AgentId, ...]:
    names = tuple(contact.beside)
    contact.beside.clear()
    return names
