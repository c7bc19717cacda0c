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
