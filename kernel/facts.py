"""Facts: what happened, in the past tense. The words and fields of the facts export, one class a kind.

``t`` is Unix seconds as a float on one clock that never runs backwards. A fact holds no personal data:
no caller's number, no digits, no names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from kernel.fact import Fact
from kernel.facts_notes import NoteTaken
from kernel.facts_recording import (
    AlarmRaised,
    CallerTold,
    CallUnrecorded,
    RecorderStalled,
    RecordingDemanded,
    RecordingPaused,
    RecordingResumed,
    SecretTaken,
)
from kernel.facts_services import CallbackPromised, MessageLeft, SurveyAnswered
from kernel.facts_steering import ReasonGiven
from kernel.facts_transfer import CallHeld, CallResumed, ConsultBegan, ConsultEnded, Supervised
from kernel.facts_waiting import (
    CallerAgreed,
    CallerAsked,
    ContactLeft,
    ContactTransferred,
    EmergencyWaits,
    EstimateScored,
    WaitAnnounced,
)
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.skill import Skills

#: Kinds that have a file of their own.
__all__ = [
    "AlarmRaised",
    "CallHeld",
    "CallResumed",
    "CallUnrecorded",
    "CallbackPromised",
    "CallerAgreed",
    "CallerAsked",
    "CallerTold",
    "ConsultBegan",
    "ConsultEnded",
    "ContactLeft",
    "ContactTransferred",
    "EmergencyWaits",
    "EstimateScored",
    "Fact",
    "MessageLeft",
    "NoteTaken",
    "ReasonGiven",
    "RecorderStalled",
    "RecordingDemanded",
    "RecordingPaused",
    "RecordingResumed",
    "SecretTaken",
    "Supervised",
    "SurveyAnswered",
    "WaitAnnounced",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce(Fact):
    """The policy of a queue; fires at start and whenever it changes."""

    ev: ClassVar[str] = "config"
    queue: QueueId | None
    max_parallel_offers: int
    wrapup_ms: int
    rona_exclude_ms: int
    sl_s: float
    #: How an agent is chosen among those who may take a contact.
    strategy: str | None = None
    #: ``anew``: who is rung when the caller hangs up begins her idle time anew; absent: it stands.
    idle_after_lost: str | None = None
    #: Agent -> seconds a call must have waited before it may be offered to her.
    delay_s: Mapping[AgentId, float] | None = None
    #: How long a call waits for its preferred agent.
    preferred_s: float | None = None
    #: So many idle agents are held for this queue.
    floor: int | None = None
    #: Most of the agents at work that the queue's council may use, and what it is guaranteed; 0 to 1.
    cap: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChanged(Fact):
    """The engine went ``up``, ``reconciling`` or ``down``: when it decides and when it does not."""

    ev: ClassVar[str] = "engine"
    state: str
    #: Unix seconds: until now it decided nothing since then, for its process stood still.
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChanged(Fact):
    """An agent's word changed. Skills, queues and councils ride along at first sight and when they change."""

    ev: ClassVar[str] = "agent"
    agent: AgentId
    state: str
    #: Why not ready, when paused; RONA is ``rona``.
    reason: str | None = None
    skills: Skills | None = None
    queues: tuple[QueueId, ...] | None = None
    council: TenantId | None = None
    councils: tuple[TenantId, ...] | None = None
    #: She is kept for emergencies: her queues are the emergency queues alone until a line tells them anew.
    held: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegan(Fact):
    """A resident's call reached the PBX. Not in the outside contract: an added kind, for calls that never queue."""

    ev: ClassVar[str] = "call"
    call: ContactId
    council: TenantId
    #: The council's number that was dialled (not the caller's).
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStepped(Fact):
    """The caller reached a step of a flow. An added kind; never says which key was pressed."""

    ev: ClassVar[str] = "step"
    call: ContactId
    flow: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactArrived(Fact):
    """The contact entered the queue."""

    ev: ClassVar[str] = "arrive"
    call: ContactId
    queue: QueueId
    priority: float
    skills: Skills
    council: TenantId
    #: BCP 47, as the caller chose; absent when Asterisk's own record does not tell.
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Fact):
    """The contact's priority changed while it waits: by its age, or because its wish was changed."""

    ev: ClassVar[str] = "priority"
    call: ContactId
    priority: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementChanged(Fact):
    """This is required of an agent from now on: a relaxing step began, or the wish was changed."""

    ev: ClassVar[str] = "relax"
    call: ContactId
    skills: Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class MayChanged(Fact):
    """Who may not be offered this call until then, beyond skills, queue and council.

    ``why``: excluded, delay, preferred, cap, not_due (taken out of its queue). One takes the place of an
    older one for the same reason: ``agents`` of any ``agents``, ``not`` of what was said of the same agents.
    """

    ev: ClassVar[str] = "may"
    call: ContactId
    #: Unix seconds.
    until: float
    why: str
    #: These agents may not; written ``not`` in the export. Exactly one of this and ``agents`` is there.
    not_: tuple[AgentId, ...] | None = None
    #: Only these agents may.
    agents: tuple[AgentId, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Fact):
    """The agent's phone is being rung for the call."""

    ev: ClassVar[str] = "offer"
    call: ContactId
    agent: AgentId
    #: Who chose her, when it was not the engine: a transferring agent, a supervisor.
    by: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(Fact):
    """The offer ended without an answer.

    ``why``: rona, reject, busy, unreachable, caller_gone, answered_elsewhere, withdrawn, stale_token, agent_gone,
    failed.
    """

    ev: ClassVar[str] = "offer_end"
    call: ContactId
    agent: AgentId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAnswered(Fact):
    """Caller and agent are joined: both are in one bridge."""

    ev: ClassVar[str] = "answer"
    call: ContactId
    agent: AgentId
    via: str = "offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft(Fact):
    """The agent's part in the call ended. ``why``: caller_hung_up, agent_hung_up, transferred, failed."""

    ev: ClassVar[str] = "leave"
    call: ContactId
    agent: AgentId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFiled(Fact):
    """A recording segment was filed; may follow ``end``. ``seconds`` is measured on the untrimmed original."""

    ev: ClassVar[str] = "recording"
    call: ContactId
    seconds: float
    #: ``call``, or ``consult``.
    kind: str = "call"
    #: Seconds that were muted.
    muted: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnded(Fact):
    """Exactly once for every call.

    ``why``: completed, abandoned, overflow, voicemail, callback, informed, timeout, rejected, failed. ``src`` is
    ``pbx`` when recovered after a gap instead of seen as it happened.
    """

    ev: ClassVar[str] = "end"
    call: ContactId
    why: str
    src: str | None = None


FACTS: dict[str, type[Fact]] = {kind.ev: kind for kind in Fact.__subclasses__()}


def as_line(fact: Fact) -> dict[str, object]:
    """The fact as the facts export writes it: ``t`` and ``ev`` first, absent fields left out."""
    line: dict[str, object] = {"t": round(fact.t, _DECIMALS), "ev": fact.ev}
    kind = type(fact)
    for name, key in _KEYS.get(kind) or _KEYS.setdefault(kind, _keys(kind)):
        value = getattr(fact, name)
        if value is not None:
            line[key] = list(value) if isinstance(value, tuple) else value
    if "until" in line:
        # As ``t`` is: told more finely, it lay after the moment it stands for. Priorities stay as fine as they are.
        line["until"] = round(cast("float", line["until"]), _DECIMALS)
    return line


#: Microseconds.
_DECIMALS = 6
#: Asked of dataclasses for each line, they were a tenth of a simulated day.
_KEYS: dict[type[Fact], tuple[tuple[str, str], ...]] = {}


def _keys(kind: type[Fact]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind but ``t``, and their keys."""
    return tuple((one.name, one.name.rstrip("_")) for one in dataclasses.fields(kind) if one.name != "t")
