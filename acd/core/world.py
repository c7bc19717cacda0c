"""What the distributor knows: a cache of the PBX (law 1), owned by the one caller of ``step``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.contact_law import ContactState
from acd.core.deadlines import Deadlines
from acd.core.effects import Effect
from acd.core.inputs import AgentMemory
from acd.core.line import Ability, Line, Need
from acd.core.parts import Beside, Leg, Tally
from acd.core.transfer_law import PartingState
from acd.core.waits import Departures, Leaving, Said
from kernel.agent import AgentProfile, AgentWord, Occupation, Presence
from kernel.contact import Wish
from kernel.exits import LeaveWhy
from kernel.ids import AgentId, ConsultId, ContactId, LegId, OfferId, QueueId, TenantId
from kernel.number import Dialled
from kernel.queues import Queue, WrapUpMode
from kernel.skill import Skills

#: Where an idle agent stands: longest idle first, then by id.
IdlePlace = tuple[float, AgentId]

#: Where a waiting contact stands: highest priority first, then highest score (acd/core/score.py), then by id.
Rank = tuple[float, float, tuple[str | int, ...], ContactId]

#: Where an agent is counted behind queues: which, with which ability, and whether she is on a break.
Staffed = tuple[tuple[QueueId, ...], Ability, bool]

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent: her profile, her two machines, her phone."""

    profile: AgentProfile
    presence: Presence = Presence.LOGGED_OUT
    #: Why not ready.
    aux_code: str | None = None
    #: Presence asked for during a contact, applied after it.
    pending: Presence | None = None
    pending_aux: str | None = None
    occupation: Occupation = Occupation.IDLE
    #: Whom she is RESERVED for or talks with. None while TALKING: her own call. None while RESERVED: the offer is
    #: over and its leg is about to vanish.
    contact: ContactId | None = None
    #: Her legs that exist now; True marks her own calls.
    legs: dict[LegId, bool] = field(default_factory=dict)
    resting: str | None = None
    #: Offers in a row that rang out, were refused or could not reach her: how many of each.
    failures: dict[str, int] = field(default_factory=dict)
    #: Unix seconds.
    wrap_up_until: float | None = None
    #: What she may do with the wrap-up of the contact she is on or was on last.
    wrap_up_mode: WrapUpMode = WrapUpMode.TIMED
    wrap_up_longest_s: float = 600.0
    #: Seconds she asked for, during a contact, for the wrap-up after it; None: what the queue says.
    wrap_up_asked: float | None = None
    #: Unix seconds: since when she waits for work. Moved by her wrap-up, saying ready and ``lost_while_ringing``.
    idle_since: float = 0.0
    #: The queues a supervisor gave her; None: those of ``people.yaml``.
    moved_to: tuple[QueueId, ...] | None = None
    #: Her place in ``people.yaml``.
    order: int = 0
    tally: Tally = field(default_factory=Tally)
    #: Unix seconds: since when she has the word that is shown.
    since: float = 0.0
    #: No longer in the configuration: no further offer, her call goes on.
    removed: bool = False
    #: Kept for emergencies, as the facts say it (acd/core/floor.py).
    held: bool = False
    #: The floors she is counted for while idle.
    counted_for: tuple[QueueId, ...] = ()
    #: Whether she counts as at work, and for which council she is in use (acd/core/shares.py).
    counted: tuple[bool, TenantId | None] = (False, None)
    #: Her memory in the PBX's own store has been read, or was never there.
    restored: bool = False
    #: What the facts said last of her: word and reason.
    told: tuple[AgentWord, str | None] | None = None
    told_profile: tuple[AgentProfile, bool] | None = None
    remembered: AgentMemory | None = None
    #: Where she stands in the idle lines: queues and lines, her place.
    place: tuple[tuple[tuple[QueueId, Ability], ...], IdlePlace] | None = None
    #: Where she is counted (``staff.py``).
    staffed: Staffed | None = None

    @property
    def id(self) -> AgentId:
        """Who she is."""
        return self.profile.id

    @property
    def has_own_leg(self) -> bool:
        """Whether her phone is in a call of her own."""
        return any(self.legs.values())

    @property
    def has_offer_leg(self) -> bool:
        """Whether a leg that was dialled for a contact still exists."""
        return not all(self.legs.values())


