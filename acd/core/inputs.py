"""Inputs: what happened outside, in the past tense. What the PBX did comes in the kernel's words (kernel/seen.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.agent import AgentProfile, Presence
from kernel.commands import MoveCall, Supervise
from kernel.ids import AgentId, TenantId
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.seen import (
    AgentLegDialled,
    AgentMemory,
    CallBegan,
    ConsultAnswered,
    ConsultLost,
    ConsultOver,
    ContactHolding,
    ContactResting,
    EndedCall,
    ExitTaken,
    FellBack,
    HangUpHeard,
    LegEnteredBridge,
    LegHeld,
    LegHungUp,
    OfferReturned,
    OrderRefused,
    OutcomeNamed,
    OwnCallBegan,
    PbxSeen,
    PhoneRefused,
    ReachChanged,
    RedirectRefused,
    SeenCall,
    SeenLeg,
)
from kernel.seen_phone import LegSilent


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceAsked:
    """The agent, or somebody for her, asked for a presence. Refusals come back as an effect."""

    agent: AgentId
    presence: Presence
    aux_code: str | None
    #: Names the asker, so that the answer finds the way back.
    ask: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpAsked:
    """She says how long her after-call work takes: of the call she is in, or, in wrap-up already, from now on."""

    agent: AgentId
    seconds: float
    #: Names the asker, so that the answer finds the way back; None: nobody waits for one.
    ask: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAsked(MoveCall):
    """An agent asked for something with her call. ``ask`` names the asker."""

    ask: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperviseAsked(Supervise):
    """A supervisor asked for something. ``ask`` names the asker."""

    ask: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A snapshot, and what the PBX told while it was being taken: one input, so that nothing is decided in between."""

    seen: PbxSeen
    #: In the order in which it was told; what is older than the snapshot does no harm.
    held: tuple[Input, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost:
    """The PBX's events no longer reach us: decide nothing until the next ``PbxSeen``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChanged:
    """The configuration in force: agents and queues."""

    agents: tuple[AgentProfile, ...]
    queues: tuple[Queue, ...]
    #: Numbers outside that calls may be sent to, by council and name.
    outside: Mapping[TenantId, Mapping[str, Dialled]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """Time moved on: see to everything that is due."""


Input = (
    CallBegan
    | ContactResting
    | ContactHolding
    | FellBack
    | OfferReturned
    | PhoneRefused
    | ExitTaken
    | RedirectRefused
    | AgentLegDialled
    | HangUpHeard
    | LegEnteredBridge
    | LegHungUp
    | LegHeld
    | OwnCallBegan
    | ReachChanged
    | LegSilent
    | PresenceAsked
    | WrapUpAsked
    | MoveAsked
    | SuperviseAsked
    | ConsultAnswered
    | ConsultOver
    | ConsultLost
    | OrderRefused
    | OutcomeNamed
    | PbxSeen
    | Reconciled
    | LinkLost
    | PeopleChanged
    | DeadlinePassed
)

__all__ = [
    "AgentLegDialled",
    "AgentMemory",
    "CallBegan",
    "ConsultAnswered",
    "ConsultLost",
    "ConsultOver",
    "ContactHolding",
    "ContactResting",
    "DeadlinePassed",
    "EndedCall",
    "ExitTaken",
    "FellBack",
    "HangUpHeard",
    "Input",
    "LegEnteredBridge",
    "LegHeld",
    "LegHungUp",
    "LegSilent",
    "LinkLost",
    "MoveAsked",
    "OfferReturned",
    "OrderRefused",
    "OutcomeNamed",
    "OwnCallBegan",
    "PbxSeen",
    "PeopleChanged",
    "PhoneRefused",
    "PresenceAsked",
    "ReachChanged",
    "RedirectRefused",
    "SeenCall",
    "SeenLeg",
    "SuperviseAsked",
    "WrapUpAsked",
]
