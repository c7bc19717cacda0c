"""Which contact first, between queues: emergencies, then priority, then one score of weight, age and target.

    score = seconds waited + 60 x weight of the queue - the queue's service-level target

The contact with the higher score goes first: with equal weights whoever is nearest to, or furthest past, the target.
Every score grows by one a second, so two contacts never change places by waiting: the order is fixed on arrival, and a
line need not be sorted again. From that follows the bound on starvation, proved in docs/decisions/0010: among contacts
of one priority nobody who arrives more than ``bound_s`` seconds after a contact goes ahead of it, whatever the load.
"""

from __future__ import annotations

from collections.abc import Iterable

from acd.core.world import Contact, Rank, World, queue_of, rank
from kernel.contact import Wish
from kernel.queues import Queue

#: What one point of a queue's weight is worth, in seconds waited (Genesys Cloud counts a priority as minutes, too).
WEIGHT_S = 60.0
#: Added to the priority of every contact of an emergency queue: above any priority a file may name.
EMERGENCY_LIFT = 1_000_000


def head_start_s(queue: Queue) -> float:
    """Seconds by which the queue's contacts count as older than they are."""
    return WEIGHT_S * queue.weight - queue.service_level_s


def score(queue: Queue, wish: Wish, now: float) -> float:
    """The score at ``now`` (Unix seconds), in seconds."""
    return now - wish.arrived + head_start_s(queue)


def standing(world: World, contact: Contact, wish: Wish) -> Rank:
    """The contact's place among all that wait."""
    queue = queue_of(world, wish)
    priority = contact.priority + (EMERGENCY_LIFT if queue.emergency else 0)
    return rank(wish, priority, head_start_s(queue))


def bound_s(queue: Queue, queues: Iterable[Queue]) -> float:
    """How much later than a contact of ``queue`` one of ``queues`` may arrive and still go ahead of it, seconds."""
    return max((head_start_s(other) for other in queues), default=head_start_s(queue)) - head_start_s(queue)
