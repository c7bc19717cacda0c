"""Contacts that stand in the queue by a seat: rung back in their turn, resting after a try that failed.

Theory of operation. The dialplan puts a seat, one end of a Local channel, into ``[hold]`` under the contact of the call
that asked for it; the contact moves to the new leg and waits like any other. An offer lasts longer, for behind the
agent's answer the resident's phone rings. When nobody answers there, the seat says until when it rests; until then the
contact has no place in the line, and the facts bar every agent from it (``not_due``).
"""

from __future__ import annotations

from acd.core.bars import bar_everybody
from acd.core.inputs import ContactResting
from acd.core.parts import Leg
from acd.core.telling import publish
from acd.core.world import Contact, World
from kernel.contact import Wish
from kernel.facts_services import CallbackPromised

#: Seconds the resident's phone may ring behind an agent's answer: 25 in the dialplan, and its looking.
RESIDENT_RINGS_S = 32.0
#: Seconds after it is due until a seat is back in ``[hold]``, or the PBX was asked where it is.
BACK_AFTER_REST_S = 15.0
_SEAT = "Local/"


def rings_on_s(contact: Contact) -> float:
    """Seconds by which an offer of this contact lasts longer than any other's."""
    return RESIDENT_RINGS_S if on_a_seat(contact) else 0.0


def on_a_seat(contact: Contact) -> bool:
    """Whether a seat stands for the caller: what her own channel says before it goes is then no end of the contact."""
    return contact.channel.startswith(_SEAT)


def move_to_leg(world: World, contact: Contact, wish: Wish) -> None:
    """The contact stands under another channel now: the caller's own may go, and ends nothing."""
    if contact.leg != wish.leg:
        world.legs.pop(contact.leg, None)
        contact.leg = wish.leg
        world.legs[wish.leg] = Leg(id=wish.leg, contact=contact.id)


def contact_resting(world: World, item: ContactResting) -> None:
    """Not to be offered before it is due."""
    contact = world.contacts.get(item.contact)
    if contact is None:
        return
    contact.due = item.due
    publish(world, CallbackPromised(t=world.now, call=contact.id, due=item.due))
    # Lifted when the seat is back in ``[hold]``: a busy PBX may be late with it.
    bar_everybody(world, contact, item.due + BACK_AFTER_REST_S)


def rests(contact: Contact) -> bool:
    """Whether the contact has no place in the line for now."""
    return contact.due is not None
