"""A queue: contacts waiting for the same kind of help, and the policy they wait under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from kernel.exits import NO_LIMITS, Limits
from kernel.ids import QueueId, TenantId
from kernel.recording_rule import RecordingRule
from kernel.skill import NO_SKILLS, Skills

#: Seconds a phone rests after a failed offer, by its reason; a ring-out counts here only where one does not suffice.
RESTS_S: Mapping[str, float] = MappingProxyType({"rona": 10.0, "reject": 10.0, "busy": 5.0, "unreachable": 5.0})


class Strategy(StrEnum):
    """Who of those who may take a contact is offered it. Ties: who has been idle longest, then the lower id."""

    LONGEST_IDLE = "longest_idle"
    #: The highest levels in the skills that are required.
    BEST_SKILL = "best_skill"
    #: The lowest levels over all skills: the versatile are kept for those who need them.
    LEAST_SKILLED = "least_skilled"
    #: The least share of her time since she logged in spent on contacts.
    LEAST_OCCUPIED = "least_occupied"
    #: In the order of the ids, beginning after whom this queue's last offer went to.
    ROUND_ROBIN = "round_robin"
    #: Fewest contacts answered since she logged in.
    FEWEST_CALLS = "fewest_calls"
    #: In the order of ``people.yaml``.
    FIXED_ORDER = "fixed_order"
    #: By a hash of contact and agent: spread evenly, and the same in a replay.
    RANDOM = "random"


class WrapUpMode(StrEnum):
    """What an agent may do with her after-call work."""

    #: It ends after its time, or earlier when she says ready.
    TIMED = "timed"
    #: It lasts its whole time, whatever she says.
    MANDATORY = "mandatory"
    #: There is none, unless she asks for it during the call.
    OPTIONAL = "optional"


class IdleAfterLost(StrEnum):
    """What becomes of an agent's idle time when the caller hangs up while her phone rings."""

    #: She goes on waiting for work since when she did: nothing happened that was her doing.
    KEPT = "kept"
    #: The ringing counts as an interruption: she waits for work from then on.
    ANEW = "anew"


class LastResort(StrEnum):
    """What happens to a contact when its last relaxing step has expired. Never chosen silently."""

    #: It waits on under the last step's requirement.
    STAY = "stay"
    #: Every agent of the queue may take it, whatever her skills.
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a waiting caller is asked before less is required of who answers; who says nothing waits on as before."""

    prompts: tuple[str, ...]
    #: The key that says yes, one digit.
    key: str = "1"
    #: Seconds until it is asked again; 0: once only.
    again_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxStep:
    """Less is required after a while. Cumulative: a step never asks for more than the one before it."""

    #: Seconds after the step before, or after the arrival.
    after_s: float
    #: The least levels from then on; a skill that is not named is no longer required.
    skills: Skills
    #: The caller is asked first; until she says yes neither this step nor any after it begins.
    ask: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeStep:
    """A contact that has waited so long since its arrival gets at least this priority."""

    after_s: float
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What callers of a queue hear while they wait."""

    #: Seconds from entering the queue to the first one, and between two.
    first_after_s: float
    every_s: float
    #: The place in the queue.
    position: bool = False
    #: How long it will probably take; left out where that is not known well enough.
    expected_wait: bool = False
    #: Other prompts, one a time, in turn.
    comfort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue's policy. Times in seconds."""

    id: QueueId
    tenant: TenantId
    #: What people read, for instance "Bins and recycling".
    name: str
    #: What a contact of this queue needs of an agent, unless its wish says otherwise.
    skills: Skills = field(default_factory=lambda: NO_SKILLS)
    #: Higher first; inside one priority the earliest arrival goes first.
    priority: int = 0
    #: Between queues: one point counts as a minute waited (acd/core/score.py).
    weight: int = 0
    #: Danger to people: its contacts go ahead of everybody else's, whatever their priority; no callback is offered.
    emergency: bool = False
    #: So many idle agents who can serve this emergency queue are offered emergencies only.
    floor: int = 0
    #: An emergency that has waited so long raises an alarm, and again after the same time; None: never.
    alarm_after_s: float | None = None
    #: Of the queue's council: the share of the agents at work it is guaranteed, and the most it may use; 0 to 1.
    council_share: float | None = None
    council_cap: float | None = None
    #: Language of a caller -> skills required beside those of the queue.
    languages: Mapping[str, Skills] = field(default_factory=dict)
    #: How long a contact waits for its preferred agent, or for the one it talked with last, before anybody may take it.
    preferred_s: float = 0.0
    #: So many phones ring at once for one contact; the first to answer has it.
    ring_at_once: int = 1
    #: How long an agent's phone rings before the offer is a RONA.
    ring_time_s: float = 15.0
    #: After-call work; the agent is offered nothing until it ends.
    wrap_up_s: float = 10.0
    wrap_up_mode: WrapUpMode = WrapUpMode.TIMED
    #: The most an agent may ask for, counted from her asking.
    wrap_up_longest_s: float = 600.0
    #: After a failed offer the same call is not offered to the same agent for this long.
    rona_exclude_s: float = 60.0
    #: Service-level target T: answered within T seconds of entering the queue.
    service_level_s: float = 20.0
    recording: RecordingRule = field(default_factory=RecordingRule)
    #: So many refused or unreachable offers in a row, of whatever calls, set an agent not ready; 0: never.
    failures_in_row: int = 3
    #: So many ring-outs in a row do.
    ronas_in_row: int = 1
    #: How long her phone rests after an offer failed for this reason, seconds.
    rests_s: Mapping[str, float] = field(default_factory=lambda: RESTS_S)
    strategy: Strategy = Strategy.LONGEST_IDLE
    idle_after_lost: IdleAfterLost = IdleAfterLost.KEPT
    #: In order; none: the requirement stays.
    relaxing: tuple[RelaxStep, ...] = ()
    #: A step that nobody who is logged in could serve is passed over without its wait.
    skip_empty: bool = False
    last_resort: LastResort = LastResort.STAY
    #: Seconds after the last step (or the arrival, without steps) until the last resort.
    last_resort_after_s: float = 0.0
    #: The caller is asked before any agent may take it.
    last_resort_ask: Question | None = None
    #: In order of ``after_s``.
    ageing: tuple[AgeStep, ...] = ()
    #: When a contact leaves without an agent, and where to.
    limits: Limits = NO_LIMITS
    #: None: music only.
    announce: Announcements | None = None
    #: The council's default queue: where the calls of a queue go that left the configuration.
    default: bool = False
