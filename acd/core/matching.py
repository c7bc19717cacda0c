"""Brings contacts and agents together, in the order of acd/core/score.py, skipping who may not.

Invariant after each step: no idle agent and no waiting contact are left who may take each other. So a new contact
needs only the idle agents looked at, and a freed agent only the heads of her queues.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left

from acd.core.bars import line_of
from acd.core.contact_law import ContactState
from acd.core.floor import is_held, note_held, set_free
from acd.core.line import ability, can_take
from acd.core.offer import make_offer, place_in_line
from acd.core.selection import ROUNDING_S, choose
from acd.core.several import gather
from acd.core.shares import below_guarantee, capped, meets_cap, note_caps, released
from acd.core.world import Agent, Contact, Rank, World
from kernel.ids import AgentId, ContactId, QueueId

#: How an agent compares queues: councils below their guarantee first, then her own order; emergencies before all.
Order = tuple[int, int]

#: How she compares contacts.
Preference = tuple[Order, Rank]


def match(world: World) -> None:
    """Make every offer that can be made now, in the order of the contacts."""
    if not world.deciding:
        return
    _let_go(world)
    set_free(world)
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
        if contact.state is ContactState.WAITING and not _serve(world, contact, frozenset()):
            # An offer of this step may have brought the council to its cap: who was put forward has others to serve.
            if proposer and contact.wish is not None and capped(world, contact.wish.queue):
                _propose(world, proposer, heap)
            continue
        if proposer:
            _propose(world, proposer, heap)
    _after_caps(world)
    gather(world)
    note_held(world)


def _after_caps(world: World) -> None:
    """A council that came below its cap has contacts that nobody was looked for."""
    if world.shares:
        for contact in released(world):
            _serve(world, contact, frozenset())
        note_caps(world)


def _let_go(world: World) -> None:
    """Contacts that waited for one who logged out are everybody's again."""
    for agent_id in sorted(world.gone_agents):
        for queue in world.agents[agent_id].profile.queues:
            for places in list(world.waiting.kinds(line_of(queue, agent_id)).values()):
                for place in list(places):
                    place_in_line(world, world.contacts[place[3]])
    world.gone_agents.clear()


def _serve(world: World, contact: Contact, before: frozenset[ContactId]) -> bool:
    """Offer the contact to somebody; False when nobody may take it now.

    An agent with an order of her own is first offered what comes first for her: ``before`` are the contacts for whose
    sake that is looked for, so that two agents who each prefer the other's contact come to an end.
    """
    while (chosen := choose(world, contact)) is not None:
        agent = world.agents[chosen]
        first = first_in_line(world, agent) if agent.profile.order or world.shares else None
        if first is None or first[3] == contact.id or first[3] in before:
            make_offer(world, contact, agent)
            return True
        _serve(world, world.contacts[first[3]], before | {contact.id})
        if contact.state is not ContactState.WAITING:
            return True
    if world.shares:
        # Nobody took it; whether the cap keeps it from whoever comes next is known at the end of the step only.
        world.cap_passed.append(contact.id)
    return False


def _propose(world: World, agent_id: AgentId, heap: list[tuple[Rank, AgentId]]) -> None:
    agent = world.agents[agent_id]
    first = first_in_line(world, agent) if agent.place else None
    if first is not None:
        heapq.heappush(heap, (first, agent_id))


def first_in_line(world: World, agent: Agent) -> Rank | None:
    """The contact this agent should take next, across her queues; None when there is none for her."""
    profile = agent.profile
    able = ability(profile.skills, profile.councils)
    best: Preference | None = None
    for queue in profile.queues:
        order = _order(world, agent, queue)
        if order is None:
            continue
        if best is not None and best[0] < order:
            continue
        delay = profile.delay_s.get(queue)
        seen_until = world.now - delay + ROUNDING_S if delay else math.inf
        alone = agent.id in world.alone.get(queue, ())
        for line in (queue, line_of(queue, agent.id)) if alone else (queue,):
            kinds = world.waiting.kinds(line)
            for head, needed in world.waiting.heads(line):
                if best is not None and (order, head) >= best:
                    # All that follow are later still.
                    break
                if can_take(able, needed):
                    best = _better(world, agent, kinds[needed], (order, seen_until), best)
    return best[1] if best is not None else None


def _order(world: World, agent: Agent, queue: QueueId) -> Order | None:
    """How early she serves this queue now; None: not now."""
    policy = world.queues.get(queue)
    if policy is not None and policy.emergency:
        return (0, 0)
    if agent.counted_for and is_held(world, agent):
        return None
    own = agent.profile.order.get(queue, 1)
    if not world.shares:
        return (0, own)
    return None if meets_cap(world, agent, queue) else (not below_guarantee(world, queue), own)


def _better(
    world: World, agent: Agent, ranks: list[Rank], terms: tuple[Order, float], best: Preference | None
) -> Preference | None:
    """The first of one line that she may take, where that is better than ``best``.

    ``terms``: her order of the queue, and the latest arrival she sees there (Unix seconds).
    """
    order, seen_until = terms
    index = 0
    while index < len(ranks):
        place = ranks[index]
        if best is not None and (order, place) >= best:
            return best
        contact = world.contacts[place[3]]
        if contact.wish is not None and contact.wish.arrived > seen_until:
            # All that follow in this priority are younger still.
            index = bisect_left(ranks, (math.nextafter(place[0], math.inf),))
            continue
        if agent.id not in contact.excluded:
            return (order, place)
        index += 1
    return best
