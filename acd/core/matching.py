"""Brings contacts and agents together: highest priority first, then earliest arrival, skipping who may not.

Invariant after each step: no idle agent and no waiting contact are left who may take each other. So a new contact
needs only the idle agents looked at, and a freed agent only the heads of her queues.
"""

from __future__ import annotations

import heapq

from acd.core.contact_law import ContactState
from acd.core.line import ability, can_take
from acd.core.offer import make_offer
from acd.core.selection import choose
from acd.core.world import Agent, Rank, World
from kernel.ids import AgentId


def match(world: World) -> None:
    """Make every offer that can be made now, in the order of the contacts."""
    if not world.deciding:
        return
    # Contacts in order; those proposed by a freed agent carry her, so that she may propose the next one.
    heap: list[tuple[Rank, AgentId]] = []
    for contact_id in world.fresh_contacts:
        contact = world.contacts.get(contact_id)
        if contact and contact.place:
            heapq.heappush(heap, (contact.place[2], AgentId("")))
    for agent_id in world.fresh_agents:
        _propose(world, agent_id, heap)
    world.fresh_contacts.clear()
    world.fresh_agents.clear()
    while heap:
        place, proposer = heapq.heappop(heap)
        contact = world.contacts[place[3]]
        if contact.state is ContactState.WAITING:
            chosen = choose(world, contact)
            if chosen is None:
                continue
            make_offer(world, contact, world.agents[chosen])
        if proposer:
            _propose(world, proposer, heap)


def _propose(world: World, agent_id: AgentId, heap: list[tuple[Rank, AgentId]]) -> None:
    agent = world.agents[agent_id]
    first = first_in_line(world, agent) if agent.place else None
    if first is not None:
        heapq.heappush(heap, (first, agent_id))


def first_in_line(world: World, agent: Agent) -> Rank | None:
    """The contact this agent should take next, across her queues; None when there is none for her."""
    able = ability(agent.profile.skills, agent.profile.councils)
    best: Rank | None = None
    for queue in agent.profile.queues:
        for needed, ranks in world.waiting.kinds(queue).items():
            if not can_take(able, needed):
                continue
            for place in ranks:
                if best is not None and place >= best:
                    break
                if agent.id not in world.contacts[place[3]].excluded:
                    best = place
                    break
    return best
