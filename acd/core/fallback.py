"""Callers in the PBX's own queue: nobody's offer, nobody's place, until they are back in ``[hold]`` or talk."""

from __future__ import annotations

from acd.core.bars import bar_everybody
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.inputs import FellBack
from acd.core.offer import drop_offer, free, leave_line
from acd.core.parts import Leg
from acd.core.world import Contact, World
from kernel.ids import ContactId
from kernel.orders import TakeBack

#: A phone that rings for the caller there rings on to its limit; after so long the PBX is asked.
LOOK_AFTER_S = 60.0
#: Between two orders to take a caller back: at the first one she may be on the way in, 0.3 s before it.
BACK_AFTER_S = 1.0


def fell_back(world: World, item: FellBack) -> None:
    """The dialplan took the caller to the PBX's own queue. Whatever we wanted of her is over."""
    contact = world.contacts.get(item.contact)
    if contact is None or contact.state in {ContactState.JOINED, ContactState.IN_IVR, ContactState.LEAVING}:
        # An old word: a look has told since what became of her, or the way out that was sent will.
        return
    if contact.offer is not None:
        if contact.offer.id is not None:
            # Older than our Redirect, which is on its way: the fence there says what came of it. A second one now would
            # tear her from the phone that the first one rings.
            return
        agent = drop_offer(world, contact, contact.offer, "failed")
        contact.state = contact_moved(contact.state, ContactEvent.OFFER_OVER)
        free(world, agent)
    contact.state = contact_moved(contact.state, ContactEvent.FELL_BACK)
    contact.since = world.now
    leave_to_fallback(world, contact)


def leave_to_fallback(world: World, contact: Contact) -> None:
    """The contact waits, but not for us: it has no place, and its caller may not be moved."""
    contact.holding = False
    leave_line(world, contact)
    if contact.arrived:
        # Told anew at each look, so it outlasts the time until the next one.
        bar_everybody(world, contact, world.now + 2 * LOOK_AFTER_S)
    world.deadlines.cancel(Due.HOLD, contact.id)
    world.deadlines.set(Due.GOING, contact.id, world.now + LOOK_AFTER_S)
    world.deadlines.set(Due.BACK, contact.id, world.now + BACK_AFTER_S)


def take_back(world: World, who: str, _whom: str) -> None:
    """We are there again: the PBX's own queue may let her go, between two phones that it rings for her."""
    contact = world.contacts[ContactId(who)]
    if contact.state is ContactState.FALLBACK and contact.wish is not None:
        world.effects.append(TakeBack(channel=contact.channel, queue=contact.wish.queue))
        world.deadlines.set(Due.BACK, contact.id, world.now + BACK_AFTER_S)


def met_elsewhere(world: World, leg: Leg, contact: Contact | None) -> bool:
    """Whether this leg has just joined a caller with an agent whom we did not offer: app_queue's doing, or a fault."""
    if leg.agent is None:
        # A caller who talks, or is about to by our offer, is no surprise.
        if contact is None or contact.offer is not None or contact.state is ContactState.JOINED:
            return False
        return any(other.agent is not None and other.bridge == leg.bridge for other in world.legs.values())
    if contact is not None:
        return False
    callers = (other for other in world.legs.values() if other.agent is None and other.bridge == leg.bridge)
    met = (world.contacts.get(other.contact) for other in callers if other.contact)
    return any(other is not None and other.state is not ContactState.JOINED for other in met)
