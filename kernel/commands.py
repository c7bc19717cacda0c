"""Commands: what people ask of the engine, imperative; answered once with an outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kernel.agent import Presence
from kernel.ids import AgentId, ContactId, QueueId
from kernel.needs import Need


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
class TakeSecret:
    """Let this agent's caller key in what nobody may hear, by her queue's flow; then both are together again."""

    agent: AgentId
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRecorders:
    """Ask which joined calls are recorded by rule, and which of them are paused, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveReason:
    """An agent says what her call was about, in the talk or after it, until she takes the next one."""

    agent: AgentId
    #: An intent of the call's council, its code, or ``none``.
    reason: str
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNeed:
    """An agent writes down, or takes back, a need of the caller she talks with or talked with last."""

    agent: AgentId
    need: Need
    forget: bool = False
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNote:
    """Somebody notes something on a call for whoever has it next; without a text the last note is taken back."""

    #: An agent on her own call, a supervisor on one of her councils'. None: ``by`` writes, whose right was seen to.
    agent: AgentId | None
    #: None: the call she is in, or was in last.
    contact: ContactId | None = None
    text: str | None = field(default=None, repr=False)
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNotes:
    """Ask for the notes on a call, as plain data; ``agent`` and ``contact`` as above. Each reading is audited."""

    agent: AgentId
    contact: ContactId | None = None
    by: str = "agent"
    #: ``seen`` of the answer before: where nothing was noted since, nothing is read.
    seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeVersions:
    """Follow the journal of published versions from now on."""


class CallDeed(StrEnum):
    """What an agent does with the call she is in."""

    #: Blind: she leaves, and the caller goes on to somebody else.
    TRANSFER = "transfer"
    #: She asks somebody else while the caller hears music.
    CONSULT = "consult"
    #: The caller goes on to the one she asked; she leaves.
    COMPLETE = "complete"
    #: She takes the caller back.
    CANCEL = "cancel"
    #: The caller hears music, nobody is asked.
    HOLD = "hold"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCall:
    """An agent does something with her call. ``to``: an agent's id, a queue's id, or a name in ``transfer_to:``."""

    agent: AgentId
    deed: CallDeed
    to: str | None = None
    #: Who asked: ``agent`` (star code), ``operator`` (command line).
    by: str = "agent"


class Oversight(StrEnum):
    """What a supervisor does."""

    #: Hears both; nobody hears her.
    LISTEN = "listen"
    #: Only the agent hears her.
    WHISPER = "whisper"
    #: Both hear her.
    BARGE = "barge"
    #: Takes a waiting call herself.
    PULL = "pull"
    #: Changes a waiting call's priority.
    PRIORITY = "priority"
    #: Has an agent serve other queues.
    MOVE = "move"
    END_BREAK = "end_break"
    LOG_OUT = "log_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise:
    """A supervisor, ``by``, does something with an agent or a call; every one that is allowed becomes a fact."""

    by: AgentId
    deed: Oversight
    agent: AgentId | None = None
    contact: ContactId | None = None
    #: The queues to serve from now on.
    queues: tuple[QueueId, ...] | None = None
    priority: int | None = None


Command = SetPresence | SetWrapUp | ShowState | Explain | MoveCall | Supervise
#: Answered beside the engine, by what looks after the recorders.
RecorderCommand = PauseRecording | ResumeRecording | TakeSecret | ShowRecorders
#: Answered beside the engine, by what looks after the call that was.
AfterCallCommand = GiveReason | SetNeed | TakeNote | ShowNotes
#: What the door takes.
Asked = Command | RecorderCommand | AfterCallCommand | TakeVersions


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command. ``code`` is stable; ``message`` is for people; ``data`` is JSON-like."""

    ok: bool
    code: str
    message: str
    data: object = None
