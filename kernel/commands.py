"""Commands: what people ask of the engine, imperative; answered once with an outcome."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.agent import Presence
from kernel.ids import AgentId, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPresence:
    """Log an agent in or out, make her ready or not ready. ``aux_code`` says why not ready."""

    agent: AgentId
    presence: Presence
    aux_code: str | None = None
    #: Who asked: ``agent`` (star code), ``operator`` (command line).
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWrapUp:
    """Make an agent's after-call work last so long: from now on, or, during a call, after it."""

    agent: AgentId
    seconds: float
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowState:
    """Ask for the engine's view of agents and waiting contacts, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Ask why a waiting contact is offered to whom it is, or to nobody, as plain data."""

    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecording:
    """Silence the recording of a joined call, for card details. It goes on by itself."""

    contact: ContactId
    why: str
    #: None: as long as the queue's rule allows.
    seconds: float | None = None
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRecording:
    """Let a paused recording go on."""

    contact: ContactId
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeVersions:
    """Follow the journal of published versions from now on."""


Command = SetPresence | SetWrapUp | ShowState | Explain
#: Answered beside the engine, by what looks after the recorders.
RecorderCommand = PauseRecording | ResumeRecording
#: What the door takes.
Asked = Command | RecorderCommand | TakeVersions


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command. ``code`` is stable; ``message`` is for people; ``data`` is JSON-like."""

    ok: bool
    code: str
    message: str
    data: object = None
