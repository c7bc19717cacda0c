"""The switchboard of a simulated day: it answers the core as Asterisk would, from a heap instead of a network."""

from __future__ import annotations

import hashlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from acd.core.deadlines import COMES_AGAIN
from acd.core.effects import AskCaller, LeaveQueue, PublishFact, RingAgent, WriteWish
from acd.core.inputs import DeadlinePassed, Input, OutcomeNamed, PbxSeen, PeopleChanged, PresenceAsked, WrapUpAsked
from acd.core.step import next_deadline, step
from acd.core.world import World, rank
from acd.simulate.day import LONGEST_S, Day, DayAgent, DayCall
from acd.simulate.people import profiles, wish_of
from kernel.agent import Occupation, Presence
from kernel.contact import Wish
from kernel.exits import ExitKind
from kernel.facts import Fact
from kernel.facts_services import CallbackPromised
from kernel.ids import AgentId, ContactId, LegId, OfferId, QueueId
from kernel.queues import Queue
from kernel.seen import AgentLegDialled, ContactHolding, ExitTaken, LegEnteredBridge, LegHungUp, OfferReturned

#: Seconds until an agent whose phone rang out has noticed and says ready again. Ours: the day file has none.
BACK_AFTER_RONA_S = 30.0
#: Seconds a caller listens to a question before she answers it. Ours.
LISTENS_S = 8.0
#: How a call ends that was led out of its queue, where the way says more than the reason.
_LED_OUT = {ExitKind.VOICEMAIL: "voicemail", ExitKind.PERSON: "overflow"}


class Place(StrEnum):
    """Where a caller is."""

    HOLD = "hold"
    RINGING = "ringing"
    #: Out of the queue, listening to a question.
    ASKED = "asked"
    TALKING = "talking"
    GONE = "gone"


@dataclass(slots=True, kw_only=True)
class Caller:
    """One call of the day under way."""

    plan: DayCall
    wish: Wish
    place: Place = Place.HOLD
    offer: OfferId | None = None
    #: Who talks with the caller.
    agent: AgentId | None = None
    #: Agents whose phones ring, or who talk.
    legs: dict[AgentId, LegId] = field(default_factory=dict)
    offers: int = 0
    #: Rung back: nobody hangs up for want of patience.
    at_home: bool = False


