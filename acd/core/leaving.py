"""A channel is gone: a caller's, an agent's, or that of somebody outside who was asked."""

from __future__ import annotations

from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.inputs import HangUpHeard, LegHungUp
from acd.core.offer import drop_offer, free
from acd.core.parting import parting_happened
from acd.core.parts import Leg
from acd.core.several import leg_gone
from acd.core.talk import close, part, settle_legs
from acd.core.transfer_law import PartingEvent
from acd.core.world import Agent, Contact, World

#: Seconds for a caller to be gone after the agent hung up, before the PBX is asked.
AFTER_TALK_LIMIT_S = 5.0


def hang_up_heard(world: World, item: HangUpHeard) -> None:
    """One of two who talk hung up. The PBX ends the agent's leg first, whoever it was: only this event tells."""
    leg = world.legs.get(item.leg)
    contact = world.contacts.get(leg.contact) if leg and leg.contact else None
    if leg is None or contact is None:
        return
    if contact.parting is not None:
        # Before the PBX tears down what hangs on her leg: it would look as if the other one had gone first.
        if leg.id == contact.parting.agent_leg:
            parting_happened(world, contact, PartingEvent.AGENT_GONE)
    elif contact.left_first is None:
        contact.left_first = "caller_hung_up" if leg.agent is None else "agent_hung_up"


def leg_hung_up(world: World, item: LegHungUp) -> None:
    """A channel is gone."""
    leg = world.legs.pop(item.leg, None)
    if leg is None:
        return
    contact = world.contacts.get(leg.contact) if leg.contact else None
    if leg.agent is not None:
        _agent_leg_gone(world, world.agents[leg.agent], leg, item.why)
    elif contact is not None and leg.id == contact.leg:
        _caller_gone(world, contact)
    elif contact is not None:
        _target_gone(world, contact, leg)


def _target_gone(world: World, contact: Contact, leg: Leg) -> None:
    if contact.parting is not None and contact.parting.target_leg == leg.id:
        contact.parting.target_leg = None
        parting_happened(world, contact, PartingEvent.TARGET_GONE)


def _caller_gone(world: World, contact: Contact) -> None:
    """The caller hung up: the one thing that ends a contact."""
    if contact.offer is not None:
        agent = drop_offer(world, contact, contact.offer, "caller_gone")
        close(world, contact)
        free(world, agent)
        return
    if contact.parting is not None:
        parting_happened(world, contact, PartingEvent.CALLER_GONE)
    elif contact.state is ContactState.JOINED:
        part(world, contact, contact.left_first or "caller_hung_up")
    close(world, contact)


def _agent_leg_gone(world: World, agent: Agent, leg: Leg, why: str) -> None:
    agent.legs.pop(leg.id, None)
    contact = world.contacts.get(leg.contact) if leg.contact else None
    parting = contact.parting if contact is not None else None
    if contact is not None and parting is not None and leg.id in {parting.agent_leg, parting.target_leg}:
        if leg.id == parting.agent_leg:
            parting_happened(world, contact, PartingEvent.AGENT_GONE)
        else:
            _target_gone(world, contact, leg)
        settle_legs(world, agent)
    elif contact is not None and contact.agent == agent.id and contact.state is ContactState.JOINED:
        dead = why == "unreachable" and contact.left_first != "caller_hung_up"
        part(world, contact, "failed" if dead else contact.left_first or "agent_hung_up")
        contact.state = contact_moved(contact.state, ContactEvent.GOING)
        world.deadlines.set(Due.GOING, contact.id, world.now + AFTER_TALK_LIMIT_S)
    elif contact is not None and leg_gone(world, contact, agent.id, leg.id, why):
        # One of several phones: the others ring on.
        return
    elif contact is not None and contact.offer is not None and contact.offer.agent_leg == leg.id:
        # How the offer ended is the dialplan's to tell; its deadline watches.
        contact.offer.agent_leg = None
    else:
        settle_legs(world, agent)
