"""What the PBX was seen to do about recording, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.ids import AgentId, ContactId, LegId, QueueId, TenantId
from kernel.recording_rule import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderKeyPressed:
    """An agent pressed a key for the recorder in her call. ``do``: pause, resume; other words are refused."""

    agent: AgentId
    #: Her leg: where the answer is told.
    channel: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerToldSeen:
    """The caller was told of recording, or asked."""

    contact: ContactId
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedSeen:
    """The next join of this contact begins without a recorder, by rule or because the caller declined."""

    contact: ContactId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandedSeen:
    """The recorder began because an agent asked for it."""

    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKnown:
    """A call began; ``number`` is the caller's as the network told it: digested at once, kept nowhere."""

    contact: ContactId
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureInputAsked:
    """An agent wants her caller to key in what nobody may hear; the caller's channel waits for the answer."""

    contact: ContactId
    channel: str
    #: Whether a recorder runs.
    recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureInputOver:
    """The caller is back with her agent."""

    contact: ContactId
    #: done, refused, timeout or failed; empty: nobody told.
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRecorder:
    """A recorder that runs on a caller's channel, as the channel says."""

    contact: ContactId
    #: It writes silence now, and rightly.
    muted: bool
    #: The caller stands apart from her agent: a recorder begins when they meet again.
    parted: bool


RecorderSeen = (
    RecorderKeyPressed
    | CallerToldSeen
    | UnrecordedSeen
    | DemandedSeen
    | CallerKnown
    | SecureInputAsked
    | SecureInputOver
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A joined call as the engine sees it."""

    contact: ContactId
    #: The caller's channel, which carries the recorder.
    channel: str
    queue: QueueId | None
    agent: AgentId | None
    #: Whose call it is: its queue's council.
    council: TenantId | None = None
    #: The agent's.
    agent_leg: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedRecorder:
    """A recorder that is paused, as its channel says. Times in Unix seconds."""

    contact: ContactId
    channel: str
    since: float
    until: float
    by: str
    #: For secret input: whether the caller still keys in; None: paused for something else.
    input: bool | None = None