class Exchange:
    """Plays one day. ``seed`` decides which offers ring out; the same day and seed give the same facts."""

    def __init__(self, day: Day, *, queues: Sequence[Queue], publish: Callable[[Fact], None], seed: int = 0) -> None:
        self.world = World()
        self._day, self._publish, self._seed = day, publish, seed
        self._queues = {queue.id: queue for queue in queues}
        self._agents = {AgentId(one.agent): one for one in day.agents}
        self._callers: dict[ContactId, Caller] = {}
        #: What happens later: when, in which order among the same instant, what, to whom.
        self._later: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._numbers = itertools.count()
        self._rings: deque[RingAgent] = deque()
        self._leaving: deque[LeaveQueue] = deque()
        self._now = 0.0

    def run(self, arrived: Callable[[int], None]) -> None:
        """Play the day to its end; ``arrived`` hears how many calls have come so far."""
        self._prepare()
        came = 0
        while True:
            due = next_deadline(self.world)
            if self._later and (due is None or self._later[0][0] <= due):
                self._now, _, happen, whom = heapq.heappop(self._later)
                happen(whom)
                if happen == self._calls:
                    came += 1
                    arrived(came)
            elif due is not None and (self._later or not self.world.deadlines.only(COMES_AGAIN)):
                self._now = due
                self._feed(DeadlinePassed())
            elif self._callers:
                self._close_down()
            else:
                return

    def _prepare(self) -> None:
        wishes = (wish_of(one, self._queues[QueueId(one.queue)]) for one in self._day.calls)
        # Of the same instant in the order of their places at one priority: what is told first came first (I3).
        calls = sorted(wishes, key=lambda wish: rank(wish, 0))
        plans = {one.call: one for one in self._day.calls}
        for wish in calls:
            self._at(wish.arrived, self._calls, Caller(plan=plans[wish.contact], wish=wish))
        for agent in self._day.agents:
            self._at(agent.on, self._comes, agent)
            self._at(agent.off, self._goes, agent)
            for begin, end in agent.breaks:
                if agent.on <= begin < agent.off:
                    self._at(begin, self._rests, agent)
                if end < agent.off:
                    self._at(end, self._ready, agent)
        self._now = self._later[0][0] if self._later else 0.0
        self._feed(PeopleChanged(agents=profiles(self._day), queues=tuple(self._queues.values())))
        ids = frozenset(self._agents)
        self._feed(PbxSeen(calls=(), legs=(), reachable=ids, memories=(), epoch=1))

    def _close_down(self) -> None:
        """Nothing will ever happen again: who still waits has nobody to wait for."""
        for caller in list(self._callers.values()):
            self._feed(OutcomeNamed(contact=caller.wish.contact, why="timeout"))
            self._hangs_up(caller)

    def _at(self, when: float, happen: Callable[[Any], None], whom: object) -> None:
        heapq.heappush(self._later, (when, next(self._numbers), happen, whom))

    def _feed(self, item: Input) -> None:
        for effect in step(self.world, item, self._now):
            if isinstance(effect, PublishFact):
                self._publish(effect.fact)
            elif isinstance(effect, RingAgent):
                self._rings.append(effect)
            elif isinstance(effect, LeaveQueue):
                self._leaving.append(effect)
            elif isinstance(effect, AskCaller):
                caller = self._callers[effect.contact]
                asked = (caller, caller.wish.queue, effect.step)
                self._at(self._now + LISTENS_S, self._answers_question, asked)
            elif isinstance(effect, WriteWish):
                self._callers[effect.wish.contact].wish = effect.wish
        while self._rings:
            self._ring(self._rings.popleft())
        while self._leaving:
            self._leaves(self._leaving.popleft())

    # --- callers --------------------------------------------------------------------------------------------------

    def _calls(self, caller: Caller) -> None:
        self._callers[caller.wish.contact] = caller
        self._feed(ContactHolding(wish=caller.wish))
        if caller.plan.patience is not None and caller.plan.patience <= LONGEST_S:
            self._at(caller.plan.t + caller.plan.patience, self._loses_patience, caller)

    def _loses_patience(self, caller: Caller) -> None:
        if caller.place in {Place.HOLD, Place.RINGING} and not caller.at_home:
            self._hangs_up(caller)

    def _leaves(self, effect: LeaveQueue) -> None:
        """The caller takes the way out and is gone, but for a callback: that is a question."""
        caller = self._callers[effect.contact]
        way = self._queues[effect.queue].limits.exit_for(effect.why)
        self._feed(ExitTaken(contact=effect.contact, token=effect.token))
        if way is not None and way.kind is ExitKind.CALLBACK:
            caller.place = Place.ASKED
            self._at(self._now + LISTENS_S, self._decides, caller)
            return
        if way is not None and way.kind in _LED_OUT:
            self._feed(OutcomeNamed(contact=effect.contact, why=_LED_OUT[way.kind]))
        self._hangs_up(caller)

    def _answers_question(self, what: tuple[Caller, QueueId, int]) -> None:
        """Asked again and again she gives the same answer; an offer in between has interrupted the question."""
        caller, queue, step = what
        yes = queue == caller.wish.queue and self._drawn("ask", caller.plan.call, step) < caller.plan.agrees
        if yes and caller.place is Place.HOLD and caller.wish.agreed < step:
            caller.wish = replace(caller.wish, agreed=step)
            self._feed(ContactHolding(wish=caller.wish))

    def _decides(self, caller: Caller) -> None:
        """A callback was offered: a seat stands for the caller from now on, or she waits on."""
        if caller.place is not Place.ASKED:
            return
        caller.place = Place.HOLD
        if self._drawn("callback", caller.plan.call) < caller.plan.agrees:
            caller.at_home = True
            self._publish(CallbackPromised(t=self._now, call=caller.wish.contact, due=self._now))
            name = caller.plan.call
            caller.wish = replace(caller.wish, channel=f"Local/{name}", leg=LegId(f"{name}/seat"))
        self._feed(ContactHolding(wish=caller.wish))

    def _hangs_up(self, caller: Caller) -> None:
        caller.place = Place.GONE
        del self._callers[caller.wish.contact]
        self._feed(LegHungUp(leg=caller.wish.leg))
        self._drop_agent_legs(caller)

    def _drop_agent_legs(self, caller: Caller) -> None:
        legs, caller.legs = caller.legs, {}
        for leg in legs.values():
            self._feed(LegHungUp(leg=leg))

    def _talk_is_over(self, caller: Caller) -> None:
        if caller.agent is not None and caller.plan.wrap is not None:
            self._feed(WrapUpAsked(agent=caller.agent, seconds=caller.plan.wrap))
        self._hangs_up(caller)

    # --- agents' phones -------------------------------------------------------------------------------------------

    def _ring(self, ring: RingAgent) -> None:
        caller = self._callers[ring.contact]
        caller.place, caller.offer = Place.RINGING, ring.offer
        caller.offers += 1
        answers: list[tuple[float, AgentId]] = []
        for name in (ring.agent, *ring.also):
            agent = self._agents[name]
            caller.legs[name] = leg = LegId(f"{name}/{ring.offer}")
            self._feed(AgentLegDialled(caller_leg=caller.wish.leg, agent_leg=leg, agent=name))
            if not self._rings_out(caller, agent) and agent.answer_delay < ring.ring_time_s:
                answers.append((agent.answer_delay, name))
        if answers:
            delay, first = min(answers, key=lambda one: one[0])
            self._at(self._now + delay, self._answers, (caller, ring.offer, first))
        else:
            self._at(self._now + ring.ring_time_s, self._ring_out, (caller, ring.offer))

    def _rings_out(self, caller: Caller, agent: DayAgent) -> bool:
        if agent.rona_p <= 0.0:
            return False
        return self._drawn(caller.plan.call, agent.agent, caller.offers) < agent.rona_p

    def _drawn(self, *what: object) -> float:
        """From 0 to 1; from who and which, not from a stream: the same offer has the same luck in every what-if."""
        key = "/".join(map(str, (self._seed, *what))).encode()
        return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") / 2**64

    def _answers(self, what: tuple[Caller, OfferId, AgentId]) -> None:
        caller, offer, agent = what
        if caller.place is not Place.RINGING or caller.offer != offer:
            return
        caller.place, caller.agent = Place.TALKING, agent
        bridge = f"b{offer}"
        self._feed(LegEnteredBridge(leg=caller.legs[agent], bridge=bridge))
        self._feed(LegEnteredBridge(leg=caller.wish.leg, bridge=bridge))
        for other in [name for name in caller.legs if name != agent]:
            self._feed(LegHungUp(leg=caller.legs.pop(other)))
        self._at(self._now + caller.plan.service, self._talk_is_over, caller)

    def _ring_out(self, what: tuple[Caller, OfferId]) -> None:
        caller, offer = what
        if caller.place is not Place.RINGING or caller.offer != offer:
            return
        caller.place = Place.HOLD
        for name in caller.legs:
            self._at(self._now + BACK_AFTER_RONA_S, self._ready, self._agents[name])
        self._drop_agent_legs(caller)
        self._feed(OfferReturned(contact=caller.wish.contact, offer=offer, why="rona"))
        self._feed(ContactHolding(wish=caller.wish))

    # --- agents' hours --------------------------------------------------------------------------------------------

    def _asks(self, agent: DayAgent, presence: Presence, aux: str | None = None) -> None:
        self._feed(PresenceAsked(agent=AgentId(agent.agent), presence=presence, aux_code=aux, ask=0))

    def _comes(self, agent: DayAgent) -> None:
        self._asks(agent, Presence.NOT_READY)
        self._ready(agent)

    def _goes(self, agent: DayAgent) -> None:
        self._asks(agent, Presence.LOGGED_OUT)

    def _rests(self, agent: DayAgent) -> None:
        self._asks(agent, Presence.NOT_READY, "break")

    def _ready(self, agent: DayAgent) -> None:
        """She says ready when she means to work, but never to cut her own after-call work short."""
        if not agent.on_duty(self._now):
            return
        known = self.world.agents[AgentId(agent.agent)]
        if known.occupation is Occupation.WRAP_UP:
            # What is due this instant first: her wrap-up may be over.
            self._feed(DeadlinePassed())
        if known.occupation is Occupation.WRAP_UP and known.wrap_up_until is not None:
            self._at(known.wrap_up_until, self._ready, agent)
        else:
            self._asks(agent, Presence.READY)
