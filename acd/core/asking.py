"""Ask first: a caller says yes before somebody may answer who lacks what was required, or goes on waiting as before.

The question comes when the step's time has come, and again after a while; its times follow from when the contact
entered the queue and from the queue's settings alone, so they are the same after an offer that failed or a restart. The
caller stays in the queue meanwhile: an offer interrupts the question. The answer stands on the channel
(``Wish.agreed``).
"""

from __future__ import annotations

import math

from acd.core.deadlines import Due
from acd.core.effects import AskCaller
from acd.core.line import need
from acd.core.relaxing import question_of
from acd.core.staff import Staffing, staffing
from acd.core.telling import publish
from acd.core.world import Contact, World, queue_of
from kernel.contact import Wish
from kernel.facts_waiting import CallerAgreed, CallerAsked
from kernel.ids import ContactId

#: Two questions are never nearer than this, seconds.
_SAME_S = 0.5


def schedule_question(world: World, contact: Contact) -> None:
    """Set when a contact in line is asked next."""
    wish = contact.wish
    ring = question_of(queue_of(world, wish), wish) if wish else None
    world.deadlines.cancel(Due.ASK, contact.id)
    if ring is None or ring.ask is None:
        return
    at, again = ring.begins, ring.ask.again_s
    if at < world.now or contact.asked_for == at:
        if again <= 0.0:
            return
        # Half a second on: what was asked just now, give or take the last bit of a float, is not due again.
        at += (math.floor((world.now + _SAME_S - at) / again) + 1) * again
    world.deadlines.set(Due.ASK, contact.id, at)


def ask_now(world: World, contact_id: ContactId) -> None:
    """It is time to ask. A caller on the way back to ``[hold]`` is asked the next time.

    Nobody is asked to make do with somebody who is not there: while nobody logged in could take the relaxed contact the
    question would be an empty promise.
    """
    contact = world.contacts[contact_id]
    wish = contact.wish
    ring = question_of(queue_of(world, wish), wish) if wish else None
    contact.asked_for = ring.begins if ring is not None else None
    schedule_question(world, contact)
    if wish is None or ring is None or ring.ask is None:
        return
    if not world.deciding or not contact.holding or contact.place is None:
        return
    if staffing(world, wish.queue, need(ring.skills, contact.tenant)) is Staffing.NOBODY:
        return
    publish(world, CallerAsked(t=world.now, call=contact.id, step=ring.number, skills=dict(ring.skills)))
    world.effects.append(
        AskCaller(
            contact=contact.id,
            channel=contact.channel,
            tenant=wish.tenant,
            language=wish.language,
            prompts=ring.ask.prompts,
            key=ring.ask.key,
            step=ring.number,
        )
    )


def note_answer(world: World, contact: Contact, wish: Wish) -> None:
    """The channel says what the caller said: tell it, once."""
    if contact.arrived and contact.wish is not None and wish.agreed > contact.wish.agreed:
        publish(world, CallerAgreed(t=world.now, call=contact.id, step=wish.agreed))
