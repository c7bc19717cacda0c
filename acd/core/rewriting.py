"""The distributor's own changes of a wish, and which word of the PBX is older than one of them.

A change is written onto the channel while the channel goes on: a caller who comes back to ``[hold]`` in that moment
says aloud what she wanted before it. Each change has a number, which is written last of all and said first of all, so a
word with an older number is known for what it is (docs/decisions/0042-a-wish-has-a-number.md).
"""

from __future__ import annotations

from dataclasses import replace

from acd.core.asking import note_answer
from acd.core.effects import WriteWish
from acd.core.world import Contact, World
from kernel.contact import Wish


def rewrite(world: World, contact: Contact, wish: Wish) -> Wish:
    """The contact wants this from now on: keep it, write it onto the channel, and return it with its number."""
    contact.wish = replace(wish, written=wish.written + 1)
    world.effects.append(WriteWish(wish=contact.wish))
    return contact.wish


def newest(world: World, contact: Contact, told: Wish) -> Wish:
    """What the contact wants by now: what its channel said, unless our own change had not arrived there yet."""
    known = contact.wish
    if known is None or known.leg != told.leg or told.written >= known.written:
        return told
    if told.queue == known.queue and told.agreed > known.agreed:
        # Her yes was said before our change, which has written over it.
        note_answer(world, contact, told)
        return rewrite(world, contact, replace(known, agreed=told.agreed))
    return known
