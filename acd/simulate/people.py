"""The day file's people, queues and calls in the house's words."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from acd.core.line import ALL_COUNCILS
from acd.simulate.day import Day, DayAgent, DayCall
from kernel.agent import AgentProfile
from kernel.contact import Wish
from kernel.ids import AgentId, ContactId, LegId, QueueId, TenantId
from kernel.queues import Queue

#: Seconds a phone rings before it is a ring-out, unless an agent of the day takes longer to answer.
RING_TIME_S = 20.0


def profiles(day: Day) -> tuple[AgentProfile, ...]:
    """The agents."""
    return tuple(
        AgentProfile(
            id=AgentId(one.agent),
            tenant=TenantId(one.council),
            name=one.agent,
            sip_user=one.agent,
            # In the order told; a queue named twice would put her into its line twice.
            queues=tuple(dict.fromkeys(QueueId(serves.queue) for serves in one.queues)),
            skills=one.skills,
            # Whoever is of every council serves every council: to a reader of the facts her `*` says so.
            councils=tuple(map(TenantId, _served(one))),
            order={QueueId(serves.queue): serves.order for serves in one.queues if serves.order != 1},
            delay_s={QueueId(serves.queue): serves.delay for serves in one.queues if serves.delay > 0},
        )
        for one in day.agents
    )


def _served(one: DayAgent) -> tuple[str, ...]:
    return (one.council,) if one.council == ALL_COUNCILS or not one.councils else one.councils


def plain_queues(day: Day, service_level_s: float) -> tuple[Queue, ...]:
    """The queues that calls and agents of the day name, in the order of their names; none has a policy of its own."""
    known = {one.council for one in day.calls} | {one.council for one in day.agents}
    councils = {serves.queue: _of_council(serves.queue, one, known) for one in day.agents for serves in one.queues}
    councils |= {one.queue: one.council for one in day.calls}
    slowest = max((one.answer_delay for one in day.agents), default=0.0)
    return tuple(
        Queue(
            id=QueueId(queue),
            tenant=TenantId(councils[queue]),
            name=queue,
            ring_time_s=max(RING_TIME_S, slowest + 1.0),
            wrap_up_s=0.0,
            service_level_s=service_level_s,
        )
        for queue in sorted(councils)
    )


def _of_council(queue: str, agent: DayAgent, known: AbstractSet[str]) -> str:
    """Whose a queue is that nobody rings: the council's before its dot; of one who serves it where that is none."""
    before = queue.partition(".")[0]
    return before if before in known or agent.council == ALL_COUNCILS else agent.council


def wish_of(call: DayCall, queue: Queue) -> Wish:
    """What a caller wants; what she does not say herself, her queue says."""
    return Wish(
        contact=ContactId(call.call),
        channel=f"simulated/{call.call}",
        leg=LegId(call.call),
        tenant=TenantId(call.council),
        queue=QueueId(call.queue),
        priority=queue.priority if call.priority is None else call.priority,
        skills=call.skills,
        language=call.language,
        place=call.place,
        arrived=call.t,
        preferred=None if call.preferred is None else AgentId(call.preferred),
        preferred_s=call.preferred_wait,
    )
