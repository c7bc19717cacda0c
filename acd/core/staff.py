"""Who stands behind a queue: how many are logged in, and how many of them are not on a break, by ability.

Kept as counters, so that a queue of ten thousand is looked at only when somebody was the last, or the first again.
"""

from __future__ import annotations

from enum import StrEnum

from acd.core.line import Need, ability, can_take
from acd.core.world import Agent, Staffed, World
from kernel.agent import Occupation, Presence
from kernel.ids import QueueId


class Staffing(StrEnum):
    """How a queue is staffed for one kind of contact."""

    #: Somebody who could take it works, or will when her call is over.
    AT_WORK = "at_work"
    ON_BREAK = "on_break"
    NOBODY = "nobody"


def count(world: World, agent: Agent) -> None:
    """Bring the counters up to date with an agent's state; note the queues where that changes what is true."""
    now = _staffed(world, agent)
    if now == agent.staffed:
        return
    if agent.staffed is not None:
        _add(world, agent.staffed, -1)
    if now is not None:
        _add(world, now, 1)
    agent.staffed = now


def staffing(world: World, queue: QueueId, needed: Need) -> Staffing:
    """How this queue is staffed for contacts of this need."""
    found = Staffing.NOBODY
    for able, (working, resting) in world.staff.get(queue, {}).items():
        if (working or resting) and can_take(able, needed):
            if working:
                return Staffing.AT_WORK
            found = Staffing.ON_BREAK
    return found


def _staffed(world: World, agent: Agent) -> Staffed | None:
    if agent.removed or agent.presence is Presence.LOGGED_OUT or agent.id not in world.reachable:
        return None
    # A break asked for in a call counts once the call is over; so does a ring-out, which sets her not ready.
    resting = agent.presence is Presence.NOT_READY and agent.occupation is Occupation.IDLE
    profile = agent.profile
    return profile.queues, ability(profile.skills, profile.councils), resting


def _add(world: World, staffed: Staffed, change: int) -> None:
    queues, able, resting = staffed
    for queue in queues:
        kinds = world.staff.setdefault(queue, {})
        numbers = kinds.setdefault(able, [0, 0])
        before = numbers[resting]
        numbers[resting] += change
        if 0 in {before, numbers[resting]}:
            world.staff_changed.add(queue)
        if numbers == [0, 0]:
            del kinds[able]
