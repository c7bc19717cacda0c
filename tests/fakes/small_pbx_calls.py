"""The tiny PBX by itself: callers, agents' phones and a dialplan, which tell what happens and do what they are told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from acd.core.effects import LeaveQueue, RingAgent, WithdrawOffer
from acd.core.inputs import Input
from kernel.contact import Wish
from kernel.exits import END_WORDS
from kernel.ids import AgentId, ContactId, LegId, OfferId, QueueId
from kernel.seen import (
    AgentLegDialled,
    AgentMemory,
    CallBegan,
    ContactHolding,
    ExitTaken,
    LegEnteredBridge,
    LegHungUp,
    OfferReturned,
    OwnCallBegan,
    PhoneRefused,
    ReachChanged,
    RedirectRefused,
)
from kernel.skill import Skills
from tests.fakes.small_pbx_apart import leave_alone
from tests.fakes.small_pbx_view import COUNCIL, Caller


@dataclass(slots=True, kw_only=True)
class PbxCalls:
    """What the PBX has: calls, legs, phones. What happens there waits in ``events``, what it is told in ``actions``."""

    now: float = 1000.0
    callers: dict[ContactId, Caller] = field(default_factory=dict)
    #: Agents' legs: whose, and which caller's (None: her own call).
    legs: dict[LegId, tuple[AgentId, ContactId | None]] = field(default_factory=dict)
    reachable: set[AgentId] = field(default_factory=set)
    #: Whose phones bring no sound.
    silent: set[AgentId] = field(default_factory=set)
    memories: dict[AgentId, AgentMemory] = field(default_factory=dict)
    events: deque[Input] = field(default_factory=deque)
    actions: deque[Callable[[], None]] = field(default_factory=deque)
    #: Legs of agents with whom nobody talks any more, and when they hang up by themselves.
    dangling: dict[LegId, float] = field(default_factory=dict)
    epoch: int = 0
    #: Channels made so far.
    count: int = 0
    calls_made: int = 0

    # --- callers --------------------------------------------------------------------------------------------------

    def call(self) -> ContactId:
        """A resident calls and is in the menus."""
        self.count += 1
        self.calls_made += 1
        contact, leg = ContactId(f"c{self.calls_made}"), LegId(f"1.{self.count}")
        self.callers[contact] = Caller(contact=contact, leg=leg, began=self.now)
        self.events.append(
            CallBegan(contact=contact, channel=f"PJSIP/trunk-{leg}", leg=leg, tenant=COUNCIL, number="03069990100")
        )
        return contact

    def enqueue(self, contact: ContactId, queue: QueueId, skills: Skills, **more: Any) -> None:  # noqa: ANN401 - any field of a wish
        """The menus leave the caller in ``[hold]``."""
        caller = self.callers[contact]
        caller.wish = Wish(
            contact=contact,
            channel=f"PJSIP/trunk-{caller.leg}",
            leg=caller.leg,
            tenant=COUNCIL,
            queue=queue,
            skills=skills,
            arrived=self.now + self.count * 1e-6,
            **more,
        )
        self.hold(caller)

    def hang_up(self, contact: ContactId, *, agent_first: bool = False) -> None:
        """The caller hangs up, wherever that is."""
        caller = self.callers.pop(contact)
        gone = [LegHungUp(leg=caller.leg)]
        leave_alone(self, caller)
        if caller.agent_leg is not None:
            del self.legs[caller.agent_leg]
            gone.append(LegHungUp(leg=caller.agent_leg))
        for leg in caller.also.values():
            del self.legs[leg]
            gone.append(LegHungUp(leg=leg))
        self.events.extend(reversed(gone) if agent_first else gone)

    def hold(self, caller: Caller) -> None:
        caller.place = "hold"
        if caller.wish is not None:
            self.events.append(ContactHolding(wish=caller.wish))

    # --- agents' phones ---------------------------------------------------------------------------------------------

    def answer(self, contact: ContactId, *, agent_first: bool = True, by: AgentId | None = None) -> None:
        """The agent's phone answers, or that of ``by`` among several; the dialplan checks the token before it joins."""
        caller = self.callers[contact]
        leg = caller.agent_leg
        if by in caller.also:
            leg = caller.also.pop(by)
            if caller.agent_leg is not None:
                self._leg_ends(caller.agent_leg)
            caller.agent_leg = leg
        while caller.place == "take" and caller.also:
            self._leg_ends(caller.also.popitem()[1])
        if caller.place != "take" or leg is None:
            return
        if caller.offer is None:
            self.back(caller, "stale_token")
            return
        caller.place, caller.bridge, caller.joined_at = "talk", f"b-{leg}", self.now
        both = [leg, caller.leg] if agent_first else [caller.leg, leg]
        self.events.extend(LegEnteredBridge(leg=one, bridge=caller.bridge) for one in both)

    def gone_at_once(self, contact: ContactId, *, met: bool, by: AgentId | None = None) -> None:
        """The agent's phone answers and hangs up in that moment: before the two are in one bridge, or just after."""
        caller, offer = self.callers[contact], self.callers[contact].offer
        self.answer(contact, by=by)
        leg = caller.agent_leg
        if caller.place != "talk" or leg is None or offer is None:
            return
        if not met:
            self.events.pop()
        agent, caller.bridge, caller.offer, caller.joined_at = self.legs[leg][0], None, None, None
        self.drop_leg(caller)
        self.events.append(OfferReturned(contact=contact, offer=offer, why="reject", answered_by=agent))
        self.hold(caller)

    def refuse(self, contact: ContactId, why: str, *, by: AgentId | None = None) -> None:
        """The agent's phone does not take the call; ``by``: this one among several."""
        caller = self.callers[contact]
        if caller.place == "take" and by in caller.also:
            self._leg_ends(caller.also.pop(by), why)
        elif caller.place == "take" and by is not None and caller.also and caller.agent_leg is not None:
            self._leg_ends(caller.agent_leg, why)
            caller.agent_leg = caller.also.pop(next(iter(caller.also)))
        elif caller.place == "take":
            if by is not None and caller.agent_leg is not None:
                self._leg_ends(caller.agent_leg, why)
                caller.agent_leg = None
            self.back(caller, why)

    def agent_hangs_up(self, contact: ContactId) -> None:
        """The agent hangs up; the caller's channel ends by itself soon after (``hang_up``)."""
        caller = self.callers[contact]
        if caller.place == "talk" and caller.agent_leg is not None:
            self.drop_leg(caller)
            caller.bridge = None
            caller.place = "over"

    def phone_dies(self, contact: ContactId) -> None:
        """The agent's phone brings no more sound: her leg ends, the dialplan takes the caller back to ``[hold]``."""
        caller = self.callers[contact]
        if caller.place == "talk" and caller.agent_leg is not None:
            leg, caller.agent_leg, caller.bridge, caller.offer = caller.agent_leg, None, None, None
            del self.legs[leg]
            self.events.append(LegHungUp(leg=leg, why="unreachable"))
            self.hold(caller)

    def own_call(self, agent: AgentId) -> LegId:
        """The agent's phone dials by itself."""
        self.count += 1
        leg = LegId(f"1.{self.count}")
        self.legs[leg] = (agent, None)
        self.events.append(OwnCallBegan(agent=agent, leg=leg))
        return leg

    def own_call_over(self, leg: LegId) -> None:
        """Her own call ends."""
        del self.legs[leg]
        self.events.append(LegHungUp(leg=leg))

    def reach(self, agent: AgentId, *, reachable: bool) -> None:
        """The phone registers, or is gone."""
        (self.reachable.add if reachable else self.reachable.discard)(agent)
        self.events.append(ReachChanged(agent=agent, reachable=reachable))

    # --- the dialplan -----------------------------------------------------------------------------------------------

    def redirect(self, ring: RingAgent) -> None:
        """The engine sends a caller to an agent's phone."""
        caller = self.callers.get(ring.contact)
        if caller is None:
            self.events.append(RedirectRefused(contact=ring.contact, offer=ring.offer))
            return
        if caller.place == "fallback":
            # The owner is not the engine: [take] refuses.
            caller.offer = ring.offer
            self.back(caller, "stale_token")
            return
        if caller.place != "hold":
            raise AssertionError(f"a Redirect tore a caller out of {caller.place}")
        caller.place, caller.offer, caller.agent = "take", ring.offer, ring.agent
        caller.offered_at, caller.ring_time = self.now, ring.ring_time_s
        if ring.epoch != self.epoch:
            self.back(caller, "stale_token")
        elif ring.also:
            self._redirect_several(caller, ring)
        elif ring.agent not in self.reachable:
            self.back(caller, "unreachable")
        elif any(agent == ring.agent for agent, _ in self.legs.values()):
            self.back(caller, "busy")
        else:
            caller.agent_leg = self._rings(caller, ring.agent)

    def _redirect_several(self, caller: Caller, ring: RingAgent) -> None:
        for agent in (ring.agent, *ring.also):
            busy = any(one == agent for one, _ in self.legs.values())
            if busy or agent not in self.reachable:
                why = "busy" if busy else "unreachable"
                self.events.append(PhoneRefused(contact=ring.contact, offer=ring.offer, agent=agent, why=why))
            else:
                caller.also[agent] = self._rings(caller, agent)
        if not caller.also:
            self.back(caller, "busy")
            return
        caller.agent = next(iter(caller.also))
        caller.agent_leg = caller.also.pop(caller.agent)

    def _rings(self, caller: Caller, agent: AgentId) -> LegId:
        self.count += 1
        leg = LegId(f"1.{self.count}")
        self.legs[leg] = (agent, caller.contact)
        self.events.append(AgentLegDialled(caller_leg=caller.leg, agent_leg=leg, agent=agent))
        return leg

    def _leg_ends(self, leg: LegId, why: str = "") -> None:
        del self.legs[leg]
        self.events.append(LegHungUp(leg=leg, why=why))

    def leave(self, effect: LeaveQueue) -> None:
        """The engine takes a caller out of the queue."""
        caller = self.callers.get(effect.contact)
        if caller is None:
            self.events.append(RedirectRefused(contact=effect.contact, offer=effect.token))
            return
        if caller.place not in {"hold", "fallback"}:
            raise AssertionError(f"a Redirect tore a caller out of {caller.place}")
        if effect.epoch != self.epoch or caller.place == "fallback":
            self.hold(caller)
            return
        caller.place, caller.left = "left", END_WORDS[effect.why]
        self.events.append(ExitTaken(contact=effect.contact, token=effect.token))

    def come_back(self, contact: ContactId) -> None:
        """The way out came to nothing: the IVR leaves the caller in ``[hold]`` again."""
        caller = self.callers[contact]
        caller.left = None
        self.hold(caller)

    def write(self, wish: Wish) -> None:
        """The engine writes a wish anew."""
        if wish.contact in self.callers:
            self.callers[wish.contact].wish = wish

    def withdraw(self, effect: WithdrawOffer) -> None:
        """The engine takes an offer back."""
        caller = self.callers.get(effect.contact)
        if caller is not None and caller.place == "take":
            self.back(caller, "failed")

    def back(self, caller: Caller, why: str) -> None:
        if caller.agent_leg is not None:
            self.drop_leg(caller)
        while caller.also:
            self._leg_ends(caller.also.popitem()[1])
            self.drop_leg(caller)
        self.events.append(OfferReturned(contact=caller.contact, offer=caller.offer or OfferId(""), why=why))
        caller.offer = None
        self.hold(caller)

    def drop_leg(self, caller: Caller) -> None:
        if caller.agent_leg is not None:
            del self.legs[caller.agent_leg]
            self.events.append(LegHungUp(leg=caller.agent_leg))
            caller.agent_leg = None
