"""A day of two queues that go by round robin: calls are offered, sent on, overflow; the engine is killed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from acd.core.effects import Effect, PublishFact
from acd.core.inputs import MoveAsked
from kernel.agent import Presence
from kernel.commands import CallDeed
from kernel.exits import Exit, ExitKind, Limit, Limits
from kernel.facts import Fact
from kernel.ids import AgentId, ContactId
from kernel.queues import Strategy
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask
from tests.fakes.small_pbx import SmallPbx

_MOVES = 150
_DEEDS = ("call", "call", "answer", "answer", "refuse", "send", "go", "go", "wait", "kill")
_IDS = tuple(AgentId(f"a{n}") for n in range(4))


@dataclass(slots=True, kw_only=True)
class TellingPbx(SmallPbx):
    """Tells each fact to a store as well."""

    tell: Callable[[Fact], None]

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, PublishFact):
            self.tell(effect.fact)
        SmallPbx._perform(self, effect)

    def at(self, *places: str) -> list[ContactId]:
        """Callers who are there."""
        return [contact for contact, caller in self.callers.items() if caller.place in places]


def a_day_of_turns(tell: Callable[[Fact], None], seed: int = 5) -> Iterator[TellingPbx]:
    """Play it; yields the PBX, with everything heard, where a call was sent on and where the engine is killed next."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, nothing secret
    overflow = Limits(timeout=Limit(after_s=10.0, exit=Exit(kind=ExitKind.OVERFLOW, queue=WASTE)))
    turns = replace(a_queue(WASTE, wrap_up_s=2.0, rona_exclude_s=5.0), strategy=Strategy.ROUND_ROBIN)
    queues = (turns, replace(turns, id=RENT, limits=overflow, ring_at_once=2))
    agents = tuple(an_agent(name, queues=(WASTE, RENT)) for name in _IDS)
    pbx = TellingPbx(agents=agents, queues=queues, tell=tell)
    pbx.reachable = {agent.id for agent in agents}
    pbx.boot()
    for _ in range(_MOVES):
        for agent in agents:
            ask(pbx, agent.id, Presence.NOT_READY)
            ask(pbx, agent.id, Presence.READY)
        deed = chance.choice(_DEEDS)
        _move(pbx, deed, chance)
        pbx.settle()
        if deed in {"send", "kill"}:
            yield pbx
        if deed == "kill":
            pbx.boot()


def _move(pbx: TellingPbx, deed: str, chance: random.Random) -> None:
    rung, talking = pbx.at("take"), pbx.at("talk")
    if deed == "call":
        pbx.wait(chance.choice([WASTE, RENT]))
    elif deed == "answer" and rung:
        pbx.answer(chance.choice(rung))
    elif deed == "refuse" and rung:
        pbx.refuse(chance.choice(rung), chance.choice(["rona", "reject"]))
    elif deed == "send" and talking:
        agent = pbx.callers[chance.choice(talking)].agent or _IDS[0]
        pbx.feed(MoveAsked(agent=agent, deed=CallDeed.TRANSFER, to=chance.choice([WASTE, RENT, *_IDS]), ask=0))
    elif deed == "go" and pbx.callers:
        pbx.hang_up(chance.choice(list(pbx.callers)))
    elif deed == "wait":
        pbx.advance(chance.choice([1.0, 12.0]))
