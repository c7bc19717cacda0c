"""What must hold in the distributor's world after every step, checked the slow and plain way."""

from __future__ import annotations

from collections import Counter

from acd.core.contact_law import ContactState
from acd.core.deadlines import Due
from acd.core.transfer_law import PartingState
from acd.core.world import Agent, Contact, World
from kernel.agent import AgentWord, Occupation, Presence, agent_word
from kernel.contact import Wish
from kernel.queues import Queue
from kernel.skill import meets


def world_law(world: World) -> None:
    """Raise AssertionError with what is wrong."""
    offered = Counter(contact.offer.agent for contact in world.contacts.values() if contact.offer)
    offered.update(agent for contact in world.contacts.values() for agent in contact.beside)
    assert all(count == 1 for count in offered.values()), f"an agent has two offers: {offered}"
    for contact in world.contacts.values():
        _contact_law(world, contact)
    for agent in world.agents.values():
        _agent_law(world, agent)
    if world.deciding:
        for contact in world.contacts.values():
            if contact.state is ContactState.WAITING and contact.due is None:
                idle = [agent.id for agent in world.agents.values() if _could_take(world, agent, contact)]
                assert not idle, f"{contact.id} waits while {idle} may take it"


def _contact_law(world: World, contact: Contact) -> None:
    has = world.deadlines.has
    assert (contact.offer is not None) == (contact.state is ContactState.OFFERED), contact
    assert contact.offer is not None or not contact.beside, contact
    in_line = contact.state is ContactState.WAITING and contact.due is None
    assert (contact.place is not None) == in_line, contact
    assert (contact.agent is not None) == (contact.state is ContactState.JOINED), contact
    assert contact.leg in world.legs, contact
    assert (contact.leaving is not None) == (contact.state is ContactState.LEAVING), contact
    if not world.deciding or world.needs_reconcile:
        return
    if contact.state is ContactState.OFFERED:
        assert contact.offer is not None
        kinds = (Due.HOLD,) if contact.offer.id is None else (Due.OFFER, Due.WITHDRAWAL)
        assert any(has(kind, contact.id) for kind in kinds), f"{contact.id} is offered without a deadline"
    if contact.state is ContactState.WAITING and not contact.holding:
        assert has(Due.HOLD, contact.id), f"{contact.id} is on the way back without a deadline"
    parting = contact.parting
    assert parting is None or contact.state is ContactState.JOINED, contact
    if parting is not None and parting.state not in {PartingState.CONSULTING, PartingState.HOLDING}:
        assert has(Due.PARTING, contact.id), f"{contact.id} stands apart without a deadline"
    if contact.state in {ContactState.ENDING, ContactState.LEAVING}:
        assert has(Due.GOING, contact.id), f"{contact.id} is on the way out without a deadline"
    for agent in contact.excluded:
        assert has(Due.EXCLUSION, contact.id, agent), f"{agent} is excluded for ever"


def _agent_law(world: World, agent: Agent) -> None:
    has = world.deadlines.has
    for leg in agent.legs:
        assert world.legs[leg].agent == agent.id
    if agent.contact is not None:
        contact = world.contacts[agent.contact]
        with_whom = {contact.offer.agent if contact.offer else contact.agent, *contact.beside}
        with_whom |= {contact.parting.to} if contact.parting else set()
        assert agent.id in with_whom, f"{agent.id} is busy with {contact.id}, which is not with her"
    assert (agent.contact is None) or agent.occupation not in {Occupation.IDLE, Occupation.WRAP_UP}
    if agent.resting:
        assert has(Due.REST, agent.id), f"{agent.id} rests for ever"
    if not world.deciding or world.needs_reconcile:
        return
    if agent.occupation is Occupation.RESERVED and agent.contact is None:
        assert has(Due.LEG, agent.id), f"{agent.id} is reserved for nobody"
    if agent.occupation is Occupation.WRAP_UP:
        assert has(Due.WRAP_UP, agent.id) or has(Due.LEG, agent.id), f"{agent.id} is in wrap-up for ever"
    if agent.occupation is Occupation.TALKING and agent.contact is None:
        assert agent.has_own_leg, f"{agent.id} talks with nobody"
    word = agent_word(
        Presence.LOGGED_OUT if agent.removed else agent.presence,
        agent.occupation,
        reachable=agent.id in world.reachable,
        resting=agent.resting is not None,
    )
    assert agent.told is None or agent.told[0] is word, f"{agent.id} is {word}, told was {agent.told}"
    assert word is not AgentWord.AVAILABLE or not agent.legs, f"{agent.id} is available with a leg: offered nothing"


def _could_take(world: World, agent: Agent, contact: Contact) -> bool:
    """The rules in plain words, without the lines."""
    councils = agent.profile.councils
    return (
        _idle(world, agent)
        and contact.wish is not None
        and contact.wish.queue in agent.profile.queues
        and (contact.tenant in councils or "*" in councils)
        and meets(agent.profile.skills, contact.skills)
        and agent.id not in contact.excluded
        and contact.only in {None, agent.id}
        and _seen(world, agent, contact.wish)
        and not _kept(world, agent, contact.wish)
        and not _at_cap(world, contact.wish)
    )


def _idle(world: World, agent: Agent) -> bool:
    word = agent_word(
        agent.presence,
        agent.occupation,
        reachable=agent.id in world.reachable,
        resting=agent.resting is not None,
    )
    return word is AgentWord.AVAILABLE and not agent.removed and not agent.legs


def _seen(world: World, agent: Agent, wish: Wish) -> bool:
    delay = agent.profile.delay_s.get(wish.queue, 0.0)
    return delay == 0 or wish.arrived + delay <= world.now


def _kept(world: World, agent: Agent, wish: Wish) -> bool:
    """Whether a floor keeps her for emergencies."""
    own = world.queues.get(wish.queue)
    if own is not None and own.emergency:
        return False
    floors = [queue for queue in world.queues.values() if queue.emergency and queue.floor and _serves(agent, queue)]
    return any(
        sum(_idle(world, one) and _serves(one, queue) for one in world.agents.values()) <= queue.floor
        for queue in floors
    )


def _serves(agent: Agent, queue: Queue) -> bool:
    profile = agent.profile
    council = queue.tenant in profile.councils or "*" in profile.councils
    return queue.id in profile.queues and council and meets(profile.skills, queue.skills)


def _at_cap(world: World, wish: Wish) -> bool:
    """Whether one agent more would be more than the council's cap."""
    own = world.queues.get(wish.queue)
    if own is None or own.council_cap is None or own.emergency:
        return False
    with_whom = [world.contacts[agent.contact].wish for agent in world.agents.values() if agent.contact is not None]
    queues = [world.queues.get(one.queue) for one in with_whom if one is not None]
    in_use = sum(queue is not None and queue.tenant == own.tenant for queue in queues)
    in_use += sum(
        agent.occupation is Occupation.WRAP_UP and agent.counted[1] == own.tenant for agent in world.agents.values()
    )
    busy = (AgentWord.RINGING, AgentWord.TALKING, AgentWord.WRAP_UP)
    at_work = sum(
        agent.told is not None and agent.told[0] in {AgentWord.AVAILABLE, *busy} for agent in world.agents.values()
    )
    return in_use + 1 > max(1.0, own.council_cap * at_work)
