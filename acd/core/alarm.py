"""An emergency that waits too long raises an alarm: a fact, again and again until somebody answers."""

from __future__ import annotations

from acd.core.contact_law import ContactState
from acd.core.deadlines import Due
from acd.core.telling import publish
from acd.core.world import Contact, World, queue_of
from kernel.contact import Wish
from kernel.facts_waiting import EmergencyWaits
from kernel.ids import ContactId

#: While in one of these nobody has spoken to the caller yet.
_UNHEARD = frozenset({ContactState.WAITING, ContactState.OFFERED})


def arm(world: World, contact: Contact, wish: Wish) -> None:
    """Watch over a contact that waits, where its queue says so."""
    after = queue_of(world, wish).alarm_after_s
    if after is not None and not world.deadlines.has(Due.ALARM, contact.id):
        world.deadlines.set(Due.ALARM, contact.id, max(wish.arrived, world.now if contact.alarmed else 0.0) + after)


def alarm_due(world: World, who: str, _whom: str) -> None:
    """Nobody has spoken to the caller: say so, and look again after the same time."""
    contact = world.contacts.get(ContactId(who))
    if contact is None or contact.wish is None or contact.state not in _UNHEARD:
        return
    contact.alarmed = True
    waited = world.now - contact.wish.arrived
    publish(world, EmergencyWaits(t=world.now, call=contact.id, queue=contact.wish.queue, waited_s=round(waited, 3)))
    arm(world, contact, contact.wish)
