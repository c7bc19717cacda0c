"""A tiny PBX without SIP or time of its own, driving the core: events may come late, the engine may be killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from acd.core.effects import (
    AnswerAsker,
    AskCaller,
    Effect,
    LeaveQueue,
    PublishFact,
    RememberAgent,
    RingAgent,
    SayToCaller,
    WithdrawOffer,
    WriteWish,
)
from acd.core.inputs import DeadlinePassed, Input, LinkLost, PeopleChanged, Reconciled
from acd.core.step import next_deadline, step
from acd.core.world import World
from kernel.agent import AgentProfile
from kernel.commands import Outcome
from kernel.facts import as_line
from kernel.ids import ContactId, QueueId
from kernel.orders import ORDERS, Order
from kernel.queues import Queue
from kernel.seen import ContactHolding, PbxSeen
from kernel.skill import Skills
from tests.fakes.small_pbx_apart import apart_until, carry_out, time_passes
from tests.fakes.small_pbx_calls import PbxCalls
from tests.fakes.small_pbx_view import Told, snapshot


@dataclass(slots=True, kw_only=True)
class SmallPbx(PbxCalls):
    """Drives the core. ``events`` wait until ``deliver``; ``actions`` until ``act``."""

    agents: tuple[AgentProfile, ...]
    queues: tuple[Queue, ...]
    world: World = field(default_factory=World)
    lines: list[dict[str, object]] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    rung: list[RingAgent] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    #: What was said to callers, and when.
    said: list[tuple[float, SayToCaller]] = field(default_factory=list)
    #: What callers were asked, and when.
    asked: list[tuple[float, AskCaller]] = field(default_factory=list)
    #: Called with every step's end.
    watch: Callable[[World], None] = lambda _world: None

    def boot(self, *, held: int = 0) -> None:
        """Start an engine: the first, or one after a kill. ``held``: so many of the last events reach the new one."""
        self.world = World()
        while len(self.events) > held:
            self.events.popleft()
        while self.actions:
            self.act()
        self.feed(PeopleChanged(agents=self.agents, queues=self.queues))
        self.reconcile()

    def feed(self, item: Input) -> list[Effect]:
        """One step of the core; facts and memories are kept at once, actions wait."""
        effects = step(self.world, item, self.now)
        for effect in effects:
            self._perform(effect)
        self.watch(self.world)
        return effects

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, PublishFact):
            self.lines.append(as_line(effect.fact))
        elif isinstance(effect, RememberAgent):
            self.memories[effect.memory.agent] = effect.memory
        elif isinstance(effect, AnswerAsker):
            self.outcomes[effect.ask] = effect.outcome
        elif isinstance(effect, RingAgent):
            ring = effect
            self.rung.append(ring)
            self.actions.append(lambda: self.redirect(ring))
        elif isinstance(effect, ORDERS):
            order = effect
            self.orders.append(order)
            self.actions.append(lambda: carry_out(self, order))
        elif isinstance(effect, WithdrawOffer):
            withdrawal = effect
            self.actions.append(lambda: self.withdraw(withdrawal))
        else:
            self._perform_for_waiting(effect)

    def _perform_for_waiting(self, effect: Effect) -> None:
        if isinstance(effect, LeaveQueue):
            self.actions.append(lambda: self.leave(effect))
        elif isinstance(effect, SayToCaller):
            self.said.append((self.now, effect))
        elif isinstance(effect, AskCaller):
            self.asked.append((self.now, effect))
        elif isinstance(effect, WriteWish):
            self.actions.append(lambda: self.write(effect.wish))

    # --- time and order -------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Asterisk carries out the oldest action."""
        if self.actions:
            self.actions.popleft()()

    def deliver(self) -> None:
        """The engine hears the oldest event."""
        if self.events:
            self.feed(self.events.popleft())
        if self.world.needs_reconcile:
            self.reconcile()

    def settle(self) -> None:
        """Let everything that is under way happen."""
        while self.actions or self.events:
            self.act()
            self.deliver()

    def advance(self, seconds: float) -> None:
        """Time goes on; deadlines and ring-outs come when they are due."""
        end = self.now + seconds
        for caller in [caller for caller in self.callers.values() if caller.place == "over"]:
            # Dial() of an answered call ends with the caller's channel: nobody stays behind.
            self.hang_up(caller.contact)
        for _ in range(1000):
            self.settle()
            due = next_deadline(self.world)
            rings = [c.offered_at + c.ring_time for c in self.callers.values() if c.place == "take" and c.offered_at]
            rings += [*self.dangling.values(), *apart_until(self)]
            upcoming = min([when for when in (due, *rings) if when is not None], default=float("inf"))
            if upcoming > end:
                self.now = end
                return
            self.now = max(self.now, upcoming)
            for caller in list(self.callers.values()):
                if caller.place == "take" and caller.offered_at and caller.offered_at + caller.ring_time <= self.now:
                    self.back(caller, "rona")
            time_passes(self)
            self.feed(DeadlinePassed())
            if self.world.needs_reconcile:
                self.reconcile()
        raise AssertionError(f"time does not go on: {self.world.deadlines.earliest()} is due again and again")

    # --- callers --------------------------------------------------------------------------------------------------

    def wait(
        self, queue: QueueId, skills: Skills | None = None, priority: int = 0, place: int | None = None
    ) -> ContactId:
        """A new caller goes straight to the queue, and all that follows happens."""
        contact = self.call()
        self.enqueue(contact, queue, skills or {}, priority=priority, place=place)
        self.settle()
        return contact

    def agree(self, contact: ContactId) -> None:
        """The caller says yes to what was asked last; an offer meanwhile interrupts the question."""
        caller = self.callers[contact]
        step = [effect.step for _, effect in self.asked if effect.contact == contact][-1]
        if caller.place == "hold" and caller.wish is not None:
            caller.wish = replace(caller.wish, agreed=step)
            self.events.append(ContactHolding(wish=caller.wish))

    # --- the snapshot -----------------------------------------------------------------------------------------------

    def reconcile(self, *, lose: bool = False) -> None:
        """The engine looks. ``lose``: the link was down, so what was under way is lost."""
        self.feed(LinkLost())
        while self.actions:
            self.act()
        if lose:
            self.events.clear()
        held = tuple(self.events)
        self.events.clear()
        self.feed(Reconciled(seen=self.snapshot(), held=held))

    def snapshot(self) -> PbxSeen:
        """Return the PBX as it is, as of a new reign."""
        self.epoch += 1
        return snapshot(
            callers=self.callers,
            legs=self.legs,
            phones=(frozenset(self.reachable), tuple(self.memories.values())),
            told=Told(self.lines),
            epoch=self.epoch,
        )
