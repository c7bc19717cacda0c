"""How the queues stand at this moment, for the flows' conditions: who waits, who is at work."""

from __future__ import annotations

from acd.core.world import World
from kernel.agent import Presence
from kernel.ids import QueueId
from kernel.skill import meets


def waiting_in(world: World, queue: QueueId) -> int:
    """Callers who wait for an offer in the queue."""
    return sum(len(places) for places in world.waiting.kinds(queue).values())


def staff_of(world: World, queue: QueueId) -> int:
    """Agents at work who may take the queue's calls: ready and in reach, with the skills it asks for at first.

    One in a call counts: she comes back to it. One on a break does not.
    """
    policy = world.queues.get(queue)
    return sum(
        agent.presence is Presence.READY
        and not agent.removed
        and agent.id in world.reachable
        and queue in agent.profile.queues
        and (policy is None or meets(agent.profile.skills, policy.skills))
        for agent in world.agents.values()
    )
