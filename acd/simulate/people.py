"""The day file's people, queues and calls in the house's words."""

from __future__ import annotations

from acd.simulate.day import Day, DayCall
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
            queues=tuple(dict.fromkeys(QueueId(queue) for queue in one.queues)),
            skills=one.skills,
            councils=(TenantId(one.council),),
        )
        for one in day.agents
    )


def policies(day: Day, service_level_s: float) -> tuple[Queue, ...]:
    """The queues that the day names, in the order of their names; each call tells its own wrap-up."""
    councils = {queue: one.council for one in day.agents for queue in one.queues}
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


def wish_of(call: DayCall) -> Wish:
    """What a caller wants."""
    return Wish(
        contact=ContactId(call.call),
        channel=f"simulated/{call.call}",
        leg=LegId(call.call),
        tenant=TenantId(call.council),
        queue=QueueId(call.queue),
        priority=call.priority,
        skills=call.skills,
        arrived=call.t,
    )
