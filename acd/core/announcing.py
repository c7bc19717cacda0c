"""What callers hear while they wait: their place, the wait to expect, a word of comfort; and how true that was.

The times follow from when the contact entered the queue and from the queue's settings alone, so they are the same after
an offer that failed or a restart. Nothing is said to a caller whose agent's phone rings; what is being said then is
interrupted by the answer, never the other way round.
"""

from __future__ import annotations

import math

from acd.core.deadlines import Due
from acd.core.effects import SayToCaller
from acd.core.estimate import Band, band_for, note_departure, position
from acd.core.telling import publish
from acd.core.waits import Departures, Said
from acd.core.world import Contact, World, queue_of
from kernel.facts_waiting import EstimateScored, WaitAnnounced
from kernel.ids import ContactId
from kernel.queues import Announcements

#: Places that have a prompt of their own; beyond, ``position_more``.
PLACES = 10
_MINUTE_S = 60.0
#: Two announcements are never nearer than this, seconds.
_SAME_S = 0.5


def schedule(world: World, contact: Contact) -> None:
    """Set when something is said next to a contact in line."""
    wish = contact.wish
    plan = queue_of(world, wish).announce if wish else None
    if wish is None or plan is None:
        return
    first = wish.entered + plan.first_after_s
    # Half a second on: what is due now, give or take the last bit of a float, is not due again.
    gone = math.floor((world.now + _SAME_S - first) / plan.every_s) + 1
    world.deadlines.set(Due.SAY, contact.id, first + max(0, gone) * plan.every_s)


def say_now(world: World, contact_id: ContactId) -> None:
    """It is time to say something. A caller who is on the way back to ``[hold]`` hears it the next time."""
    contact = world.contacts[contact_id]
    schedule(world, contact)
    wish = contact.wish
    plan = queue_of(world, wish).announce if wish else None
    if wish is None or plan is None or not world.deciding or not contact.holding or contact.place is None:
        return
    prompts, band, withheld, place = [], None, None, None
    if plan.position:
        place = position(world, contact)
        prompts.append(f"position_{place}" if place <= PLACES else "position_more")
    if plan.expected_wait:
        band, withheld = band_for(world, contact)
        prompts += [band.prompt] if band else []
    prompts += _comfort(plan, contact)
    _tell(world, contact, place, band, withheld)
    world.effects.append(
        SayToCaller(
            contact=contact.id,
            channel=contact.channel,
            tenant=wish.tenant,
            language=wish.language,
            prompts=tuple(prompts),
        )
    )


def _comfort(plan: Announcements, contact: Contact) -> list[str]:
    """The next of the words of comfort, one a time."""
    spoken = [plan.comfort[contact.times_said % len(plan.comfort)]] if plan.comfort else []
    contact.times_said += 1
    return spoken


def _tell(world: World, contact: Contact, place: int | None, band: Band | None, withheld: str | None) -> None:
    low_s, high_s = (band.low * _MINUTE_S, band.high * _MINUTE_S) if band else (None, None)
    if place is not None or band is not None:
        served = world.served.get(contact.waits_as[0], 0) if contact.waits_as else 0
        contact.said.append(Said(at=world.now, place=place, low_s=low_s, high_s=high_s, served=served))
    publish(
        world,
        WaitAnnounced(t=world.now, call=contact.id, position=place, low_s=low_s, high_s=high_s, withheld=withheld),
    )


def departed(world: World, contact: Contact, *, answered: bool, at: float | None = None) -> None:
    """The contact leaves the queue for good: learn from it, and hold what was said against what happened.

    ``at``: when it left (Unix seconds), where that is not now: nobody was looking.
    """
    left = world.now if at is None else at
    note_departure(world, contact, left)
    for said in contact.said:
        _score(world, contact, said, left, answered=answered)
    contact.said.clear()
    if answered and contact.waits_as is not None:
        queue = contact.waits_as[0]
        world.served[queue] = world.served.get(queue, 0) + 1
    contact.waits_as = None


def _score(world: World, contact: Contact, said: Said, left: float, *, answered: bool) -> None:
    waited = max(0.0, left - said.at)
    right: bool | None = None
    if said.low_s is not None and said.high_s is not None:
        # Of one who went unserved only this is known: that it would have been at least so long.
        right = said.low_s <= waited <= said.high_s if answered else (False if waited > said.high_s else None)
        if right is not None and contact.waits_as is not None:
            world.departures.setdefault(contact.waits_as, Departures()).right.append(right)
    publish(
        world,
        EstimateScored(
            t=world.now,
            call=contact.id,
            # As the facts wrote it then: what was said and how true it was are found together.
            said_at=round(said.at, 6),
            position=said.place,
            served_before=_served_since(world, contact, said),
            low_s=said.low_s,
            high_s=said.high_s,
            waited_s=round(waited, 3),
            right=right,
        ),
    )


def _served_since(world: World, contact: Contact, said: Said) -> int | None:
    """How many of its queue were answered since it was told its place; None where none was told or nobody counted."""
    if said.place is None or said.served is None or contact.waits_as is None:
        return None
    return world.served.get(contact.waits_as[0], 0) - said.served
