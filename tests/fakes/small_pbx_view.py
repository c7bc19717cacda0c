"""The snapshot of the tiny PBX: its calls and legs as it shows them, and what the store's facts know of open calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.contact import Wish
from kernel.ids import AgentId, ConsultId, ContactId, LegId, OfferId, QueueId, TenantId
from kernel.seen import AgentMemory, PbxSeen, SeenCall, SeenLeg

COUNCIL = TenantId("northmere")


@dataclass(slots=True, kw_only=True)
class Caller:
    """One caller's channel."""

    contact: ContactId
    leg: LegId
    began: float
    #: ivr, hold, take, talk, apart, outside, left, fallback, over.
    place: str = "ivr"
    wish: Wish | None = None
    offer: OfferId | None = None
    #: The variable of the channel: the agent it was last dialled to.
    agent: AgentId | None = None
    agent_leg: LegId | None = None
    #: Other phones that ring for it at the same time: agent -> leg.
    also: dict[AgentId, LegId] = field(default_factory=dict)
    offered_at: float | None = None
    ring_time: float = 0.0
    #: When the agent answered.
    joined_at: float | None = None
    bridge: str | None = None
    #: Taken out of the queue: what its end will say.
    left: str | None = None
    #: The last consult or hold, who parted, and the one who is asked.
    consult: ConsultId | None = None
    parted_leg: LegId | None = None
    target_leg: LegId | None = None
    #: The bridge of the two agents.
    consult_bridge: str | None = None
    consult_until: float = 0.0
    #: In the PBX's own queue, and a phone rings for it there.
    rung_there: bool = False


class Told:
    """What a store of facts knows of calls without an end."""

    def __init__(self, lines: Sequence[dict[str, object]]) -> None:
        self.calls: set[ContactId] = set()
        self.arrived: set[ContactId] = set()
        self.answered: set[ContactId] = set()
        self.offers: set[tuple[ContactId, AgentId]] = set()
        self.answers: dict[ContactId, AgentId] = {}
        self.excluded: dict[tuple[ContactId, AgentId], float] = {}
        self.bars: dict[tuple[ContactId, str], float] = {}
        #: Queue by call, and whom each queue's last offer went to.
        self.queues: dict[ContactId, QueueId] = {}
        self.last_agents: dict[ContactId, tuple[AgentId, float]] = {}
        self.turns: dict[QueueId, AgentId] = {}
        #: What each caller was told and when, until it is scored.
        self.said: dict[tuple[ContactId, float], tuple[int | None, float | None, float | None]] = {}
        for line in lines:
            call, agent = ContactId(str(line.get("call"))), AgentId(str(line.get("agent")))
            # What an agent or a supervisor chose is nobody's turn.
            if line["ev"] == "offer" and call in self.queues and "by" not in line:
                self.turns[self.queues[call]] = agent
            if line["ev"] in {"arrive", "transfer"} and line.get("queue") is not None:
                self.queues[call] = QueueId(str(line["queue"]))
            if line["ev"] == "leave":
                self.last_agents.pop(call, None)
            if line["ev"] == "leave" and line["why"] != "failed":
                self.last_agents[call] = (agent, float(str(line["t"])))
            self._read(call, agent, line["ev"])
            self._hear(call, line)
            barred, until = line.get("not"), line.get("until")
            if isinstance(barred, list) and isinstance(until, float) and line["why"] == "excluded":
                self.excluded.update({(call, agent): until for agent in barred})
            if line["ev"] == "may" and "agents" in line:
                self.bars[call, str(line["why"])] = float(str(until))

    def _hear(self, call: ContactId, line: dict[str, Any]) -> None:
        if line["ev"] == "announced" and line.keys() & {"position", "low_s"}:
            self.said[call, line["t"]] = line.get("position"), line.get("low_s"), line.get("high_s")
        elif line["ev"] == "scored":
            self.said.pop((call, line["said_at"]), None)

    def _read(self, call: ContactId, agent: AgentId, ev: object) -> None:
        if ev == "call":
            self.calls.add(call)
        elif ev == "arrive":
            self.arrived.add(call)
        elif ev == "offer":
            self.offers.add((call, agent))
        elif ev == "offer_end":
            self.offers.discard((call, agent))
        elif ev == "answer":
            self.offers.discard((call, agent))
            self.answers[call] = agent
            self.answered.add(call)
        elif ev == "leave":
            self.answers.pop(call, None)
        elif ev == "end":
            for known in (self.calls, self.arrived, self.answered):
                known.discard(call)
            self.offers = {offer for offer in self.offers if offer[0] != call}
            self.answers.pop(call, None)


def snapshot(
    *,
    callers: Mapping[ContactId, Caller],
    legs: Mapping[LegId, tuple[AgentId, ContactId | None]],
    phones: tuple[frozenset[AgentId], tuple[AgentMemory, ...]],
    told: Told,
    epoch: int,
) -> PbxSeen:
    """Return what a look at the PBX shows. ``phones``: which can be reached, and what is remembered of agents."""
    reachable, memories = phones
    return PbxSeen(
        calls=tuple(_seen(caller) for caller in callers.values()),
        legs=tuple(_seen_leg(leg, agent, callers[call] if call else None) for leg, (agent, call) in legs.items()),
        reachable=reachable,
        memories=memories,
        epoch=epoch,
        told_calls=frozenset(told.calls),
        told=frozenset(told.arrived),
        told_offers=frozenset(told.offers),
        told_answers=frozenset(told.answers.items()),
        told_answered=frozenset(told.answered),
        told_excluded=frozenset((call, agent, until) for (call, agent), until in told.excluded.items()),
        told_bars=frozenset((call, why, until) for (call, why), until in told.bars.items()),
        told_turns=frozenset(told.turns.items()),
        told_queues=frozenset(told.queues.items()),
        told_last_agents=frozenset((call, agent, t) for call, (agent, t) in told.last_agents.items()),
        told_said=frozenset((call, at, *what) for (call, at), what in told.said.items()),
    )


def _seen(caller: Caller) -> SeenCall:
    return SeenCall(
        contact=caller.contact,
        channel=f"PJSIP/trunk-{caller.leg}",
        leg=caller.leg,
        tenant=COUNCIL,
        number="03069990100",
        wish=caller.wish,
        holding=caller.place == "hold",
        offer=caller.offer,
        agent=caller.agent,
        offered_at=caller.offered_at,
        joined_at=caller.joined_at,
        bridge=caller.bridge,
        left=caller.left,
        fallback=caller.place == "fallback",
        consult=caller.consult,
        parted=caller.place == "apart",
        parted_leg=caller.parted_leg,
    )


def _seen_leg(leg: LegId, agent: AgentId, caller: Caller | None) -> SeenLeg:
    if caller is not None and leg in {caller.parted_leg, caller.target_leg} and caller.place == "apart":
        return SeenLeg(agent=agent, leg=leg, offer=None, bridge=caller.consult_bridge, consult=caller.consult)
    return SeenLeg(
        agent=agent, leg=leg, offer=caller.offer if caller else None, bridge=caller.bridge if caller else None
    )
