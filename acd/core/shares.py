"""Fair shares between councils: a guaranteed share, a cap, and everything else lent to whoever has callers.

Counted are agents. *At work* is who is available, rung, in a call or in wrap-up; *in use* of a council is who is rung
for, talks with or wraps up a contact of one of its queues. A council below its guarantee goes ahead of those at or
above theirs when an agent frees (the priority inside a council's own queues stays): nobody idles for a guarantee, so
what is not used is lent. A council at its cap is offered to nobody, even while agents idle. Emergencies know neither.
Since the guarantees sum to at most one, a council that waits below its own is the next to be served (decision 0011).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from acd.core.bars import line_of, tell_cap
from acd.core.contact_law import ContactState
from acd.core.world import Agent, Contact, Rank, World
from kernel.ids import AgentId, QueueId, TenantId
from kernel.queues import Queue


def set_shares(world: World, queues: Iterable[Queue]) -> None:
    """Take over what the councils have agreed."""
    agreed = {queue.tenant: (queue.council_share, queue.council_cap) for queue in queues}
    world.shares = {tenant: both for tenant, both in agreed.items() if both != (None, None)}
    if not world.shares:
        # Nothing is counted from here on.
        world.at_work, world.in_use = 0, {}
        for agent in world.agents.values():
            agent.counted = (False, None)


def capped(world: World, queue: QueueId) -> bool:
    """Whether nobody may be offered a contact of this queue because its council is at its cap."""
    policy = world.queues.get(queue)
    return policy is not None and not policy.emergency and at_cap(world, policy.tenant)


def at_cap(world: World, council: TenantId) -> bool:
    """Whether one more agent would be more than the council's cap. One is always allowed."""
    cap = world.shares.get(council, (None, None))[1]
    return cap is not None and world.in_use.get(council, 0) + 1 > max(1.0, cap * world.at_work)


def below_guarantee(world: World, queue: QueueId) -> bool:
    """Whether the queue's council uses fewer agents than it is guaranteed."""
    policy = world.queues.get(queue)
    share = world.shares.get(policy.tenant, (None, None))[0] if policy is not None else None
    return policy is not None and share is not None and world.in_use.get(policy.tenant, 0) < share * world.at_work


def released(world: World) -> Iterator[Contact]:
    """Contacts of councils that were at their cap and are below it now, best first, while they stay below.

    Whoever reads this offers each contact as it comes; a kind nobody is idle for is then passed over.
    """
    for council in sorted(world.were_capped):
        lines = list(_lines(world, council)) if not at_cap(world, council) else []
        heap: list[tuple[Rank, int, int]] = [(ranks[0], number, 0) for number, ranks in enumerate(lines)]
        heapq.heapify(heap)
        while heap and not at_cap(world, council):
            rank, number, index = heapq.heappop(heap)
            contact = world.contacts[rank[3]]
            if contact.state is ContactState.WAITING:
                yield contact
            # Still waiting although looked at: nobody is idle for this kind, unless only some are kept from this one.
            if _may_be_others(world, contact) and index + 1 < len(lines[number]):
                heapq.heappush(heap, (lines[number][index + 1], number, index + 1))


def _may_be_others(world: World, contact: Contact) -> bool:
    """Whether one who stands behind this contact in its line may find an agent although this one waits on."""
    delayed = contact.wish is not None and contact.wish.queue in world.delays
    return contact.state is not ContactState.WAITING or bool(contact.excluded) or delayed


def _lines(world: World, council: TenantId) -> Iterator[list[Rank]]:
    for queue in world.queues.values():
        if queue.tenant == council and not queue.emergency:
            for name in (queue.id, *(line_of(queue.id, agent) for agent in sorted(world.alone.get(queue.id, ())))):
                yield from (list(ranks) for ranks in world.waiting.kinds(name).values())


def note_caps(world: World) -> None:
    """At the end of a step: remember who is at the cap, and say what that bars or no longer bars."""
    now = {council for council in world.shares if at_cap(world, council)}
    for contact_id in world.cap_passed:
        contact = world.contacts.get(contact_id)
        if contact is not None and contact.state is ContactState.WAITING and contact.wish is not None:
            queue = contact.wish.queue
            tell_cap(world, contact, world.queues[queue].tenant if capped(world, queue) else None)
    for council in (world.cap_met & now) - world.cap_told:
        world.cap_told.add(council)
        for ranks in _lines(world, council):
            for rank in ranks:
                tell_cap(world, world.contacts[rank[3]], council)
    for council in sorted(world.were_capped - now):
        world.cap_told.discard(council)
        for contact_id in sorted(world.barred_by_cap.pop(council, set())):
            if contact_id in world.contacts:
                tell_cap(world, world.contacts[contact_id], None)
    world.were_capped = now
    world.cap_met.clear()
    world.cap_passed.clear()


def meets_cap(world: World, agent: Agent, queue: QueueId) -> bool:
    """Whether the cap keeps this idle agent from a queue; noted, so that the facts say so."""
    if not capped(world, queue):
        return False
    if world.waiting.kinds(queue) or world.waiting.kinds(line_of(queue, AgentId(agent.id))):
        world.cap_met.add(world.queues[queue].tenant)
    return True
