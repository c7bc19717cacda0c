"""Who gets the contact: of the idle agents who may take it, the one the queue's strategy says.

Agents of equal ability stand in one line, longest idle first. Strategies that look only at abilities and idle time see
the heads of those lines, so they cost the number of different skill sets; those that look at the agent herself see
every idle agent of the queue who may take it. Read the table at the end first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from acd.core.floor import keeps
from acd.core.line import Ability, can_take, need
from acd.core.shares import capped
from acd.core.world import Contact, IdlePlace, World, queue_of
from kernel.contact import Wish
from kernel.ids import AgentId
from kernel.queues import Strategy

#: What a difference of two times may be off by: seconds.
ROUNDING_S = 1e-6

#: Lower goes first; idle place and id break ties.
Key = tuple[float | str, ...]


def choose(world: World, contact: Contact) -> AgentId | None:
    """The agent for this contact by its queue's strategy, None when nobody may take it now."""
    if contact.wish is None:
        return None
    if world.shares and capped(world, contact.wish.queue):
        return None
    if contact.only is not None:
        return _only(world, contact, contact.only)
    strategy = queue_of(world, contact.wish).strategy
    return longest_idle(world, contact) if strategy is Strategy.LONGEST_IDLE else _STRATEGIES[strategy](world, contact)


def _only(world: World, contact: Contact, agent: AgentId) -> AgentId | None:
    """The one agent who may take it now, when she is idle and can."""
    hers = world.agents[agent]
    if contact.wish is None or hers.place is None or agent in contact.excluded or keeps(world, hers, contact):
        return None
    needed, waited = need(contact.skills, contact.tenant), _waited(world, contact.wish)
    lines = (able for queue, able in hers.place[0] if queue == contact.wish.queue)
    return agent if any(able.delay_s <= waited and can_take(able, needed) for able in lines) else None


def longest_idle(world: World, contact: Contact) -> AgentId | None:
    """Who has waited longest for work. Ties go to the lower id."""
    best: IdlePlace | None = None
    lines = world.idle.kinds(contact.wish.queue) if contact.wish is not None else {}
    for able, place in heads(world, contact):
        if best is None or place < best:
            best = place
        if place == lines[able][0]:
            # The head of its line; those of the lines that follow have waited less.
            break
    return best[1] if best else None


def best_skill(world: World, contact: Contact) -> AgentId | None:
    """Who has the highest levels, summed, in the skills that are required."""
    needed = contact.skills
    return _best(heads(world, contact), lambda able, _agent: (-sum(level for s, level in able.skills if s in needed),))


def least_skilled(world: World, contact: Contact) -> AgentId | None:
    """Who has the lowest levels, summed over all her skills, and is sufficient all the same."""
    return _best(heads(world, contact), lambda able, _agent: (sum(level for _, level in able.skills),))


def least_occupied(world: World, contact: Contact) -> AgentId | None:
    """Whose share of time on contacts since she logged in is the least."""
    return _best(everybody(world, contact), lambda _, agent: (world.agents[agent].tally.occupancy(world.now),))


def round_robin(world: World, contact: Contact) -> AgentId | None:
    """The next one, in the order of the ids, after whom this queue's last offer went to."""
    last = world.turns.get(contact.wish.queue, AgentId("")) if contact.wish else AgentId("")
    return _best(everybody(world, contact), lambda _, agent: (agent <= last, agent))


def fewest_calls(world: World, contact: Contact) -> AgentId | None:
    """Who has answered the fewest contacts since she logged in."""
    return _best(everybody(world, contact), lambda _, agent: (world.agents[agent].tally.answered,))


def fixed_order(world: World, contact: Contact) -> AgentId | None:
    """The first one in ``people.yaml``."""
    return _best(everybody(world, contact), lambda _, agent: (world.agents[agent].order,))


def by_hash(world: World, contact: Contact) -> AgentId | None:
    """Anyone with equal chance; drawn from the two ids, so that a replay draws the same."""
    return _best(everybody(world, contact), lambda _, agent: (_drawn(contact, agent),))


def _drawn(contact: Contact, agent: AgentId) -> str:
    return hashlib.blake2b(f"{contact.id}/{agent}".encode(), digest_size=8).hexdigest()


def _waited(world: World, wish: Wish) -> float:
    """Seconds: not below zero, for the PBX's clock may be ahead, and not a hair less than a delay due this instant."""
    return max(0.0, world.now - wish.arrived + ROUNDING_S)


def _may(world: World, contact: Contact, agent: AgentId) -> bool:
    return agent not in contact.excluded and not keeps(world, world.agents[agent], contact)


def heads(world: World, contact: Contact) -> Iterator[tuple[Ability, IdlePlace]]:
    """Of each line of equal agents who may take the contact, the first one who is not excluded.

    The lines in the order of their first places.
    """
    if contact.wish is None:
        return
    needed, waited = need(contact.skills, contact.tenant), _waited(world, contact.wish)
    lines = world.idle.kinds(contact.wish.queue)
    for _head, able in world.idle.heads(contact.wish.queue):
        if able.delay_s <= waited and can_take(able, needed):
            for place in lines[able]:
                if _may(world, contact, place[1]):
                    yield able, place
                    break


def everybody(world: World, contact: Contact) -> Iterator[tuple[Ability, IdlePlace]]:
    """Every idle agent who may take the contact."""
    if contact.wish is None:
        return
    needed, waited = need(contact.skills, contact.tenant), _waited(world, contact.wish)
    for able, places in world.idle.kinds(contact.wish.queue).items():
        if able.delay_s <= waited and can_take(able, needed):
            yield from ((able, place) for place in places if _may(world, contact, place[1]))


def _best(candidates: Iterator[tuple[Ability, IdlePlace]], key: Callable[[Ability, AgentId], Key]) -> AgentId | None:
    best = min(((key(able, place[1]), place) for able, place in candidates), default=None)
    return best[1][1] if best else None


_STRATEGIES: dict[Strategy, Callable[[World, Contact], AgentId | None]] = {
    Strategy.LONGEST_IDLE: longest_idle,
    Strategy.BEST_SKILL: best_skill,
    Strategy.LEAST_SKILLED: least_skilled,
    Strategy.LEAST_OCCUPIED: least_occupied,
    Strategy.ROUND_ROBIN: round_robin,
    Strategy.FEWEST_CALLS: fewest_calls,
    Strategy.FIXED_ORDER: fixed_order,
    Strategy.RANDOM: by_hash,
}
