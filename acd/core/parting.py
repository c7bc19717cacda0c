"""A caller and an agent who stand apart: what is kept of it, and what each move of the law does."""

from __future__ import annotations

from collections.abc import Callable

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.contact_law import ContactEvent, contact_moved
from acd.core.deadlines import Due
from acd.core.handing_on import offer_to, to_line
from acd.core.offer import become_idle, free
from acd.core.talk import part
from acd.core.telling import agent_changed, publish
from acd.core.transfer_law import Deed, PartingEvent, PartingState, parting_moved
from acd.core.world import Agent, Contact, Parting, World
from kernel.agent import Occupation
from kernel.facts import ContactAnswered
from kernel.facts_transfer import ConsultEnded
from kernel.ids import LegId
from kernel.orders import EndLeg, Rejoin, SendOutside

#: Seconds beyond the ring time after which the dialplan should have told how the asking ended.
UNHEARD_AFTER_S = 5.0
#: Seconds for the PBX to join, or to stop a phone.
JOIN_LIMIT_S = 3.0
#: Seconds for an outside number's caller to be gone after the agent left, before the PBX is asked.
OUTSIDE_LOOK_S = 30.0

#: The facts' word for how a parting ended that nobody asked to end.
_WHY = {
    PartingEvent.AGENT_GONE: "agent_gone",
    PartingEvent.CALLER_GONE: "caller_gone",
    PartingEvent.HOLDING: "lost",
    PartingEvent.LATE: "lost",
    PartingEvent.COMPLETE: "completed",
}
_WAITS_FOR_PBX = frozenset({PartingState.COMPLETING, PartingState.STOPPING, PartingState.RETURNING})


def parting_happened(world: World, contact: Contact, event: PartingEvent) -> bool:
    """Move the contact's parting, and do what the move says. False where the law has no such move."""
    parting = contact.parting
    move = parting_moved(parting.state, event) if parting is not None else None
    if parting is None or move is None:
        return False
    parting.state, deed = move
    if parting.why is None:
        parting.why = _WHY.get(event)
    watch_parting(world, contact, parting)
    _DEEDS[deed](world, contact, parting)
    return True


def watch_parting(world: World, contact: Contact, parting: Parting, ring_time_s: float | None = None) -> None:
    """Set the deadline of the state it is in. ``ring_time_s``: how long the other phone may ring."""
    if parting.state in _WAITS_FOR_PBX:
        world.deadlines.set(Due.PARTING, contact.id, world.now + JOIN_LIMIT_S)
    elif parting.state is PartingState.RINGING and ring_time_s is not None:
        world.deadlines.set(Due.PARTING, contact.id, world.now + ring_time_s + UNHEARD_AFTER_S)
    elif parting.state is not PartingState.RINGING:
        world.deadlines.cancel(Due.PARTING, contact.id)


def close_parting(world: World, contact: Contact, parting: Parting, why: str) -> None:
    """The caller's music is over: tell it, and forget the parting."""
    contact.parting = None
    world.deadlines.cancel(Due.PARTING, contact.id)
    # Its id says when it began: an engine that came later knows it too.
    began = int(parting.id.rpartition("-")[2][1:]) / 1000
    seconds = round(max(0.0, world.now - began), 3)
    publish(world, ConsultEnded(t=world.now, call=contact.id, agent=parting.agent, why=why, seconds=seconds))


def release_target(world: World, parting: Parting) -> None:
    """The one who was asked is bound no longer. A leg that still talks becomes a call of her own."""
    agent = world.agents.get(parting.to) if parting.to is not None else None
    leg = world.legs.get(parting.target_leg) if parting.target_leg is not None else None
    if leg is not None:
        leg.contact = None
    parting.to = None
    if agent is None or agent.contact is None:
        return
    if agent.occupation is Occupation.RESERVED:
        free(world, agent)
        return
    _on_her_own(world, agent, leg.id if leg is not None else None)


def _on_her_own(world: World, agent: Agent, leg: LegId | None) -> None:
    agent.contact = None
    if leg in agent.legs:
        agent.legs[leg] = True
    if not agent.legs:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OWN_CALL_OVER)
    become_idle(agent)
    agent_changed(world, agent)


def _nothing(_world: World, _contact: Contact, _parting: Parting) -> None:
    """The state alone changes."""


def _target_talks(world: World, contact: Contact, parting: Parting) -> None:
    del contact
    world.deadlines.cancel(Due.PARTING, parting.contact)
    agent = world.agents.get(parting.to) if parting.to is not None else None
    if agent is not None and agent.occupation is Occupation.RESERVED:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.JOINED)
        agent_changed(world, agent)


def _release_target(world: World, contact: Contact, parting: Parting) -> None:
    del contact
    release_target(world, parting)


def _stop_target(world: World, contact: Contact, parting: Parting) -> None:
    del contact
    if parting.target_leg is not None:
        world.effects.append(EndLeg(leg=parting.target_leg))


