"""Effects: please do, out of the core. ``ivr/perform.py`` holds the table effect -> function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.ids import AgentId, QueueId
from kernel.number import Dialled
from kernel.skill import Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStep:
    """The caller reached this step: let it be known."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these prompts in this language, one after the other; comes back as ``Played`` or ``PlaybackFailed``."""

    prompts: tuple[str, ...]
    language: str
    #: Whether a key ends them.
    interruptible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Wait for one key; comes back as ``KeyPressed`` or ``NoKey``."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """Leave the call waiting for a person. The last effect of a flow."""

    queue: QueueId
    #: Higher first.
    priority: int
    skills: Skills
    language: str
    #: The flow that asks the caller after the talk, when the agent hangs up first; empty: none.
    survey: str = ""
    #: Who alone may take it in the first ``preferred_s`` seconds; None: anybody.
    preferred: AgentId | None = None
    preferred_s: float = 0.0
    #: What to note on the call for whoever answers; empty: nothing. repr=False: it may hold what the caller typed.
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call. ``why``: informed or rejected. The last effect of a flow."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAround:
    """Say what time it is and how these queues stand; comes back as ``LookedAround``."""

    queues: tuple[QueueId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak a text made for this caller; comes back as ``Played`` or ``PlaybackFailed``."""

    # repr=False: it may hold what the caller typed or what was looked up about her.
    text: str = field(repr=False)
    language: str
    interruptible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskService:
    """Look a key up in a service of the council; comes back as ``LookedUp``, ``NothingFound`` or ``NotDone``."""

    service: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Join the caller with an outside number. Nothing comes back when she is joined; else ``NotDone``."""

    to: Dialled
    ring_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMessage:
    """Record what the caller says into a message box; comes back as ``Done`` or ``NotDone``."""

    box: str
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswer:
    """Keep an answer to a survey, without the caller; comes back as ``Done`` or ``NotDone``."""

    survey: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCallback:
    """Say which number may be rung back; comes back as ``CallbackOffered`` or ``NotDone``."""

    #: What she typed; empty: the number she rings from.
    typed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCallback:
    """Promise to ring the caller back from this queue; comes back as ``Done`` or ``NotDone``."""

    queue: QueueId
    language: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How patiently somebody who speaks is listened to, in seconds."""

    #: Until she must have begun.
    begin_s: float = 4.0
    #: The silence that ends what she says, when her words sound complete.
    pause_s: float = 0.8
    #: Until one who does not stop is stopped.
    longest_s: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Play, let the caller speak, and say which of these intents it was.

    Comes back as ``Understood``, ``NotUnderstood``, ``NoKey`` (silence), ``KeyPressed``, or ``NotDone`` without engine.
    """

    prompts: tuple[str, ...]
    language: str
    #: Intent -> phrases that name it, in the caller's language.
    intents: Mapping[str, tuple[str, ...]]
    #: Whether speech ends the prompts; keys always do.
    interruptible: bool = True
    patience: Listening = Listening()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSteering:
    """Let it be known what was understood and what came of it; never the words."""

    flow: str
    step: str
    intent: str | None
    sure: float
    #: straight, confirmed, chosen, question, choice, again, menu, person, urgent or danger.
    way: str
    urgency: str


Effect = (
    NoteStep
    | Play
    | Listen
    | Enqueue
    | HangUp
    | LookAround
    | Say
    | AskService
    | Transfer
    | RecordMessage
    | NoteAnswer
    | OfferCallback
    | BookCallback
    | Steer
    | NoteSteering
)
