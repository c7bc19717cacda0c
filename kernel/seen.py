"""What the PBX was seen to do, in the past tense: the adapter's words towards the distributor."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.agent import Presence
from kernel.contact import Wish
from kernel.ids import AgentId, ConsultId, ContactId, LegId, OfferId, QueueId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactResting:
    """The resident who was to be rung back did not answer: the contact is not offered before ``due`` (Unix seconds)."""

    contact: ContactId
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegan:
    """A resident's call entered the dialplan; it is in the IVR until it is seen holding."""

    contact: ContactId
    channel: str
    leg: LegId
    tenant: TenantId
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHolding:
    """The caller stands in ``[hold]`` with this wish: for the first time, or back after an offer that failed."""

    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """Nobody decided for a while: the dialplan took the waiting caller to the PBX's own queue."""

    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferReturned:
    """The dialplan tells how an offer's Dial() ended without joining; the caller is on the way back to ``[hold]``.

    ``why`` is already the facts' word: rona, reject, busy, unreachable, stale_token, failed.
    """

    contact: ContactId
    offer: OfferId
    why: str
    #: Whose phone was picked up all the same, and gone before anybody talked.
    answered_by: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRefused:
    """Of several phones of an offer the dialplan did not ring this one: ``why`` is busy or unreachable."""

    contact: ContactId
    offer: OfferId
    agent: AgentId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectRefused:
    """The PBX refused to move the caller: the caller is gone or going. The agent was never rung."""

    contact: ContactId
    offer: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitTaken:
    """The dialplan took the caller out of ``[hold]`` by the way that was asked for."""

    contact: ContactId
    token: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLegDialled:
    """The agent's phone is being rung: her leg exists."""

    caller_leg: LegId
    agent_leg: LegId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnteredBridge:
    """A leg entered a bridge. Joined means: caller and agent stand in the same one."""

    leg: LegId
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHungUp:
    """A channel is gone: the only thing that ends a call.

    ``why``: what an agent's phone did, where the PBX's cause says so: reject, busy or unreachable; else empty.
    """

    leg: LegId
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpHeard:
    """The party at this leg hung up; the other leg of the call will be ended for it."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHeld:
    """The phone of this leg put the other side on hold (``held``) or took it back."""

    leg: LegId
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCallBegan:
    """The agent's phone dialled by itself: a star code, a colleague. TALKING without wrap-up."""

    agent: AgentId
    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAnswered:
    """The one who is asked picked up: this is that leg, an agent's or one outside."""

    consult: ConsultId
    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultOver:
    """The agent who asked stands alone again. ``why`` is the facts' word: rona, reject, busy …, or ``talked``."""

    consult: ConsultId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultLost:
    """The dialplan could not join the caller, or saw nobody left to join: the caller goes to ``[hold]`` by itself."""

    consult: ConsultId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefused:
    """The PBX refused to move a call: what we believe of it is wrong."""

    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachChanged:
    """The agent's phone became reachable or unreachable."""

    agent: AgentId
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeNamed:
    """The flow ended the call itself and says why (informed, rejected) before the hang-up."""

    contact: ContactId
    why: str
    #: The channel that says so.
    leg: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMemory:
    """What the PBX's own store keeps of an agent, so that a restart needs neither SQL nor broker."""

    agent: AgentId
    presence: Presence
    aux_code: str | None
    #: Presence asked for during a call, taken after it.
    pending: Presence | None
    pending_aux: str | None
    #: Unix seconds; None when not in wrap-up.
    wrap_up_until: float | None
    #: Unix seconds: since when she waits for work.
    idle_since: float
    #: The queues a supervisor gave her; None: those of ``people.yaml``.
    queues: tuple[QueueId, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCall:
    """One resident's call as the PBX shows it at a reconcile."""

    contact: ContactId
    channel: str
    leg: LegId
    tenant: TenantId
    number: str
    #: None while in the IVR.
    wish: Wish | None
    #: True when it stands in ``[hold]``: only then may it be redirected.
    holding: bool
    offer: OfferId | None = None
    agent: AgentId | None = None
    offered_at: float | None = None
    #: When she answered, Unix seconds by the PBX's clock: an engine that was away tells the true time of the join.
    joined_at: float | None = None
    bridge: str | None = None
    #: Taken out of its queue: what its end will say, unless something better comes of it.
    left: str | None = None
    #: It waits in the PBX's own queue, and comes back to ``[hold]`` by itself.
    fallback: bool = False
    #: The last parting of caller and agent, whether it is on, and the leg of the agent who parted.
    consult: ConsultId | None = None
    parted: bool = False
    parted_leg: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLeg:
    """One agent's leg as the PBX shows it at a reconcile. ``offer`` is None for her own call."""

    agent: AgentId
    leg: LegId
    offer: OfferId | None
    bridge: str | None
    #: It belongs to this consult: the agent's who asked, or the one's who is asked.
    consult: ConsultId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """One call that is over, as the PBX's own record has it. Times in Unix seconds by the PBX's clock."""

    contact: ContactId
    tenant: TenantId
    #: The council's number that was dialled.
    number: str
    #: None when it never waited.
    queue: QueueId | None
    began_at: float
    arrived_at: float | None
    #: When an agent answered last, and who; None when nobody did.
    joined_at: float | None
    agent: AgentId | None
    #: The word the flow named for the end.
    why: str | None
    ended_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSeen:
    """A snapshot of the PBX: after every (re)connect, before anything is decided."""

    calls: tuple[SeenCall, ...]
    legs: tuple[SeenLeg, ...]
    reachable: frozenset[AgentId]
    memories: tuple[AgentMemory, ...]
    #: Fencing token of this reign: offers of an older one are refused by the dialplan.
    epoch: int
    #: The PBX was started anew since it was last told of an epoch: every call of before died with it.
    reborn: bool = False
    #: It was so at an earlier look, at which what was told was not known yet.
    told_reborn: bool = False
    #: What ended while nobody looked, in order, by the PBX's own record.
    ended: tuple[EndedCall, ...] = ()
    #: Contacts whose ``call``, ``arrive`` facts are already in the store: nothing is told twice after a restart.
    told_calls: frozenset[ContactId] = frozenset()
    told: frozenset[ContactId] = frozenset()
    #: Of the same calls, those open in the store: offers told without their end, answers told without the agent's
    #: leave, and contacts that were ever answered. Read once, at the first snapshot of a process.
    told_offers: frozenset[tuple[ContactId, AgentId]] = frozenset()
    told_answers: frozenset[tuple[ContactId, AgentId]] = frozenset()
    told_answered: frozenset[ContactId] = frozenset()
    #: Who may not be offered which contact, and until when (``may`` facts with why ``excluded``; Unix seconds).
    told_excluded: frozenset[tuple[ContactId, AgentId, float]] = frozenset()
    #: Contacts that were told to be for nobody, or for one agent alone: why, and until when (Unix seconds).
    told_bars: frozenset[tuple[ContactId, str, float]] = frozenset()
    #: Whom each queue's last offer went to, so that a round robin goes on where it stood.
    told_turns: frozenset[tuple[QueueId, AgentId]] = frozenset()
    #: The queue that each open call was told to wait in last; whom it talked with last, until when (Unix seconds).
    told_queues: frozenset[tuple[ContactId, QueueId]] = frozenset()
    told_last_agents: frozenset[tuple[ContactId, AgentId, float]] = frozenset()
    #: What its caller was told, not scored yet: when (Unix seconds), the place, the range (seconds).
    told_said: frozenset[tuple[ContactId, float, int | None, float | None, float | None]] = frozenset()
