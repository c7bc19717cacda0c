"""What the outside learns: facts, the agent's word, and what the PBX's own store keeps of her."""

from __future__ import annotations

from acd.core.agent_law import OFFERABLE
from acd.core.counts import count_use, note_idle, word
from acd.core.effects import PublishFact, RememberAgent
from acd.core.inputs import AgentMemory
from acd.core.line import lines_of
from acd.core.staff import count
from acd.core.world import Agent, Contact, World
from kernel.agent import AgentWord, Presence
from kernel.facts import AgentChanged, EngineChanged, Fact, MayChanged, PolicyInForce
from kernel.ids import QueueId
from kernel.queues import IdleAfterLost, Queue

#: Why an agent may not be offered a contact after a failed offer, as the facts say it.
EXCLUDED = "excluded"


def publish(world: World, fact: Fact) -> None:
    """Tell the world what happened."""
    world.effects.append(PublishFact(fact=fact))


def agent_changed(world: World, agent: Agent) -> None:
    """Bring everything that follows from an agent's state up to date: her word, her memory, her place among the idle.

    Called once after each change, when the state is whole again, so that no half-way word is ever told.
    """
    if not world.seen:
        # Her memory has not been read yet: whatever is said now would be wrong.
        return
    _tell(world, agent)
    if world.shares:
        count_use(world, agent)
    if world.deciding:
        _remember(world, agent)
    _take_place(world, agent)
    count(world, agent)


def memory(agent: Agent) -> AgentMemory:
    """What must survive a restart."""
    return AgentMemory(
        agent=agent.id,
        presence=agent.presence,
        aux_code=agent.aux_code,
        pending=agent.pending,
        pending_aux=agent.pending_aux,
        wrap_up_until=agent.wrap_up_until,
        idle_since=agent.idle_since,
        queues=agent.moved_to,
    )


def tell_engine(world: World, state: str) -> None:
    """Say that the engine is up or reconciling, once."""
    if world.engine_state != state:
        world.engine_state = state
        publish(world, EngineChanged(t=world.now, state=state))


def tell_policy(world: World, queue: Queue) -> None:
    """Say which policy is in force in a queue."""
    delays = {agent: delay for delay, agents in world.delays.get(queue.id, {}).items() for agent in agents}
    publish(
        world,
        PolicyInForce(
            t=world.now,
            queue=queue.id,
            max_parallel_offers=queue.ring_at_once,
            wrapup_ms=round(queue.wrap_up_s * 1000),
            rona_exclude_ms=round(queue.rona_exclude_s * 1000),
            sl_s=queue.service_level_s,
            strategy=queue.strategy.value,
            idle_after_lost=None if queue.idle_after_lost is IdleAfterLost.KEPT else queue.idle_after_lost.value,
            delay_s=delays or None,
            preferred_s=queue.preferred_s or None,
            floor=queue.floor or None,
            cap=queue.council_cap,
            share=queue.council_share,
        ),
    )


def tell_excluded(world: World, contact: Contact, agent: Agent, until: float) -> None:
    """Say that she may not be offered this contact until then (Unix seconds)."""
    publish(world, MayChanged(t=world.now, call=contact.id, not_=(agent.id,), until=until, why=EXCLUDED))


def _tell(world: World, agent: Agent) -> None:
    shown = word(world, agent)
    reason = (agent.aux_code or agent.resting) if shown is AgentWord.PAUSED else None
    new_profile = agent.told_profile != (agent.profile, agent.held)
    if agent.told == (shown, reason) and not new_profile:
        return
    if agent.told is None or agent.told[0] is not shown:
        agent.since = world.now
    agent.told = (shown, reason)
    if agent.removed or agent.presence is Presence.LOGGED_OUT:
        world.gone_agents.add(agent.id)
    was_held = agent.told_profile is not None and agent.told_profile[1]
    agent.told_profile = (agent.profile, agent.held)
    profile = agent.profile if new_profile else None
    publish(
        world,
        AgentChanged(
            t=world.now,
            agent=agent.id,
            state=shown,
            reason=reason,
            skills=dict(profile.skills) if profile else None,
            queues=_queues_told(world, agent) if profile else None,
            council=profile.tenant if profile else None,
            councils=profile.councils if profile else None,
            held=agent.held if agent.held or was_held else None,
        ),
    )


def _queues_told(world: World, agent: Agent) -> tuple[QueueId, ...]:
    queues = agent.profile.queues
    emergency = {queue for queue, policy in world.queues.items() if policy.emergency} if agent.held else set()
    return tuple(queue for queue in queues if queue in emergency) if agent.held else queues


def _remember(world: World, agent: Agent) -> None:
    now = memory(agent)
    if agent.remembered != now:
        agent.remembered = now
        world.effects.append(RememberAgent(memory=now))


def _take_place(world: World, agent: Agent) -> None:
    may_be_offered = (
        (agent.presence, agent.occupation) in OFFERABLE
        and agent.id in world.reachable
        and agent.resting is None
        and not agent.legs
        and not agent.removed
    )
    profile = agent.profile
    place = None
    if may_be_offered:
        place = (lines_of(profile), (agent.idle_since, agent.id))
    if place == agent.place:
        return
    if agent.place is not None:
        lines, where = agent.place
        for queue, line in lines:
            world.idle.remove(queue, line, where)
    agent.place = place
    if place is not None:
        lines, where = place
        for queue, line in lines:
            world.idle.add(queue, line, where)
        world.fresh_agents.add(agent.id)
    if world.floors:
        note_idle(world, agent)
