"""Whatever happens while the configuration comes and goes and supervisors step in: laws and explanations hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from acd.core.explain import explain
from acd.core.inputs import PeopleChanged, SuperviseAsked
from acd.core.world import World
from kernel.commands import Oversight
from kernel.ids import AgentId, QueueId
from tests.acd.core.test_any_sequence import ANY_AGENT, PICK, AnySequence
from tests.fakes.full_queues import AGENTS, QUEUES
from tests.fakes.world_law import world_law

pytestmark = pytest.mark.unit

IDS = tuple(queue.id for queue in QUEUES)
SOME = st.lists(st.sampled_from(IDS), min_size=1, max_size=2, unique=True).map(tuple)


def _law(world: World) -> None:
    """As ever; and nobody is explained as eligible for a call that stands in line: she would have been offered it."""
    world_law(world)
    if world.deciding:
        told = [explain(world, one.id, world.now) for one in world.contacts.values() if one.place is not None]
        assert not [one for one in told if one is None or one["eligible"]]


class AnyReload(AnySequence):
    """... and agents and queues that come, change and go."""

    def __init__(self) -> None:
        super().__init__()
        self.pbx.watch = _law

    @rule(
        without=st.tuples(*[st.sampled_from([None, 0, 1, 2])] * 2),
        changed=st.integers(0, 2),
        serves=SOME,
        floor=st.integers(0, 2),
        at_once=st.integers(1, 3),
        cap=st.sampled_from([0.34, 0.67, None]),
    )
    def reload(  # noqa: PLR0913, PLR0917 - hypothesis passes by name
        self,
        without: tuple[int | None, int | None],
        changed: int,
        serves: tuple[QueueId, ...],
        floor: int,
        at_once: int,
        cap: float | None,
    ) -> None:
        agents = [replace(one, queues=serves) if number == changed else one for number, one in enumerate(AGENTS)]
        queues = [
            replace(one, council_cap=cap, ring_at_once=at_once, floor=floor if one.emergency else 0) for one in QUEUES
        ]
        self.pbx.agents = tuple(one for number, one in enumerate(agents) if number != without[0])
        # The last queue, that of emergencies, stays: a council without any has nowhere to send its callers.
        self.pbx.queues = tuple(one for number, one in enumerate(queues) if number != without[1] or one.emergency)
        self.pbx.feed(PeopleChanged(agents=self.pbx.agents, queues=self.pbx.queues))

    @rule(deed=st.sampled_from(Oversight), by=ANY_AGENT, agent=ANY_AGENT, pick=PICK, queues=SOME)
    def supervisor_steps_in(
        self, deed: Oversight, by: AgentId, agent: AgentId, pick: int, queues: tuple[QueueId, ...]
    ) -> None:
        callers = list(self.pbx.callers)
        contact = callers[pick % len(callers)] if callers else None
        self.asks += 1
        self.pbx.feed(
            SuperviseAsked(
                by=by, deed=deed, agent=agent, contact=contact, queues=queues, priority=pick * 10, ask=self.asks
            )
        )
        assert self.asks in self.pbx.outcomes


# The same stories every time: what is new is looked for by raising `max_examples`, not by chance in somebody's landing.
TestAnyReload = AnyReload.TestCase
TestAnyReload.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, derandomize=True)
