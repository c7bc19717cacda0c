"""The switchboard of a simulated day: it answers the core as Asterisk would, from a heap instead of a network."""

from __future__ import annotations

import hashlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acd.core.effects import LeaveQueue, PublishFact, RingAgent
from acd.core.inputs import DeadlinePassed, Input, OutcomeNamed, PbxSeen, PeopleChanged, PresenceAsked, WrapUpAsked
from acd.core.step import next_deadline, step
from acd.core.world import World, rank
from acd.simulate.day import Day, DayAgent, DayCall
from acd.simulate.people import policies, profiles, wish_of
from kernel.agent import Occupation, Presence
from kernel.contact import Wish
from kernel.facts import Fact
from kernel.ids import AgentId, ContactId, LegId, OfferId
from kernel.seen import AgentLegDialled, ContactHolding, ExitTaken, LegEnteredBridge, LegHungUp, OfferReturned

#: Seconds until an agent whose phone rang out has noticed and says ready again. Ours: the day file has none.
BACK_AFTER_RONA_S = 30.0


class Place(StrEnum):
    """Where a caller is."""

    HOLD = "hold"
    RINGING = "ringing"
    TALKING = "talking"
    GONE = "gone"


@dataclass(slots=True, kw_only=True)
class Caller:
    """One call of the day under way."""

    plan: DayCall
    wish: Wish
    place: Place = Place.HOLD
    offer: OfferId | None = None
    agent: AgentId | None = None
    agent_leg: LegId | None = None
    offers: int = 0


class Exchange:
    """Plays one day. ``seed`` decides which offers ring out; the same day and seed give the same facts."""

    def __init__(self, day: Day, *, publish: Callable[[Fact], None], service_level_s: float, seed: int = 0) -> None:
        self.world = World()
        self._day, self._publish, self._seed = day, publish, seed
        self._service_level_s = service_level_s
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
            elif due is not None:
                self._now = due
                self._feed(DeadlinePassed())
            elif self._callers:
                self._close_down()
            else:
                return

    def _prepare(self) -> None:
        calls = sorted((wish_of(one) for one in self._day.calls), key=lambda wish: (wish.arrived, rank(wish)))
        plans = {one.call: one for one in self._day.calls}
        for wish in calls:
            self._at(wish.arrived, self._calls, Caller(plan=plans[wish.contact], wish=wish))
        for agent in self._day.agents:
            self._at(agent.on, self._comes, agent)
            self._at(agent.off, self._goes, agent)
            for begin, end in agent.breaks:
                if agent.on <= begin < agent.off:
                    self._at(begin, self._rests, agent)
                self._at(end, self._ready, agent)
        self._now = self._later[0][0] if self._later else 0.0
        self._feed(PeopleChanged(agents=profiles(self._day), queues=policies(self._day, self._service_level_s)))
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
        while self._rings:
            self._ring(self._rings.popleft())
        while self._leaving:
            self._leaves(self._leaving.popleft())

    # --- callers --------------------------------------------------------------------------------------------------

    def _calls(self, caller: Caller) -> None:
        self._callers[caller.wish.contact] = caller
        self._feed(ContactHolding(wish=caller.wish))
        if caller.plan.patience is not None:
            self._at(caller.plan.t + caller.plan.patience, self._loses_patience, caller)

    def _loses_patience(self, caller: Caller) -> None:
        if caller.place in {Place.HOLD, Place.RINGING}:
            self._hangs_up(caller)

    def _leaves(self, effect: LeaveQueue) -> None:
        """Whatever the way out is, this day's caller takes it and is gone."""
        caller = self._callers[effect.contact]
        self._feed(ExitTaken(contact=effect.contact, token=effect.token))
        self._hangs_up(caller)

    def _hangs_up(self, caller: Caller) -> None:
        caller.place = Place.GONE
        del self._callers[caller.wish.contact]
        self._feed(LegHungUp(leg=caller.wish.leg))
        self._drop_agent_leg(caller)

    def _drop_agent_leg(self, caller: Caller) -> None:
        if caller.agent_leg is not None:
            leg, caller.agent_leg = caller.agent_leg, None
            self._feed(LegHungUp(leg=leg))

    def _talk_is_over(self, caller: Caller) -> None:
        if caller.agent is not None:
            self._feed(WrapUpAsked(agent=caller.agent, seconds=caller.plan.wrap))
        self._hangs_up(caller)

    # --- agents' phones -------------------------------------------------------------------------------------------

    def _ring(self, ring: RingAgent) -> None:
        caller, agent = self._callers[ring.contact], self._agents[ring.agent]
        caller.place, caller.offer, caller.agent = Place.RINGING, ring.offer, ring.agent
        caller.offers += 1
        caller.agent_leg = LegId(f"{ring.agent}/{ring.offer}")
        self._feed(AgentLegDialled(caller_leg=caller.wish.leg, agent_leg=caller.agent_leg, agent=ring.agent))
        if self._rings_out(caller, agent):
            self._at(self._now + ring.ring_time_s, self._ring_out, (caller, ring.offer))
        else:
            self._at(self._now + agent.answer_delay, self._answers, (caller, ring.offer))

    def _rings_out(self, caller: Caller, agent: DayAgent) -> bool:
        if agent.rona_p <= 0.0:
            return False
        # Drawn from who and which, not from a stream: the same offer has the same luck in every what-if.
        key = f"{self._seed}/{caller.plan.call}/{agent.agent}/{caller.offers}".encode()
        drawn = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") / 2**64
        return drawn < agent.rona_p

    def _answers(self, what: tuple[Caller, OfferId]) -> None:
        caller, offer = what
        if caller.place is not Place.RINGING or caller.offer != offer or caller.agent_leg is None:
            return
        caller.place = Place.TALKING
        bridge = f"b{offer}"
        self._feed(LegEnteredBridge(leg=caller.agent_leg, bridge=bridge))
        self._feed(LegEnteredBridge(leg=caller.wish.leg, bridge=bridge))
        self._at(self._now + caller.plan.service, self._talk_is_over, caller)

    def _ring_out(self, what: tuple[Caller, OfferId]) -> None:
        caller, offer = what
        if caller.place is not Place.RINGING or caller.offer != offer or caller.agent is None:
            return
        caller.place = Place.HOLD
        self._at(self._now + BACK_AFTER_RONA_S, self._ready, self._agents[caller.agent])
        self._drop_agent_leg(caller)
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
