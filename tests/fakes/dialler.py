"""Meets acd's Dialler, WaitingRoom and FactSink: keeps what it was asked, and may refuse."""

from __future__ import annotations

from collections.abc import Callable

from acd.core.effects import AskCaller, LeaveQueue, RingAgent, SayToCaller, WithdrawOffer, WriteWish
from kernel.facts import Fact
from kernel.ids import ContactId
from kernel.orders import Order
from kernel.seen import AgentMemory, RedirectRefused


class FakeDialler:
    """Remembers every request. ``on_refused`` hears of callers in ``gone``, inside the call, as a quick PBX may."""

    def __init__(self) -> None:
        self.rung: list[RingAgent] = []
        self.withdrawn: list[WithdrawOffer] = []
        self.orders: list[Order] = []
        self.memories: list[AgentMemory] = []
        self.beats: list[int] = []
        self.left: list[LeaveQueue] = []
        self.written: list[WriteWish] = []
        self.said: list[SayToCaller] = []
        self.asked: list[AskCaller] = []
        self.gone: set[ContactId] = set()
        self.on_refused: Callable[[RedirectRefused], None] = lambda _refused: None
        #: The next ring breaks.
        self.broken = False

    def ring(self, effect: RingAgent) -> None:
        """Keep it; refuse when the caller is gone."""
        if self.broken:
            raise OSError("the link is closed")
        self.rung.append(effect)
        if effect.contact in self.gone:
            self.on_refused(RedirectRefused(contact=effect.contact, offer=effect.offer))

    def withdraw(self, effect: WithdrawOffer) -> None:
        """Keep it."""
        self.withdrawn.append(effect)

    def leave(self, effect: LeaveQueue) -> None:
        """Keep it; refuse when the caller is gone."""
        self.left.append(effect)
        if effect.contact in self.gone:
            self.on_refused(RedirectRefused(contact=effect.contact, offer=effect.token))

    def say(self, effect: SayToCaller) -> None:
        """Keep it."""
        self.said.append(effect)

    def ask(self, effect: AskCaller) -> None:
        """Keep it."""
        self.asked.append(effect)

    def write_wish(self, effect: WriteWish) -> None:
        """Keep it."""
        self.written.append(effect)

    def order(self, order: Order) -> None:
        """Keep it."""
        self.orders.append(order)

    def remember(self, memory: AgentMemory) -> None:
        """Keep it."""
        self.memories.append(memory)

    def beat(self, epoch: int) -> None:
        """Keep it."""
        self.beats.append(epoch)


class FakeFacts:
    """Keeps facts in order."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def publish(self, fact: Fact) -> None:
        """Keep it."""
        self.facts.append(fact)

    def words(self) -> list[str]:
        """Return each fact's word, an engine's or agent's with its state."""
        return [" ".join([fact.ev, str(getattr(fact, "state", ""))]).strip() for fact in self.facts]
