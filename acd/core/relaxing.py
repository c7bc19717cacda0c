"""What waiting changes: less is required after a while, and priority grows with age.

Both follow from the queue's policy, the wish and the time waited (steps: in this queue; age: since the first arrival),
and from nothing else: so they are the same after a ring-out or a restart, and nothing of them needs to be kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from acd.core.bars import set_bars, tell_bars
from acd.core.line import need
from acd.core.staff import Staffing, staffing
from acd.core.telling import publish
from acd.core.world import Contact, World, queue_of
from kernel.contact import Wish
from kernel.facts import PriorityChanged, RequirementChanged
from kernel.queues import LastResort, Question, Queue
from kernel.skill import NO_SKILLS, Skills


class Ring(NamedTuple):
    """A relaxing step as it falls for one contact."""

    #: 0 is the requirement as it arrived.
    number: int
    #: Unix seconds: when it begins.
    begins: float
    skills: Skills
    #: What the caller must say yes to before it begins; None: nothing, or she has.
    ask: Question | None = None


def rings(queue: Queue, wish: Wish) -> Iterator[Ring]:
    """The contact's steps in order, each with less required than the one before: inner agents stay eligible."""
    needed, begins, number = required_at_first(queue, wish), wish.entered, 0
    yield Ring(number, begins, needed)
    for number, step in enumerate(queue.relaxing, 1):
        begins += step.after_s
        needed = {skill: min(level, step.skills[skill]) for skill, level in needed.items() if skill in step.skills}
        yield Ring(number, begins, needed, step.ask if wish.agreed < number else None)
    if queue.last_resort is LastResort.ANY:
        ask = queue.last_resort_ask if wish.agreed <= number else None
        yield Ring(number + 1, begins + queue.last_resort_after_s, NO_SKILLS, ask)


def open_rings(queue: Queue, wish: Wish) -> Iterator[Ring]:
    """Those that come by themselves: up to the first one the caller has not yet said yes to."""
    return takewhile(lambda ring: ring.ask is None, rings(queue, wish))


def question_of(queue: Queue, wish: Wish) -> Ring | None:
    """The step that the caller is to be asked about next, None when there is none."""
    if not queue.relaxing and queue.last_resort_ask is None:
        return None
    return next((ring for ring in rings(queue, wish) if ring.ask is not None), None)


def required_at_first(queue: Queue, wish: Wish) -> Skills:
    """What the wish names, else its queue, and what the caller's language asks for beside that."""
    own, language = wish.skills or queue.skills, queue.languages.get(wish.language)
    if not language:
        return own
    return {skill: max(own.get(skill, 0), language.get(skill, 0)) for skill in (*own, *language)}


def ring_at(queue: Queue, wish: Wish, now: float) -> tuple[Ring, float | None]:
    """The step in force at ``now`` (Unix seconds), and when the next one begins."""
    current: Ring | None = None
    for ring in open_rings(queue, wish):
        if current is not None and ring.begins > now:
            return current, ring.begins
        current = ring
    if current is None:
        raise AssertionError("the requirement of the arrival is always there")
    return current, None


def priority_at(queue: Queue, wish: Wish, now: float) -> tuple[float, float | None]:
    """The priority at ``now`` (Unix seconds), and when it changes next. Age never lowers it."""
    priority, next_at = wish.priority, None
    for step in queue.ageing:
        begins = wish.arrived + step.after_s
        if begins <= now:
            priority = max(priority, step.priority)
        elif step.priority > priority:
            next_at = begins if next_at is None else min(next_at, begins)
    return priority, next_at


def require(world: World, contact: Contact, wish: Wish) -> float | None:
    """Set what the contact needs and its priority as of now; return when that changes (Unix seconds)."""
    queue = queue_of(world, wish)
    ring, next_ring = _past_empty(world, contact, wish, ring_at(queue, wish, world.now))
    contact.skills, contact.step = ring.skills, ring.number
    contact.priority, next_priority = priority_at(queue, wish, world.now)
    next_bar = set_bars(world, contact, wish)
    return min((when for when in (next_ring, next_priority, next_bar) if when is not None), default=None)


def _past_empty(
    world: World, contact: Contact, wish: Wish, found: tuple[Ring, float | None]
) -> tuple[Ring, float | None]:
    """Pass over steps that nobody who is logged in could serve (C15). What was passed over stays so."""
    queue, (ring, next_at) = queue_of(world, wish), found
    if not queue.skip_empty:
        return found
    stay = (wish.queue, wish.entered)
    for later in open_rings(queue, wish):
        if later.number <= ring.number:
            continue
        empty = world.deciding and staffing(world, wish.queue, need(ring.skills, contact.tenant)) is Staffing.NOBODY
        skipped = contact.skipped_to.get(stay, 0)
        if not empty and later.number > skipped:
            return ring, later.begins if later.begins > world.now else next_at
        ring, next_at, contact.skipped_to[stay] = later, None, max(later.number, skipped)
    return ring, next_at


def tell_requirement(world: World, contact: Contact, wish: Wish) -> None:
    """Say what is required and with which priority, when that is not what was said last."""
    skills, priority = contact.told or (required_at_first(queue_of(world, wish), wish), wish.priority)
    if contact.skills != skills:
        publish(world, RequirementChanged(t=world.now, call=contact.id, skills=dict(contact.skills)))
    if contact.priority != priority:
        publish(world, PriorityChanged(t=world.now, call=contact.id, priority=contact.priority))
    contact.told = (contact.skills, contact.priority)
    tell_bars(world, contact, wish)