@dataclass(slots=True, kw_only=True)
class Offer:
    """One offer of one contact to one agent."""

    agent: AgentId
    #: None until rung: the agent is chosen while the caller is still on the way back to ``[hold]``.
    id: OfferId | None = None
    agent_leg: LegId | None = None
    #: Her leg was seen, so a caller in ``[hold]`` now means that the offer is over.
    dialled: bool = False
    #: Unix seconds: when it counts as unheard of.
    until: float = 0.0
    withdrawn: bool = False
    #: More than one phone was rung for it.
    several: bool = False
    #: Found at a reconcile without an agent's leg: between Redirect and Dial, or between Dial and ``[hold]``.
    unsure: bool = False
    #: Who chose her when it was not the matching, and the facts' word for how she then got it.
    by: AgentId | None = None
    via: str = "offer"


@dataclass(slots=True, kw_only=True)
class Parting:
    """A caller and an agent who stand apart while she asks somebody else, or holds the call by command."""

    id: ConsultId
    contact: ContactId
    state: PartingState
    #: Who parted, and her leg.
    agent: AgentId
    agent_leg: LegId
    #: Whom she asks: an agent or a number outside; neither for a hold.
    to: AgentId | None = None
    outside: Dialled | None = None
    target_leg: LegId | None = None
    #: The facts' word for its end, once known.
    why: str | None = None


@dataclass(slots=True, kw_only=True)
class Contact:
    """One contact, from the trunk to the hang-up."""

    id: ContactId
    channel: str
    leg: LegId
    tenant: TenantId
    state: ContactState = ContactState.IN_IVR
    wish: Wish | None = None
    #: What it needs of an agent: the wish's skills, or its queue's where the wish names none.
    skills: Skills = field(default_factory=dict)
    #: Its place among the contacts: the wish's, or more by its age.
    priority: float = 0
    #: How many relaxing steps have begun, the last resort counted.
    step: int = 0
    #: By queue and when it entered that: steps before this one were passed over (``skip_empty``).
    skipped_to: dict[tuple[QueueId, float], int] = field(default_factory=dict)
    #: Only she may be offered it for now: the preferred agent, or the one it talked with last.
    only: AgentId | None = None
    #: Whom it talked with last, and when that ended (Unix seconds).
    last_agent: tuple[AgentId, float] | None = None
    #: The queue in which the facts said last that it waits; None: not known, or never.
    told_in: QueueId | None = None
    #: What the facts said last is required, and its priority.
    told: tuple[Skills, float] | None = None
    #: What the facts told of bars: delays with their agents, and who alone may; until when (Unix seconds).
    told_delays: set[tuple[tuple[AgentId, ...], float]] = field(default_factory=set)
    told_only: tuple[AgentId, float] | None = None
    told_cap: TenantId | None = None
    #: ... and when they told that nobody may (Unix seconds): its caller is not where we could have her rung for.
    told_nobody: float | None = None
    #: The time of the relaxing step the caller has been asked about (Unix seconds).
    asked_for: float | None = None
    #: An alarm was raised for it.
    alarmed: bool = False
    #: ``arrive`` has been told.
    arrived: bool = False
    #: The caller stands in ``[hold]``: only then may the channel be redirected (docs/asterisk.md rule 8).
    holding: bool = False
    #: Was not seen back in ``[hold]`` in time.
    lost: bool = False
    offer: Offer | None = None
    #: Who is rung beside the agent of ``offer``.
    beside: dict[AgentId, Beside] = field(default_factory=dict)
    leaving: Leaving | None = None
    #: The limits of its queue it has left by already, and come back: they hold no more.
    tried: set[LeaveWhy] = field(default_factory=set)
    #: Who talks with the caller.
    agent: AgentId | None = None
    #: She stands apart from the caller for now.
    parting: Parting | None = None
    answered: bool = False
    #: Who of the two hung up first, in the facts' word, once heard.
    left_first: str | None = None
    due: float | None = None  #: Unix seconds: not before; of contacts that are rung back.
    #: The word the flow named for the end.
    outcome: str | None = None
    #: Agents who are not offered this contact for now, and until when (Unix seconds).
    excluded: dict[AgentId, float] = field(default_factory=dict)
    stale: int = 0  #: Stale tokens in a row.
    #: Unix seconds: since when it is in this state.
    since: float = 0.0
    #: Queue, requirement and priority it waits, or waited last, as (acd/core/estimate.py).
    waits_as: tuple[QueueId, Need, float] | None = None
    said: list[Said] = field(default_factory=list)
    times_said: int = 0
    #: Where it stands in the waiting lines.
    place: tuple[QueueId, Need, Rank] | None = None