def _rejoin_agent(world: World, contact: Contact, parting: Parting) -> None:
    _rejoin(world, contact, parting, parting.agent_leg)


def _join_target(world: World, contact: Contact, parting: Parting) -> None:
    _rejoin(world, contact, parting, parting.target_leg)


def _rejoin(world: World, contact: Contact, parting: Parting, leg: LegId | None) -> None:
    if leg is None:
        return
    # What stood in a bridge before is no sign of having met.
    for one in (contact.leg, leg):
        if one in world.legs:
            world.legs[one].bridge = None
    agent = parting.agent if leg == parting.agent_leg else parting.to
    hangs_up = parting.why == _WHY[PartingEvent.AGENT_GONE]
    world.effects.append(
        Rejoin(
            contact=contact.id,
            channel=contact.channel,
            consult=parting.id,
            epoch=world.epoch,
            leg=leg,
            agent=agent,
            after=parting.agent_leg if hangs_up else None,
        )
    )


def _leave(world: World, contact: Contact, parting: Parting, why: str) -> None:
    """The agent's part is over. Her leg, where it lives on, belongs to nobody's call and is hung up."""
    leg = world.legs.get(parting.agent_leg)
    if leg is not None:
        leg.contact = None
        world.effects.append(EndLeg(leg=leg.id))
    part(world, contact, why)


def _offer_target(world: World, contact: Contact, parting: Parting) -> None:
    to, outside = parting.to, parting.outside
    if parting.target_leg in world.legs:
        world.legs[parting.target_leg].contact = None
    close_parting(world, contact, parting, "completed")
    _leave(world, contact, parting, "transferred")
    if outside is not None:
        contact.state = contact_moved(contact.state, ContactEvent.GOING)
        world.deadlines.set(Due.GOING, contact.id, world.now + OUTSIDE_LOOK_S)
        asked = parting.why != _WHY[PartingEvent.AGENT_GONE]
        order = SendOutside(contact=contact.id, channel=contact.channel, number=outside, epoch=world.epoch, asked=asked)
        world.effects.append(order)
    elif to is not None:
        offer_to(world, contact, world.agents[to], by=parting.agent, reserved=True)


def _to_line(world: World, contact: Contact, parting: Parting) -> None:
    _stop_target(world, contact, parting)
    release_target(world, parting)
    close_parting(world, contact, parting, parting.why or "lost")
    _leave(world, contact, parting, "agent_hung_up" if parting.agent_leg not in world.legs else "failed")
    to_line(world, contact)


def _back_with_agent(world: World, contact: Contact, parting: Parting) -> None:
    release_target(world, parting)
    close_parting(world, contact, parting, parting.why or "resumed")


def _handed_over(world: World, contact: Contact, parting: Parting) -> None:
    to, target_leg = parting.to, parting.target_leg
    close_parting(world, contact, parting, "completed")
    if to is None:
        _leave(world, contact, parting, "transferred")
        contact.state = contact_moved(contact.state, ContactEvent.GOING)
        world.deadlines.set(Due.GOING, contact.id, world.now + OUTSIDE_LOOK_S)
        return
    agent = world.agents[to]
    _leave(world, contact, parting, "transferred")
    publish(world, ContactAnswered(t=world.now, call=contact.id, agent=to, via="consult"))
    contact.agent, contact.since, contact.left_first = to, world.now, None
    if agent.occupation is Occupation.RESERVED:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.JOINED)
    agent.contact, agent.wrap_up_asked = contact.id, None
    agent.tally.answered += 1
    agent.tally.busy_since = world.now
    if target_leg in world.legs:
        world.legs[target_leg].contact = contact.id
    agent_changed(world, agent)


def _talk_on(world: World, contact: Contact, parting: Parting) -> None:
    release_target(world, parting)
    close_parting(world, contact, parting, "caller_gone")
    leg = world.legs.get(parting.agent_leg)
    if leg is not None:
        leg.contact = None
        # After her wrap-up, if she still talks then, it is a call of her own.
        world.agents[parting.agent].legs[leg.id] = True
    part(world, contact, "caller_hung_up")


def _end_all(world: World, contact: Contact, parting: Parting) -> None:
    _stop_target(world, contact, parting)
    release_target(world, parting)
    close_parting(world, contact, parting, "caller_gone")
    _leave(world, contact, parting, "caller_hung_up")


_DEEDS: dict[Deed, Callable[[World, Contact, Parting], None]] = {
    Deed.NOTHING: _nothing,
    Deed.TARGET_TALKS: _target_talks,
    Deed.RELEASE_TARGET: _release_target,
    Deed.STOP_TARGET: _stop_target,
    Deed.REJOIN_AGENT: _rejoin_agent,
    Deed.JOIN_TARGET: _join_target,
    Deed.OFFER_TARGET: _offer_target,
    Deed.TO_LINE: _to_line,
    Deed.BACK_WITH_AGENT: _back_with_agent,
    Deed.HANDED_OVER: _handed_over,
    Deed.TALK_ON: _talk_on,
    Deed.END_ALL: _end_all,
}
