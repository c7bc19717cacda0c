"""The floor: so many idle agents, or the next to be free, are held for emergencies.

An emergency queue says how many of the agents who can serve it are kept. While no more than so many of them are idle,
those are *held*: offered emergencies and nothing else. The one who makes it more sets all of them free for ordinary
contacts, until again no more than so many are idle. With everybody busy the next to be free is held. The facts tell a
held agent by her queues: for as long as it lasts they are the emergency queues alone (``held``).
"""

from __future__ import annotations

from collections.abc import Iterable

from acd.core.counts import note_idle
from acd.core.telling import agent_changed
from acd.core.world import Agent, Contact, World
from kernel.queues import Queue


def set_floors(world: World, queues: Iterable[Queue]) -> None:
    """Take over how many are held for which queue."""
    world.floors = {queue.id: queue.floor for queue in queues if queue.emergency and queue.floor > 0}
    world.floor_idle = {queue: set() for queue in world.floors}
    world.floor_touched = set(world.floors)
    for agent in world.agents.values():
        agent.counted_for = ()
        note_idle(world, agent)
        agent.held = agent.held and bool(agent.counted_for)


def is_held(world: World, agent: Agent) -> bool:
    """Whether she is kept for emergencies now."""
    return any(len(world.floor_idle[queue]) <= world.floors[queue] for queue in agent.counted_for)


def keeps(world: World, agent: Agent, contact: Contact) -> bool:
    """Whether the floor keeps this idle agent from this contact."""
    if not world.floors or contact.wish is None:
        return False
    policy = world.queues.get(contact.wish.queue)
    return not (policy is not None and policy.emergency) and is_held(world, agent)


def set_free(world: World) -> None:
    """Before matching: whoever was held and is so no longer looks for work."""
    for queue in world.floor_touched:
        for agent_id in world.floor_idle[queue]:
            agent = world.agents[agent_id]
            if agent.held and not is_held(world, agent):
                world.fresh_agents.add(agent_id)


def release(world: World, agent: Agent) -> None:
    """She is about to be offered something: the facts must not say that she is held."""
    if agent.held:
        agent.held = False
        agent_changed(world, agent)


def note_held(world: World) -> None:
    """After matching: say who is held and who is so no longer."""
    if not world.floor_touched:
        return
    touched, world.floor_touched = world.floor_touched, set()
    for agent_id in sorted({agent_id for queue in touched for agent_id in world.floor_idle[queue]}):
        agent = world.agents[agent_id]
        if agent.held != is_held(world, agent):
            agent.held = not agent.held
            agent_changed(world, agent)
