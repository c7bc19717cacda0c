"""How a contact leaves its queue without an agent: for which reason, and by which way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.ids import AgentId, QueueId


class LeaveWhy(StrEnum):
    """Which limit of its queue a contact met. Each has its own policy and its own word in the facts."""

    #: The last relaxing step has expired.
    STEPS_OVER = "steps_over"
    #: It waited longer than the queue allows.
    TIMEOUT = "timeout"
    #: The queue was full when it came.
    FULL = "full"
    #: Nobody who could ever take it is logged in.
    NOBODY = "nobody"
    #: Everybody who could take it is on a break.
    ON_BREAK = "on_break"
    #: Its queue left the configuration while it waited there.
    QUEUE_GONE = "queue_gone"


class ExitKind(StrEnum):
    """Where a contact goes that does not wait on."""

    #: Another queue; the arrival is kept.
    OVERFLOW = "overflow"
    #: The caller is offered to be rung back.
    CALLBACK = "callback"
    #: The caller may leave a message.
    VOICEMAIL = "voicemail"
    #: The caller is told something, and the call ends.
    MESSAGE = "message"
    #: A certain person: one of the council's allowed numbers, or an agent.
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """One way out. Which fields count is decided by ``kind``."""

    kind: ExitKind
    #: OVERFLOW: the queue to go to.
    queue: QueueId | None = None
    #: What the caller hears first; MESSAGE: all the caller hears.
    prompts: tuple[str, ...] = ()
    #: VOICEMAIL: the message box.
    box: str | None = None
    #: PERSON: a name of the council's ``transfer_to``.
    number: str | None = None
    #: PERSON: an agent; for ``wait_s`` seconds the contact waits for her alone, then for anybody again.
    agent: AgentId | None = None
    wait_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """After so long under one condition the contact leaves."""

    #: Seconds.
    after_s: float
    exit: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """With so many in the queue the next one leaves at once."""

    #: Contacts in the queue, those whose agent's phone rings included.
    at: int
    exit: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A queue's limits; None: there is no such limit, the contact waits."""

    #: Counted from the begin of the last relaxing step, or from entering the queue where there are no steps.
    steps_over: Limit | None = None
    #: Counted from entering the queue.
    timeout: Limit | None = None
    full: Full | None = None
    #: Counted from when the last one logged out, or from entering the queue.
    nobody: Limit | None = None
    #: Counted from when the last one went on a break, or from entering the queue.
    on_break: Limit | None = None

    def exit_for(self, why: LeaveWhy) -> Exit | None:
        """The way out for a reason; None where there is none."""
        limit: Limit | Full | None = getattr(self, why.value, None)
        return None if limit is None else limit.exit

    def limit_for(self, why: LeaveWhy) -> Limit | None:
        """The limit in time for a reason; None where there is none."""
        limit: Limit | Full | None = getattr(self, why.value)
        return limit if isinstance(limit, Limit) else None


NO_LIMITS = Limits()

#: What the ``end`` of a contact says that left for a reason and was not served otherwise.
END_WORDS = {
    LeaveWhy.STEPS_OVER: "timeout",
    LeaveWhy.TIMEOUT: "timeout",
    LeaveWhy.FULL: "rejected",
    LeaveWhy.NOBODY: "informed",
    LeaveWhy.ON_BREAK: "informed",
    LeaveWhy.QUEUE_GONE: "failed",
}
