"""When a waiting contact meets a limit of its queue: one deadline a reason, set while the reason holds.

Time alone brings ``timeout`` and ``steps_over``; ``nobody`` and ``on_break`` follow the people behind the queue, and
their clock begins when the last of them went. ``full`` is met on entering and has no deadline (``exits.py``).
"""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.deadlines import Due
from acd.core.line import need
from acd.core.relaxing import rings
from acd.core.staff import Staffing, staffing
from acd.core.world import Contact, World, queue_of
from kernel.contact import Wish
from kernel.exits import NO_LIMITS, LeaveWhy
from kernel.queues import Queue

#: The reasons that hold as long as the people behind the queue stand so.
_PEOPLE = {LeaveWhy.NOBODY: Staffing.NOBODY, LeaveWhy.ON_BREAK: Staffing.ON_BREAK}
_IN_TIME = (LeaveWhy.STEPS_OVER, LeaveWhy.TIMEOUT, LeaveWhy.NOBODY, LeaveWhy.ON_BREAK)


def watch(world: World, contact: Contact) -> None:
    """Set the deadline of every limit that runs for a contact in line, and cancel those that run no more."""
    wish = contact.wish
    if wish is None:
        return
    if wish.queue not in world.queues:
        world.deadlines.set(Due.LIMIT, contact.id, world.now, LeaveWhy.QUEUE_GONE)
        return
    queue = queue_of(world, wish)
    if queue.limits == NO_LIMITS:
        return
    running = dict(_running(world, contact, wish, queue))
    for why in _IN_TIME:
        due = running.get(why)
        if due is None:
            world.deadlines.cancel(Due.LIMIT, contact.id, why)
        elif why not in _PEOPLE or not world.deadlines.has(Due.LIMIT, contact.id, why):
            # Of the people's reasons the clock that runs already is the right one.
            world.deadlines.set(Due.LIMIT, contact.id, max(due, world.now), why)


def unwatch(world: World, contact: Contact) -> None:
    """The contact stands in no line: no limit runs for it."""
    for why in (*_IN_TIME, LeaveWhy.QUEUE_GONE):
        world.deadlines.cancel(Due.LIMIT, contact.id, why)


def _running(world: World, contact: Contact, wish: Wish, queue: Queue) -> Iterator[tuple[LeaveWhy, float]]:
    limits = queue.limits
    # The last step requires the least: whoever could take it then counts as somebody now.
    *_, last = rings(queue, wish)
    stands = staffing(world, wish.queue, need(last.skills, contact.tenant))
    begins = {LeaveWhy.STEPS_OVER: last.begins, LeaveWhy.TIMEOUT: wish.entered}
    for why in _IN_TIME:
        limit = limits.limit_for(why)
        if limit is not None and why not in contact.tried and _PEOPLE.get(why, stands) is stands:
            yield why, begins.get(why, world.now) + limit.after_s
