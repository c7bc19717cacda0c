"""Law 4: the record of what came in replays to the same decisions, byte for byte."""

from __future__ import annotations

import random

import pytest

from acd.core.effects import Effect
from acd.core.inputs import Input
from acd.core.step import step
from acd.core.world import World
from kernel.agent import Presence
from kernel.queues import AgeStep, IdleAfterLost, Queue, RelaxStep, Strategy
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.small_pbx_view import COUNCIL

pytestmark = pytest.mark.unit


class Recorded(SmallPbx):
    """Keeps what went into the core and what came out."""

    tape: list[tuple[Input, float, str]]

    def feed(self, item: Input) -> list[Effect]:
        """One step, kept."""
        now = self.now
        effects = super().feed(item)
        self.tape.append((item, now, repr(effects)))
        return effects


def _busy_day(strategy: Strategy, seed: int) -> Recorded:
    chance = random.Random(seed)  # noqa: S311 - reproducible, nothing secret
    queues = (
        Queue(
            id=WASTE,
            tenant=COUNCIL,
            name="waste",
            strategy=strategy,
            idle_after_lost=IdleAfterLost.ANEW,
            relaxing=(RelaxStep(after_s=5.0, skills={}),),
            ageing=(AgeStep(after_s=8.0, priority=2),),
        ),
        a_queue(RENT),
    )
    agents = tuple(an_agent(f"a{n}", queues=(WASTE, RENT), skills={"waste": n}) for n in range(4))
    pbx = Recorded(agents=agents, queues=queues)
    pbx.tape = []
    pbx.reachable = {agent.id for agent in agents}
    pbx.boot()
    for agent in agents:
        ask(pbx, agent.id, Presence.NOT_READY)
        ask(pbx, agent.id, Presence.READY)
    for _ in range(120):
        match chance.randrange(5):
            case 0 | 1:
                pbx.wait(chance.choice([WASTE, RENT]), chance.choice([{}, {"waste": 2}]))
            case 2:
                for contact in [one for one, caller in pbx.callers.items() if caller.place == "take"][:1]:
                    pbx.answer(contact)
            case 3:
                for contact in list(pbx.callers)[:1]:
                    pbx.hang_up(contact)
            case _:
                pbx.advance(chance.uniform(0.5, 6.0))
        pbx.settle()
    return pbx


# "The decision log replays to the same decisions, byte for byte."
@pytest.mark.parametrize("strategy", Strategy)
def test_given_a_record_of_inputs_when_replayed_then_the_same_effects(strategy: Strategy) -> None:
    tape = _busy_day(strategy, seed=3).tape
    assert sum("RingAgent" in effects for _item, _now, effects in tape) >= 15
    world = World()
    for item, now, effects in tape:
        assert repr(step(world, item, now)) == effects
