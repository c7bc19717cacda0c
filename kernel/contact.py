"""A contact's wish: what a waiting call wants, as written on its channel (law 1 of the house)."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.ids import AgentId, ContactId, LegId, QueueId, TenantId
from kernel.skill import NO_SKILLS, Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a waiting contact wants. The channel's variables are the truth; this is their reading."""

    contact: ContactId
    #: Asterisk's channel name, the address for AMI actions: ``PJSIP/trunk-00000001``.
    channel: str
    #: The caller's channel as uniqueid; it never changes while the call lives.
    leg: LegId
    tenant: TenantId
    queue: QueueId
    #: Higher first. Whole as flows and people give it; a wished place puts it between two whole ones.
    priority: float = 0
    skills: Skills = field(default_factory=lambda: NO_SKILLS)
    #: BCP 47 language chosen by the caller: ``en`` or ``cy``.
    language: str = "en"
    #: When the contact first entered the queue, Unix seconds. Kept through RONA and restart.
    arrived: float
    #: Who is to take it, if she can within ``preferred_s`` of its arrival; after that anybody may.
    preferred: AgentId | None = None
    #: Seconds; None: what the queue says.
    preferred_s: float | None = None
    #: When it came into this queue from another, Unix seconds; None: it has been here since it arrived.
    moved_in: float | None = None
    #: The place it is to have on entering the queue, from 1, among those of its own whole priority; None: the last.
    place: int | None = None
    #: The last of its queue's relaxing steps that the caller was asked about and said yes to; 0: none.
    agreed: int = 0
    #: How many changes of it the engine has written onto the channel (acd/core/rewriting.py).
    written: int = 0

    @property
    def entered(self) -> float:
        """When it entered this queue, Unix seconds: steps and limits count from here, the place from ``arrived``."""
        return self.arrived if self.moved_in is None else self.moved_in