@dataclass(slots=True, kw_only=True)
class World:
    """Everything the core knows. One owner, one caller, no lock."""

    agents: dict[AgentId, Agent] = field(default_factory=dict)
    queues: dict[QueueId, Queue] = field(default_factory=dict)
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    legs: dict[LegId, Leg] = field(default_factory=dict)
    reachable: set[AgentId] = field(default_factory=set)
    deadlines: Deadlines = field(default_factory=Deadlines)
    #: Agents who may be offered something, per queue they serve.
    idle: Line[Ability, IdlePlace] = field(default_factory=Line)
    #: Contacts that wait, per queue.
    waiting: Line[Need, Rank] = field(default_factory=Line)
    #: Per queue and ability: how many agents work, and how many are on a break.
    staff: dict[QueueId, dict[Ability, list[int]]] = field(default_factory=dict)
    #: Queues where somebody was the last, or the first again, in this step.
    staff_changed: set[QueueId] = field(default_factory=set)
    #: What is known of the waits, by class, and how many were answered so far, by queue.
    departures: dict[tuple[QueueId, Need, float], Departures] = field(default_factory=dict)
    served: dict[QueueId, int] = field(default_factory=dict)
    #: Who became matchable in this step; the rest was matched before.
    fresh_agents: set[AgentId] = field(default_factory=set)
    fresh_contacts: set[ContactId] = field(default_factory=set)
    #: Offers of this step that may ring several phones: rung when everybody else has been served.
    gathering: list[ContactId] = field(default_factory=list)
    #: Who logged out in this step: contacts that wait for her alone wait no longer.
    gone_agents: set[AgentId] = field(default_factory=set)
    #: What this step asks the shell to do.
    effects: list[Effect] = field(default_factory=list)
    #: Unix seconds, as handed to this step.
    now: float = 0.0
    epoch: int = 0
    offers_made: int = 0
    #: The PBX has been seen at least once.
    seen: bool = False
    #: False between ``LinkLost`` and ``PbxSeen``: then nothing is rung and nothing withdrawn.
    deciding: bool = False
    #: The core and the PBX may disagree: the shell takes a snapshot.
    needs_reconcile: bool = False
    engine_state: str | None = None
    #: Contacts that ended a moment ago and when: a late event does not bring them back.
    closed: dict[ContactId, float] = field(default_factory=dict)
    #: Numbers outside that calls may be sent to, by council and name.
    outside: Mapping[TenantId, Mapping[str, Dialled]] = field(default_factory=dict)
    #: Whom each queue's last offer went to.
    turns: dict[QueueId, AgentId] = field(default_factory=dict)
    #: How many are held for each emergency queue, who is idle for it, and which of these sets changed in this step.
    floors: dict[QueueId, int] = field(default_factory=dict)
    floor_idle: dict[QueueId, set[AgentId]] = field(default_factory=dict)
    floor_touched: set[QueueId] = field(default_factory=set)
    #: Guaranteed share and cap per council; agents at work, and in use per council.
    shares: dict[TenantId, tuple[float | None, float | None]] = field(default_factory=dict)
    at_work: int = 0
    in_use: dict[TenantId, int] = field(default_factory=dict)
    #: Councils at their cap after the last step; met at it in this step; all of whose contacts the facts told of.
    were_capped: set[TenantId] = field(default_factory=set)
    cap_met: set[TenantId] = field(default_factory=set)
    cap_told: set[TenantId] = field(default_factory=set)
    #: Contacts that were looked at in this step and wait on; those told of a cap, per council.
    cap_passed: list[ContactId] = field(default_factory=list)
    barred_by_cap: dict[TenantId, set[ContactId]] = field(default_factory=dict)
    #: Agents for whom alone contacts of a queue wait, or waited.
    alone: dict[QueueId, set[AgentId]] = field(default_factory=dict)
    #: Who serves a queue only after a delay: seconds -> agents, the shortest first.
    delays: dict[QueueId, dict[float, tuple[AgentId, ...]]] = field(default_factory=dict)


def rank(wish: Wish, priority: float | None = None, head_start_s: float = 0.0) -> Rank:
    """The wish's place in its line, with its own priority or another, and as if it had arrived so much earlier.

    Digits in ids compare as numbers: uniqueids ending ``.9`` come before ``.12``.
    """
    # Every second part is digits, and only those: `²` is one to Python, too, but no number.
    parts = tuple(part if index % 2 == 0 else int(part) for index, part in enumerate(_DIGITS.split(wish.contact)))
    return (-(wish.priority if priority is None else priority), wish.arrived - head_start_s, parts, wish.contact)


def queue_of(world: World, wish: Wish) -> Queue:
    """The policy the contact waits under; a queue that left the configuration has the defaults."""
    return world.queues.get(wish.queue) or Queue(id=wish.queue, tenant=wish.tenant, name=wish.queue)
