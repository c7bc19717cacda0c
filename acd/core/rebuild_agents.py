"""The agents' part of a rebuild: memories, legs, and what each is doing now."""

from __future__ import annotations

from dataclasses import replace

from acd.core.contact_law import ContactState
from acd.core.deadlines import Due
from acd.core.inputs import AgentMemory, PbxSeen
from acd.core.offer import LEG_LIMIT_S, become_idle
from acd.core.talk import start_wrap_up
from acd.core.telling import agent_changed, memory
from acd.core.transfer_law import PartingState
from acd.core.world import Agent, Contact, World
from kernel.agent import Occupation
from kernel.ids import AgentId


def restore_agents(world: World, item: PbxSeen) -> None:
    """Read the PBX's memory of every agent."""
    memories = {kept.agent: kept for kept in item.memories}
    for agent in world.agents.values():
        _restore(agent, memories.get(agent.id))


def rebuild_agents(world: World, left: dict[AgentId, float]) -> None:
    """Set every agent to what the PBX shows. ``left``: whose talk ended unseen, and when her wrap-up should end."""
    with_whom: dict[AgentId, Contact] = {}
    for contact in world.contacts.values():
        if contact.parting is not None and contact.parting.to is not None:
            with_whom[contact.parting.to] = contact
        agent_id = contact.agent or (contact.offer.agent if contact.offer else None)
        if agent_id is not None:
            with_whom[agent_id] = contact
        with_whom.update(dict.fromkeys(contact.beside, contact))
    for agent_id in sorted(world.agents):
        agent = world.agents[agent_id]
        _occupy(world, agent, with_whom.get(agent_id), left.get(agent_id))
        agent_changed(world, agent)


def _restore(agent: Agent, kept: AgentMemory | None) -> None:
    """At the first sight of her the PBX's memory counts; later our own is the newer one."""
    if not agent.restored and kept is not None:
        agent.presence, agent.aux_code = kept.presence, kept.aux_code
        agent.pending, agent.pending_aux = kept.pending, kept.pending_aux
        agent.wrap_up_until, agent.idle_since = kept.wrap_up_until, kept.idle_since
        if kept.queues is not None:
            agent.moved_to = kept.queues
            agent.profile = replace(agent.profile, queues=kept.queues)
    # What is there is not written again; what is missing or old is.
    agent.remembered = memory(agent) if kept is None and not agent.restored else kept
    agent.restored = True


def _occupy(world: World, agent: Agent, contact: Contact | None, left: float | None) -> None:
    was, was_with = agent.occupation, agent.contact
    agent.contact = contact.id if contact else None
    if contact is None and left is not None and agent.wrap_up_until is None:
        agent.wrap_up_until = left
    if contact is not None:
        _stop_wrap_up(world, agent)
        held = was is Occupation.HOLDING and was_with == contact.id
        talking = Occupation.HOLDING if held else Occupation.TALKING
        asked = contact.parting is not None and contact.parting.to == agent.id
        rung = contact.state is not ContactState.JOINED or (asked and not _picked_up(contact))
        agent.occupation = Occupation.RESERVED if rung else talking
    elif agent.wrap_up_until is not None and agent.wrap_up_until > world.now:
        agent.occupation = Occupation.WRAP_UP
        start_wrap_up(world, agent, agent.wrap_up_until)
    elif agent.has_offer_leg:
        # A leg whose offer is over: about to vanish, and watched.
        agent.occupation = Occupation.RESERVED
        _stop_wrap_up(world, agent)
        world.deadlines.set(Due.LEG, agent.id, world.now + LEG_LIMIT_S)
    else:
        if agent.wrap_up_until is not None:
            agent.idle_since = agent.wrap_up_until
        _stop_wrap_up(world, agent)
        agent.occupation = Occupation.IDLE
        become_idle(agent)


def _picked_up(contact: Contact) -> bool:
    return contact.parting is not None and contact.parting.state is not PartingState.RINGING


def _stop_wrap_up(world: World, agent: Agent) -> None:
    agent.wrap_up_until = None
    world.deadlines.cancel(Due.WRAP_UP, agent.id)
