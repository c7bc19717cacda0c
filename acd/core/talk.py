"""From the join to the end: talking, either side hanging up, wrap-up."""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.inputs import HangUpHeard, LegHungUp
from acd.core.offer import LEG_LIMIT_S, become_idle, drop_offer, free, leave_line
from acd.core.several import leg_gone, stop_others
from acd.core.telling import agent_changed, publish
from acd.core.world import Agent, Contact, Leg, Offer, World, queue_of
from kernel.agent import Occupation
from kernel.facts import AgentLeft, ContactAnswered, ContactEnded
from kernel.ids import ContactId
from kernel.queues import WrapUpMode

#: Seconds for a caller to be gone after the agent hung up, before the PBX is asked.
AFTER_TALK_LIMIT_S = 5.0
#: How long an ended contact is remembered, so that a late event does not bring it back.
CLOSED_KEPT_S = 60.0


def join(world: World, contact: Contact, offer: Offer) -> None:
    """Caller and agent talk."""
    agent = world.agents[offer.agent]
    contact.state = contact_moved(contact.state, ContactEvent.JOINED)
    contact.since = world.now
    contact.offer = None
    contact.agent = agent.id
    contact.answered = True
    contact.stale = 0
    world.deadlines.cancel(Due.OFFER, contact.id)
    world.deadlines.cancel(Due.WITHDRAWAL, contact.id)
    agent.wrap_up_asked = None
    agent.failures.clear()
    agent.tally.answered += 1
    agent.tally.busy_since = world.now
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.JOINED)
    publish(world, ContactAnswered(t=world.now, call=contact.id, agent=agent.id))
    stop_others(world, contact)
    agent_changed(world, agent)


def hang_up_heard(world: World, item: HangUpHeard) -> None:
    """One of two who talk hung up. The PBX ends the agent's leg first, whoever it was: only this event tells."""
    leg = world.legs.get(item.leg)
    contact = world.contacts.get(leg.contact) if leg and leg.contact else None
    if leg is not None and contact is not None and contact.left_first is None:
        contact.left_first = "caller_hung_up" if leg.agent is None else "agent_hung_up"


def leg_hung_up(world: World, item: LegHungUp) -> None:
    """A channel is gone."""
    leg = world.legs.pop(item.leg, None)
    if leg is None:
        return
    if leg.agent is not None:
        _agent_leg_gone(world, world.agents[leg.agent], leg, item.why)
    elif leg.contact is not None:
        _caller_gone(world, world.contacts[leg.contact])


def _caller_gone(world: World, contact: Contact) -> None:
    """The caller hung up: the one thing that ends a contact."""
    if contact.offer is not None:
        agent = drop_offer(world, contact, contact.offer, "caller_gone")
        close(world, contact)
        free(world, agent)
        return
    if contact.state is ContactState.JOINED:
        part(world, contact, contact.left_first or "caller_hung_up")
    close(world, contact)


def part(world: World, contact: Contact, why: str) -> None:
    """The agent's part in the call is over: after-call work begins."""
    if contact.agent is None:
        return
    agent = world.agents[contact.agent]
    contact.agent, contact.last_agent = None, (agent.id, world.now)
    publish(world, AgentLeft(t=world.now, call=contact.id, agent=agent.id, why=why))
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.LEFT)
    agent.contact = None
    start_wrap_up(world, agent, world.now + wrap_up_seconds(world, contact, agent))
    agent_changed(world, agent)


def wrap_up_seconds(world: World, contact: Contact, agent: Agent) -> float:
    """How long her after-call work takes: what she asked for, else her own setting, else the queue's."""
    asked, agent.wrap_up_asked = agent.wrap_up_asked, None
    if contact.wish is None:
        return 0.0
    queue = queue_of(world, contact.wish)
    agent.wrap_up_mode, agent.wrap_up_longest_s = queue.wrap_up_mode, queue.wrap_up_longest_s
    usual = queue.wrap_up_s if agent.profile.wrap_up_s is None else agent.profile.wrap_up_s
    if queue.wrap_up_mode is WrapUpMode.OPTIONAL:
        usual = 0.0
    if asked is None:
        return usual
    return max(asked, usual) if queue.wrap_up_mode is WrapUpMode.MANDATORY else asked


def start_wrap_up(world: World, agent: Agent, until: float) -> None:
    """Set when after-call work ends (Unix seconds)."""
    agent.wrap_up_until = until
    world.deadlines.set(Due.WRAP_UP, agent.id, until)


def end_wrap_up(world: World, agent: Agent) -> None:
    """After-call work is over, by time or because she says ready."""
    world.deadlines.cancel(Due.WRAP_UP, agent.id)
    if agent.has_offer_leg:
        # Her leg of the finished call is still there: never offer an agent whose previous leg exists.
        agent.wrap_up_until = min(agent.wrap_up_until or world.now, world.now)
        world.deadlines.set(Due.LEG, agent.id, world.now + LEG_LIMIT_S)
        return
    world.deadlines.cancel(Due.LEG, agent.id)
    agent.wrap_up_until = None
    agent.idle_since = world.now
    if agent.tally.busy_since is not None:
        agent.tally.busy_s += world.now - agent.tally.busy_since
        agent.tally.busy_since = None
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.WRAP_UP_OVER)
    become_idle(agent)
    agent_changed(world, agent)


def close(world: World, contact: Contact, src: str | None = None, at: float | None = None) -> None:
    """End the contact, exactly once: it is forgotten here and nowhere else. ``at``: when it was over, if not now."""
    contact.state = contact_moved(contact.state, ContactEvent.HUNG_UP)
    why = contact.outcome or ("completed" if contact.answered else "abandoned")
    publish(world, ContactEnded(t=world.now if at is None else at, call=contact.id, why=why, src=src))
    leave_line(world, contact)
    for due in (Due.OFFER, Due.WITHDRAWAL, Due.HOLD, Due.GOING):
        world.deadlines.cancel(due, contact.id)
    for agent_id in contact.excluded:
        world.deadlines.cancel(Due.EXCLUSION, contact.id, agent_id)
    world.legs.pop(contact.leg, None)
    del world.contacts[contact.id]
    for old in list(_expired(world)):
        del world.closed[old]
    world.closed[contact.id] = world.now


def _expired(world: World) -> Iterator[ContactId]:
    # Oldest first, so the first young one ends the search.
    for contact_id, at in world.closed.items():
        if at >= world.now - CLOSED_KEPT_S:
            return
        yield contact_id


def _agent_leg_gone(world: World, agent: Agent, leg: Leg, why: str) -> None:
    agent.legs.pop(leg.id, None)
    contact = world.contacts.get(leg.contact) if leg.contact else None
    if contact is not None and contact.agent == agent.id and contact.state is ContactState.JOINED:
        part(world, contact, contact.left_first or "agent_hung_up")
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


def settle_legs(world: World, agent: Agent) -> None:
    """One of her legs is gone that no contact waits for: see whether that makes her idle."""
    own_call = agent.occupation in {Occupation.TALKING, Occupation.HOLDING} and agent.contact is None
    if agent.occupation is Occupation.RESERVED and agent.contact is None:
        free(world, agent)
    elif agent.occupation is Occupation.WRAP_UP and (agent.wrap_up_until or 0.0) <= world.now:
        end_wrap_up(world, agent)
    elif own_call and not agent.legs:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OWN_CALL_OVER)
        agent_changed(world, agent)
