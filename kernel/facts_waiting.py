"""Facts of callers who wait: what they were told, and how they left a queue without an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import AgentId, ContactId, QueueId
from kernel.skill import Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLeft(Fact):
    """The contact was taken out of its queue without an agent. An added kind; ``end`` or ``transfer`` follows.

    ``why``: steps_over, timeout, full, nobody, on_break, queue_gone. ``to``: overflow, callback, voicemail, message,
    person.
    """

    ev: ClassVar[str] = "exit"
    call: ContactId
    queue: QueueId
    why: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTransferred(Fact):
    """The contact goes on to one certain agent, or to a queue: with the arrival it had. Exactly one of the two."""

    ev: ClassVar[str] = "transfer"
    call: ContactId
    queue: QueueId | None = None
    agent: AgentId | None = None
    #: What the new queue requires.
    skills: Skills | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitAnnounced(Fact):
    """The waiting caller was told something. An added kind."""

    ev: ClassVar[str] = "announced"
    call: ContactId
    #: The place in the queue that was said, from 1.
    position: int | None = None
    #: The wait that was said to expect, from then on.
    low_s: float | None = None
    high_s: float | None = None
    #: Why no wait was said: nobody (works), few (departures known), wrong_lately, wide.
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateScored(Fact):
    """What a caller was told, held against what happened; fires when the contact leaves the queue. An added kind."""

    ev: ClassVar[str] = "scored"
    call: ContactId
    #: Unix seconds: when it was said.
    said_at: float
    position: int | None = None
    #: How many of the queue were answered between the saying and this contact's own leaving.
    served_before: int | None = None
    low_s: float | None = None
    high_s: float | None = None
    #: From the saying.
    waited_s: float
    #: Whether the wait fell into the range; absent where none was said, or where the caller went before it was over.
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAsked(Fact):
    """The waiting caller was asked whether less may be required of who answers. An added kind.

    ``step``: the relaxing step that would begin; ``skills``: what would be required then.
    """

    ev: ClassVar[str] = "asked"
    call: ContactId
    step: int
    skills: Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAgreed(Fact):
    """The waiting caller said yes to this relaxing step; ``relax`` follows. An added kind."""

    ev: ClassVar[str] = "agreed"
    call: ContactId
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyWaits(Fact):
    """An emergency has waited too long and nobody has answered; again after the same time. An added kind."""

    ev: ClassVar[str] = "emergency_waits"
    call: ContactId
    queue: QueueId
    #: Seconds since it first entered the queue.
    waited_s: float
