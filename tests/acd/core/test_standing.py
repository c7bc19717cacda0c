"""How the queues stand for the flows: `waiting.<queue>` and `staff.<queue>`, on a floor of agents."""

from __future__ import annotations

import pytest

from acd.core.standing import staff_of, waiting_in
from kernel.agent import Presence
from kernel.ids import QueueId
from tests.fakes.people import WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

OTHER = QueueId("northmere.other")


@pytest.fixture
def pbx() -> SmallPbx:
    """Three agents of the one queue, of whom one does not speak Welsh; one of another queue."""
    agents = [an_agent(f"a{n}", skills={"welsh": 3}) for n in (1, 2)]
    agents += [an_agent("a3"), an_agent("a4", queues=(OTHER,), skills={"welsh": 3})]
    pbx = switchboard(*agents, queues=(a_queue(skills={"welsh": 1}), a_queue(OTHER)))
    pbx.boot()
    return pbx


# Issue 4: `waiting.` and `staff.` in the expressions of a flow.
def test_given_agents_when_counted_for_a_flow_then_those_at_work_with_the_skills_count_also_in_a_call(
    pbx: SmallPbx,
) -> None:
    assert (staff_of(pbx.world, WASTE), staff_of(pbx.world, OTHER)) == (2, 1)
    talk = pbx.wait(WASTE, {"welsh": 1})
    pbx.answer(talk)
    assert staff_of(pbx.world, WASTE) == 2
    ask(pbx, "a2", Presence.NOT_READY)
    assert staff_of(pbx.world, WASTE) == 1
    assert staff_of(pbx.world, QueueId("northmere.unknown")) == 0


def test_given_callers_when_counted_for_a_flow_then_those_who_wait_count_and_who_talks_does_not(pbx: SmallPbx) -> None:
    assert waiting_in(pbx.world, WASTE) == 0
    talks = [pbx.wait(WASTE, {"welsh": 1}) for _ in range(2)]
    for one in talks:
        pbx.answer(one)
    waits = [pbx.wait(WASTE, {"welsh": 1}) for _ in range(3)]
    assert (waiting_in(pbx.world, WASTE), waiting_in(pbx.world, OTHER)) == (3, 0)
    pbx.hang_up(waits[0])
    pbx.settle()
    assert waiting_in(pbx.world, WASTE) == 2
