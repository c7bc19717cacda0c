"""What the distributor needs of the outside, each named for the need."""

from __future__ import annotations

from typing import Protocol

from acd.core.effects import AskCaller, LeaveQueue, RingAgent, SayToCaller, WithdrawOffer, WriteWish
from kernel.facts import Fact
from kernel.orders import Order
from kernel.seen import AgentMemory, PbxSeen, SeenCall, SeenLeg


class Dialler(Protocol):
    """Speaks to the PBX. Nothing waits: what goes wrong comes back as an input."""

    def ring(self, effect: RingAgent) -> None:
        """Move the caller to ``[take]``, which rings the agent. A refusal comes back as ``RedirectRefused``."""
        ...

    def withdraw(self, effect: WithdrawOffer) -> None:
        """Take an offer back."""
        ...

    def order(self, order: Order) -> None:
        """Move a call under way. A refusal comes back as ``OrderRefused``."""
        ...

    def remember(self, memory: AgentMemory) -> None:
        """Write what must survive a restart."""
        ...

    def beat(self, epoch: int) -> None:
        """Tell the dialplan that the engine decides."""
        ...


class WaitingRoom(Protocol):
    """Does things to callers who wait. Nothing waits here either: what goes wrong comes back as an input."""

    def leave(self, effect: LeaveQueue) -> None:
        """Hand the caller back to the IVR. A refusal comes back as ``RedirectRefused`` with the token."""
        ...

    def say(self, effect: SayToCaller) -> None:
        """Let the caller hear prompts, then music again. What cannot be played is left out."""
        ...

    def ask(self, effect: AskCaller) -> None:
        """Ask the caller; yes comes back as a changed wish. What cannot be played is not asked."""
        ...

    def write_wish(self, effect: WriteWish) -> None:
        """Write the wish onto the channel of a caller who waits on."""
        ...


class PbxView(Protocol):
    """Sees the PBX as it is."""

    async def see(self) -> PbxSeen:
        """Begin a new reign and take a snapshot. Raises ``GuildhallError`` when the PBX does not answer."""
        ...


class PbxGlance(Protocol):
    """Sees what there is on the PBX, without beginning anything."""

    async def glance(self) -> tuple[tuple[SeenCall, ...], tuple[SeenLeg, ...]]:
        """Return callers and agents' legs. Raises ``GuildhallError`` when the PBX does not answer."""
        ...


class FactSink(Protocol):
    """Takes facts, in order, without waiting."""

    def publish(self, fact: Fact) -> None:
        """Tell the world what happened."""
        ...


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Return Unix seconds on a clock that never runs backwards."""
        ...

    def monotonic(self) -> float:
        """Return seconds that run on while the process is frozen."""
        ...
