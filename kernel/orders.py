"""What the PBX is asked to do with calls under way: send or take back to a line, part for a consult, join, hang up."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import AgentId, ConsultId, ContactId, LegId, QueueId
from kernel.number import Dialled


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToHold:
    """Take the caller out of whatever the call is in and back to ``[hold]``: the agent's leg ends by it."""

    contact: ContactId
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOutside:
    """Take the caller out of the talk and dial a number for them: the call leaves the switchboard's routing."""

    contact: ContactId
    channel: str
    number: Dialled
    epoch: int
    #: Somebody has just asked for it; else it follows from an older wish, and is looked at again before it is dialled.
    asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Part a caller and an agent who talk: the caller hears music, the agent's leg rings ``to``, or waits."""

    contact: ContactId
    channel: str
    agent_leg: LegId
    consult: ConsultId
    epoch: int
    #: An agent, a number outside, or None for a mere hold.
    to: AgentId | Dialled | None
    ring_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin:
    """Join the caller, who hears music, with this leg."""

    contact: ContactId
    channel: str
    consult: ConsultId
    epoch: int
    leg: LegId
    #: Whose leg it is; None for a number outside.
    agent: AgentId | None
    #: The leg that hangs up in these milliseconds and ends the bridge the other one stands in: only then can they join.
    after: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLeg:
    """Hang up a leg that is no caller's."""

    leg: LegId
    #: Its phone died: the caller's dialplan takes it so, and goes back to the line.
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLeg:
    """Find out whether sound still comes from an agent's phone. None for a while comes back as ``LegSilent``."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Let the caller leave the PBX's own queue, as soon as no phone rings for it there. Not there: nothing happens."""

    channel: str
    queue: QueueId


Order = SendToHold | SendOutside | Part | Rejoin | EndLeg | ProbeLeg | TakeBack
#: Every kind of order, for tables that treat them alike.
ORDERS: tuple[type[Order], ...] = (SendToHold, SendOutside, Part, Rejoin, EndLeg, ProbeLeg, TakeBack)
