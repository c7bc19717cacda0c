"""How long a contact will wait: a range, from the contacts of its class that left the queue lately.

A class is a queue, what is required, and a priority. What is measured is the time at the head: from when the one before
went (or from its own coming, when that was later) until it went itself. A contact with n before it waits n + 1 such
times. Where too little is known, where the range is too wide to be of use, where the last ranges were wrong, or where
nobody works, nothing is said: a wrong promise is worse than none.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

from acd.core.staff import Staffing, staffing
from acd.core.waits import LEAST, OLD_S, RIGHT_SHARE, SCORES_LEAST, Departures
from acd.core.world import Contact, World

#: The ranges that can be said, minutes: a prompt each (``wait_1_3``), so that a person can record them.
BANDS = ((0, 1), (0, 2), (1, 3), (2, 5), (3, 8), (5, 10), (8, 15), (10, 20), (15, 30), (20, 40))
_MINUTE_S = 60.0


class Band(NamedTuple):
    """A range that can be said, minutes."""

    low: int
    high: int

    @property
    def prompt(self) -> str:
        """The prompt that says it."""
        return f"wait_{self.low}_{self.high}"


def note_departure(world: World, contact: Contact, left: float) -> None:
    """The contact left the queue for good then (Unix seconds), whatever became of it."""
    if contact.waits_as is None or contact.wish is None:
        return
    known = world.departures.setdefault(contact.waits_as, Departures())
    # One that left while nobody looked may be heard of behind one that left later.
    known.heads.append((left, max(0.0, left - max(known.last, contact.wish.entered))))
    known.last = max(known.last, left)


def band_for(world: World, contact: Contact) -> tuple[Band | None, str | None]:
    """The range to say of a contact in line, or why none is said: nobody, few, wrong_lately, wide."""
    kind = contact.waits_as
    if kind is None or contact.place is None or staffing(world, kind[0], kind[1]) is not Staffing.AT_WORK:
        return None, "nobody"
    known = world.departures.get(kind, Departures())
    heads = [seconds for when, seconds in known.heads if when >= world.now - OLD_S]
    if len(heads) < LEAST:
        return None, "few"
    if len(known.right) >= SCORES_LEAST and sum(known.right) < RIGHT_SHARE * len(known.right):
        return None, "wrong_lately"
    low, high = _range(heads, _ahead(world, contact) + 1)
    fits = [one for one in BANDS if one[0] * _MINUTE_S <= low and high <= one[1] * _MINUTE_S]
    narrowest = min(fits, key=lambda one: one[1] - one[0], default=None)
    return (None, "wide") if narrowest is None else (Band(*narrowest), None)


def _range(heads: list[float], places: int) -> tuple[float, float]:
    """Mean of so many times at the head, give or take one standard deviation of their sum; seconds."""
    mean = sum(heads) / len(heads)
    spread = math.sqrt(sum((one - mean) ** 2 for one in heads) / (len(heads) - 1)) * math.sqrt(places)
    return max(0.0, mean * places - spread), mean * places + spread


def _ahead(world: World, contact: Contact) -> int:
    """How many of its class stand before it in its line."""
    if contact.place is None:
        return 0
    line, needed, mine = contact.place
    places = world.waiting.kinds(line)[needed]
    return bisect_left(places, mine) - bisect_left(places, (mine[0],))


def position(world: World, contact: Contact) -> int:
    """Its place in its queue, from 1: those whose agent's phone rings already count as before it."""
    if contact.place is None or contact.wish is None:
        return 1
    queue, mine = contact.wish.queue, contact.place[2]
    inside = (
        other
        for other in world.contacts.values()
        if other.wish is not None and other.wish.queue == queue and other is not contact
    )
    return 1 + sum(other.place[2] < mine if other.place is not None else other.offer is not None for other in inside)
