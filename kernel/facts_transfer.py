"""Facts of callers who stand apart from their agent, and of supervisors who step in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import AgentId, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultBegan(Fact):
    """The caller hears music while the agent asks somebody. An added kind."""

    ev: ClassVar[str] = "consult"
    call: ContactId
    agent: AgentId
    #: An agent, or ``outside``; absent for a hold that was asked for by command.
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultEnded(Fact):
    """The caller's music is over. An added kind.

    ``why``: completed, cancelled, resumed, left (the one who was asked hung up), rona, reject, busy, unreachable,
    failed, agent_gone, caller_gone, lost.
    """

    ev: ClassVar[str] = "consult_end"
    call: ContactId
    agent: AgentId
    why: str
    #: How long the caller heard music; none of it is on a recording of the call.
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(Fact):
    """A supervisor listened, whispered, barged, pulled, or changed something. An added kind."""

    ev: ClassVar[str] = "supervise"
    by: AgentId
    act: str
    #: With which agent.
    agent: AgentId | None = None
    #: With which call.
    call: ContactId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(Fact):
    """The agent's phone put the call on hold."""

    ev: ClassVar[str] = "hold"
    call: ContactId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(Fact):
    """The agent's phone took the call off hold."""

    ev: ClassVar[str] = "unhold"
    call: ContactId
    agent: AgentId
