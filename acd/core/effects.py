"""Effects: please do, out of the core. ``acd/perform.py`` holds the table effect -> function."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.commands import Outcome
from kernel.contact import Wish
from kernel.exits import LeaveWhy
from kernel.facts import Fact
from kernel.ids import AgentId, ContactId, LegId, OfferId, QueueId, TenantId
from kernel.orders import Order
from kernel.seen import AgentMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class RingAgent:
    """Redirect the caller to ``[take]``: the dialplan starts the recorder and rings the agent."""

    contact: ContactId
    channel: str
    offer: OfferId
    epoch: int
    agent: AgentId
    ring_time_s: float
    #: Rung at the same time, under the same offer: the first of all to answer has the contact.
    also: tuple[AgentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer:
    """Take an offer back: clear the token on the caller's channel, hang up the agent's leg when there is one."""

    contact: ContactId
    channel: str
    offer: OfferId
    agent_leg: LegId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveQueue:
    """Redirect the caller to ``[leave]``: the IVR takes over, by the queue's way out for this reason."""

    contact: ContactId
    channel: str
    #: Fences this one leaving, as an offer's id fences an offer.
    token: OfferId
    epoch: int
    queue: QueueId
    why: LeaveWhy


@dataclass(frozen=True, slots=True, kw_only=True)
class SayToCaller:
    """Let the caller hear prompts instead of music; an offer may interrupt them."""

    contact: ContactId
    channel: str
    tenant: TenantId
    language: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCaller:
    """Ask the waiting caller; ``key`` says yes to relaxing step ``step``, and the channel then carries it."""

    contact: ContactId
    channel: str
    tenant: TenantId
    language: str
    prompts: tuple[str, ...]
    key: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteWish:
    """Write the changed wish onto the caller's channel, who goes on waiting (law 1)."""

    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberAgent:
    """Write what must survive a restart into the PBX's own store."""

    memory: AgentMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishFact:
    """Tell the world what happened."""

    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAsker:
    """Answer the one who asked (``PresenceAsked.ask``)."""

    ask: int
    outcome: Outcome


Effect = (
    RingAgent
    | WithdrawOffer
    | LeaveQueue
    | WriteWish
    | SayToCaller
    | AskCaller
    | RememberAgent
    | PublishFact
    | AnswerAsker
    | Order
)
