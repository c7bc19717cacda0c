"""A contact leaves its queue without an agent: because a limit was met, and by the way out the queue names for it.

An overflow changes the wish and nothing else: the caller goes on hearing music, and keeps the arrival. For every other
way the caller is handed back to the IVR, which speaks, records or dials; what it names then is how the contact ends.
A caller who comes back from there waits on, and the same reason does not send her away again.
"""

from __future__ import annotations

import math
from dataclasses import replace

from acd.core.announcing import departed
from acd.core.bars import NOT_DUE, bar_everybody
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.effects import LeaveQueue
from acd.core.inputs import ExitTaken, RedirectRefused
from acd.core.limits import watch
from acd.core.offer import join_line, leave_line, place_in_line, tell_in_line
from acd.core.relaxing import required_at_first
from acd.core.rewriting import rewrite
from acd.core.telling import publish
from acd.core.waits import Leaving
from acd.core.world import Contact, World, queue_of
from kernel.agent import Presence
from kernel.contact import Wish
from kernel.exits import END_WORDS, Exit, ExitKind, LeaveWhy
from kernel.facts import MayChanged
from kernel.facts_waiting import ContactLeft, ContactTransferred
from kernel.ids import ContactId, OfferId, QueueId
from kernel.queues import Queue

#: Seconds for the dialplan to say that it took the caller, before the PBX is asked.
EXIT_LIMIT_S = 3.0
#: Seconds for a caller whom the PBX would not move to be seen hanging up.
GOING_LIMIT_S = 2.0
#: Seconds until the PBX is asked again about a caller who is neither waiting nor talking.
RECHECK_S = 30.0
#: Seconds a way out may take: a message box allows five minutes of speech, a person outside an hour of talk.
EXIT_LONGEST_S = 3600.0
#: Seconds: four digits on the channel (adapters/asterisk/wish.py).
PREFERRED_LONGEST_S = 9999.0
_IN_QUEUE = frozenset({ContactState.WAITING, ContactState.OFFERED})


def look_at_staff(world: World) -> None:
    """Set or cancel the limits of everybody who waits where the last one went or the first one came."""
    changed, world.staff_changed = world.staff_changed, set()
    for queue_id in sorted(changed):
        queue = world.queues.get(queue_id)
        if queue is None or (queue.limits.nobody is None and queue.limits.on_break is None and not queue.skip_empty):
            continue
        inside = (one for one in world.contacts.values() if one.wish is not None and one.wish.queue == queue_id)
        for _rank, contact in sorted((one.place[2], one.id) for one in inside if one.place is not None):
            if queue.skip_empty:
                place_in_line(world, world.contacts[contact])
            watch(world, world.contacts[contact])


def limit_met(world: World, contact_id: ContactId, why: LeaveWhy) -> None:
    """A limit's time is up. A caller on the way back to ``[hold]``, or being rung for, is seen to on coming back."""
    contact = world.contacts[contact_id]
    if world.deciding and contact.state is ContactState.WAITING and contact.holding:
        leave(world, contact, why)


def entered(world: World, contact: Contact) -> None:
    """The contact came into a queue just now: it leaves again when there is no room."""
    wish = contact.wish
    full = queue_of(world, wish).limits.full if wish else None
    if wish is None or full is None or not contact.holding or LeaveWhy.FULL in contact.tried:
        return
    inside = sum(
        other.wish is not None and other.wish.queue == wish.queue and other.state in _IN_QUEUE
        for other in world.contacts.values()
    )
    if inside > full.at:
        leave(world, contact, LeaveWhy.FULL)


def leave(world: World, contact: Contact, why: LeaveWhy) -> None:
    """Take the contact out by the way its queue names for this reason; without one it stays."""
    wish = contact.wish
    queue = queue_of(world, wish) if wish else None
    way = _way(world, contact, queue, why) if queue else None
    contact.tried.add(why)
    if wish is None or queue is None or way is None or (way.kind is ExitKind.CALLBACK and queue.emergency):
        return
    if way.agent is not None:
        wait_for(world, contact, wish, way, why)
        return
    publish(world, ContactLeft(t=world.now, call=contact.id, queue=queue.id, why=why, to=way.kind))
    departed(world, contact, answered=False)
    if way.kind is ExitKind.OVERFLOW and way.queue is not None:
        move(world, contact, wish, way.queue)
    else:
        _hand_back(world, contact, queue.id, why)


