"""A queue: contacts waiting for the same kind of help, and the policy they wait under."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.ids import QueueId, TenantId
from kernel.skill import NO_SKILLS, Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue's policy. Times in seconds."""

    id: QueueId
    tenant: TenantId
    #: What people read, for instance "Bins and recycling".
    name: str
    #: What a contact of this queue needs of an agent, unless its wish says otherwise.
    skills: Skills = field(default_factory=lambda: NO_SKILLS)
    #: Higher first; inside one priority the earliest arrival goes first.
    priority: int = 0
    #: How long an agent's phone rings before the offer is a RONA.
    ring_time_s: float = 15.0
    #: After-call work; the agent is offered nothing until it ends.
    wrap_up_s: float = 10.0
    #: After a failed offer the same call is not offered to the same agent for this long.
    rona_exclude_s: float = 60.0
    #: Service-level target T: answered within T seconds of entering the queue.
    service_level_s: float = 20.0
