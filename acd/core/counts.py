"""Where an agent counts: the one word shown of her, at work or not, in use for which council, idle for which floor."""

from __future__ import annotations

from acd.core.line import ability, can_take, need
from acd.core.world import Agent, World
from kernel.agent import AgentProfile, AgentWord, Occupation, Presence, agent_word
from kernel.ids import QueueId, TenantId

_AT_WORK = frozenset({AgentWord.AVAILABLE, AgentWord.RINGING, AgentWord.TALKING, AgentWord.WRAP_UP})


def word(world: World, agent: Agent) -> AgentWord:
    """The one word that is shown of her."""
    presence = Presence.LOGGED_OUT if agent.removed else agent.presence
    return agent_word(
        presence, agent.occupation, reachable=agent.id in world.reachable, resting=agent.resting is not None
    )


def count_use(world: World, agent: Agent) -> None:
    """Count an agent where she is now; called whenever her state changed."""
    at_work = word(world, agent) in _AT_WORK
    council = _council(world, agent)
    world.at_work += at_work - agent.counted[0]
    if council != agent.counted[1]:
        for one, change in ((agent.counted[1], -1), (council, 1)):
            if one is not None:
                world.in_use[one] = world.in_use.get(one, 0) + change
    agent.counted = (at_work, council)


def _council(world: World, agent: Agent) -> TenantId | None:
    """For which council she is in use."""
    if agent.occupation is Occupation.WRAP_UP:
        return agent.counted[1]
    contact = world.contacts.get(agent.contact) if agent.contact is not None else None
    if contact is None or contact.wish is None or agent.occupation is Occupation.IDLE:
        return None
    queue = world.queues.get(contact.wish.queue)
    return queue.tenant if queue is not None else None


def note_idle(world: World, agent: Agent) -> None:
    """Keep who is idle for each floor; called whenever her place among the idle changed."""
    serves = _floors_of(world, agent.profile) if agent.place is not None else ()
    if serves == agent.counted_for:
        return
    for queue in agent.counted_for:
        world.floor_idle[queue].discard(agent.id)
    for queue in serves:
        world.floor_idle[queue].add(agent.id)
    world.floor_touched.update(agent.counted_for, serves)
    agent.counted_for = serves


def _floors_of(world: World, profile: AgentProfile) -> tuple[QueueId, ...]:
    able = ability(profile.skills, profile.councils)
    policies = (world.queues[queue] for queue in profile.queues if queue in world.floors)
    return tuple(one.id for one in policies if can_take(able, need(one.skills, one.tenant)))
