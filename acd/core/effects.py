"""Effects: please do, out of the core. ``acd/perform.py`` holds the table effect -> function."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.commands import Outcome
from kernel.facts import Fact
from kernel.ids import AgentId, ContactId, LegId, OfferId
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


Effect = RingAgent | WithdrawOffer | RememberAgent | PublishFact | AnswerAsker
