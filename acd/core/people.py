"""The configuration in force: agents come, change and go while calls live on."""

from __future__ import annotations

from dataclasses import replace

from acd.core.bars import set_delays
from acd.core.floor import set_floors
from acd.core.inputs import PeopleChanged
from acd.core.limits import unwatch
from acd.core.offer import place_in_line
from acd.core.shares import set_shares
from acd.core.telling import agent_changed, tell_policy
from acd.core.world import Agent, World


def people_changed(world: World, item: PeopleChanged) -> None:
    """Take over agents and queues. A removed agent gets no further offer; her call goes on."""
    delays = world.delays
    set_delays(world, item.agents)
    changed = {
        queue.id
        for queue in item.queues
        if world.queues.get(queue.id) != queue or delays.get(queue.id) != world.delays.get(queue.id)
    }
    gone = world.queues.keys() - {queue.id for queue in item.queues}
    for queue in item.queues:
        if queue.id in changed:
            tell_policy(world, queue)
    world.queues = {queue.id: queue for queue in item.queues}
    world.outside = item.outside
    set_shares(world, item.queues)
    set_floors(world, item.queues)
    # Whoever was kept from something may be so no longer.
    world.fresh_agents.update(agent.id for agent in world.agents.values() if agent.place is not None)
    for contact in list(world.contacts.values()):
        if contact.place is not None and contact.wish is not None and contact.wish.queue in changed | gone:
            unwatch(world, contact)
            place_in_line(world, contact)
    for order, profile in enumerate(item.agents):
        agent = world.agents.get(profile.id)
        if agent is None:
            # Somebody new while running has nothing to restore and starts logged out.
            agent = Agent(profile=profile, restored=world.seen, idle_since=world.now, since=world.now)
            agent.tally.since = world.now
            world.agents[profile.id] = agent
        # A supervisor's word about her queues stands until undone.
        agent.profile = profile if agent.moved_to is None else replace(profile, queues=agent.moved_to)
        agent.order = order
        agent.removed = False
        agent_changed(world, agent)
    kept = {profile.id for profile in item.agents}
    for agent in world.agents.values():
        if agent.id not in kept:
            agent.removed = True  # ... perhaps before: her call may be of a queue that went now, and counts for nobody
            agent_changed(world, agent)