def _way(world: World, contact: Contact, queue: Queue, why: LeaveWhy) -> Exit | None:
    if why is not LeaveWhy.QUEUE_GONE:
        return queue.limits.exit_for(why)
    own = [one for one in world.queues.values() if one.tenant == contact.tenant]
    home = next((one for one in own if one.default), own[0] if own else None)
    return None if home is None else Exit(kind=ExitKind.OVERFLOW, queue=home.id)


def wait_for(world: World, contact: Contact, wish: Wish, way: Exit, why: LeaveWhy) -> None:
    """Stay in the queue, and for a while for one agent alone; not for one who is not there, so that nobody is stuck."""
    agent = world.agents.get(way.agent) if way.agent is not None else None
    if agent is None or agent.removed or agent.presence is Presence.LOGGED_OUT or agent.id not in world.reachable:
        return
    publish(world, ContactLeft(t=world.now, call=contact.id, queue=wish.queue, why=why, to=way.kind))
    leave_line(world, contact)
    # Whole seconds from the first arrival, as they stand on the channel.
    until_s = min(float(math.ceil(world.now - wish.arrived + way.wait_s)), PREFERRED_LONGEST_S)
    tell_in_line(world, contact, rewrite(world, contact, replace(wish, preferred=agent.id, preferred_s=until_s)))
    join_line(world, contact)


def move(world: World, contact: Contact, wish: Wish, queue_id: QueueId) -> None:
    """The contact waits in another queue from now on: with its old arrival, and never with less priority."""
    target = world.queues.get(queue_id)
    leave_line(world, contact)
    # To the microsecond, as it stands on the channel.
    moved_in = round(world.now, 6)
    wish = replace(
        wish,
        queue=queue_id,
        skills=target.skills if target else {},
        priority=max(wish.priority, target.priority if target else 0),
        moved_in=moved_in,
        agreed=0,
    )
    contact.tried = set()
    # The transfer itself says what is required from now on.
    contact.told = (required_at_first(target, wish) if target else {}, (contact.told or ({}, 0))[1])
    contact.told_in = queue_id
    publish(world, ContactTransferred(t=world.now, call=contact.id, queue=queue_id, skills=dict(contact.told[0])))
    rewrite(world, contact, wish)
    join_line(world, contact)
    entered(world, contact)


def _hand_back(world: World, contact: Contact, queue: QueueId, why: LeaveWhy) -> None:
    leave_line(world, contact)
    contact.state = contact_moved(contact.state, ContactEvent.LIMIT_MET)
    contact.since = world.now
    contact.holding = False
    world.offers_made += 1
    token = OfferId(f"{world.epoch}-{world.offers_made}")
    contact.leaving = Leaving(token=token, why=why)
    world.deadlines.set(Due.GOING, contact.id, world.now + EXIT_LIMIT_S)
    bar_everybody(world, contact, world.now + EXIT_LONGEST_S)
    world.effects.append(
        LeaveQueue(contact=contact.id, channel=contact.channel, token=token, epoch=world.epoch, queue=queue, why=why)
    )


def exit_taken(world: World, item: ExitTaken) -> None:
    """The IVR has the caller: however the call ends, it was not abandoned in the queue."""
    contact = world.contacts.get(item.contact)
    if contact is None or contact.leaving is None or contact.leaving.token != item.token:
        return
    contact.state = contact_moved(contact.state, ContactEvent.EXIT_TAKEN)
    contact.outcome = END_WORDS[contact.leaving.why]
    contact.leaving = None
    world.deadlines.cancel(Due.GOING, contact.id)


def exit_refused(world: World, item: RedirectRefused) -> bool:
    """Whether the PBX's refusal to move a caller was about a leaving: then the caller is gone or going."""
    contact = world.contacts.get(item.contact)
    if contact is None or contact.leaving is None or contact.leaving.token != item.offer:
        return False
    contact.leaving = None
    contact.state = contact_moved(contact.state, ContactEvent.GOING)
    world.deadlines.set(Due.GOING, contact.id, world.now + GOING_LIMIT_S)
    return True


def came_back(world: World, contact: Contact) -> None:
    """The caller stands in ``[hold]`` again after leaving: she waits on, with the arrival she has."""
    contact.leaving = None
    contact.outcome = None
    if contact.wish is not None:
        # Also where another engine than this one said that she was taken out.
        contact.told_nobody = None
        publish(world, MayChanged(t=world.now, call=contact.id, agents=(), until=world.now, why=NOT_DUE))
        contact.told_in = contact.wish.queue
        publish(world, ContactTransferred(t=world.now, call=contact.id, queue=contact.wish.queue))
