"""A wished place: on entering a queue a contact goes ahead of those who stand there already, inside its own band.

A band is everybody of the same whole priority: a wished place never gets past a higher one. Places are told as
priorities between two whole ones: the facts then say why somebody goes ahead, a restarted engine reads it from the
channel, and the static queue keeps it. Past the end means last; where no room is left between two, last as well.
"""

from __future__ import annotations

import math
from dataclasses import replace

from acd.core.contact_law import ContactState
from acd.core.offer import place_in_line
from acd.core.rewriting import rewrite
from acd.core.world import Contact, World


def take_wished_place(world: World, contact: Contact) -> None:
    """Put a contact that has just entered its queue where it wishes to stand. Once: then the wish is forgotten."""
    wish = contact.wish
    if wish is None or wish.place is None or contact.state is not ContactState.WAITING or contact.place is None:
        return
    band = math.floor(contact.priority)
    line = _band(world, contact, band)
    _put(world, contact, wish.priority)
    if not 1 <= wish.place <= len(line):
        return
    passed = line[wish.place - 1].priority - band
    mine = (1.0 + passed) / 2
    if band + mine >= band + 1 or band + mine <= band + passed:
        # Fifty wishes for the same place: a float has no more numbers there.
        return
    for other in line[: wish.place - 1]:
        # Those ahead stay ahead, and in their order: from [passed, 1) into [mine, 1).
        _put(world, other, band + mine + (other.priority - band - passed) * (1.0 - mine) / (1.0 - passed))
    _put(world, contact, band + mine)


def _band(world: World, contact: Contact, band: int) -> list[Contact]:
    """Who waits in the same queue with the same whole priority, in order."""
    queue = contact.wish.queue if contact.wish is not None else None
    found = [
        (other.place[2], other)
        for other in world.contacts.values()
        if other is not contact
        and other.place is not None
        and other.wish is not None
        and other.wish.queue == queue
        and math.floor(other.priority) == band
    ]
    return [other for _, other in sorted(found, key=lambda one: one[0])]


def _put(world: World, contact: Contact, priority: float) -> None:
    if contact.wish is None:
        return
    rewrite(world, contact, replace(contact.wish, priority=priority, place=None))
    place_in_line(world, contact)
