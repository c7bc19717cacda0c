"""Which contact first, between queues: the score, and the bound on starvation that is proved of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.score import WEIGHT_S, bound_s, score
from kernel.agent import Presence
from kernel.contact import Wish
from kernel.ids import ContactId, LegId, QueueId
from kernel.queues import Queue
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.small_pbx_view import COUNCIL

pytestmark = pytest.mark.unit

TAX = QueueId("northmere.tax")
DANGER = QueueId("northmere.danger")


def _wish(arrived: float) -> Wish:
    return Wish(
        contact=ContactId("c1"), channel="x", leg=LegId("1.1"), tenant=COUNCIL, queue=WASTE, skills={}, arrived=arrived
    )


def _serve_all(pbx: SmallPbx, agent: str = "a1") -> list[str]:
    """Let one agent answer everybody who waits; in which order."""
    ask(pbx, agent, Presence.READY)
    served = []
    while pbx.callers:
        contact = pbx.rung[-1].contact
        served.append(str(contact))
        pbx.answer(contact)
        pbx.advance(1.0)
        pbx.hang_up(contact)
        pbx.advance(1.0)
    return served


# acd/core/score.py: "seconds waited + 60 x weight of the queue - the queue's service-level target".
def test_given_weight_and_target_when_scored_then_seconds_waited_and_both() -> None:
    queue = replace(a_queue(service_level_s=20.0), weight=2)
    assert score(queue, _wish(100.0), now=130.0) == 30.0 + 2 * WEIGHT_S - 20.0
    assert bound_s(a_queue(service_level_s=20.0), [queue]) == 2 * WEIGHT_S
    assert bound_s(queue, [a_queue()]) == -2 * WEIGHT_S


# C18: "agent in 3 queues, calls waiting in all / order by queue weight then age".
def test_c18_given_three_queues_when_an_agent_frees_then_weight_then_age() -> None:
    heavy = replace(a_queue(RENT, wrap_up_s=0.0), weight=1)
    pbx = switchboard(
        an_agent("a1", queues=(WASTE, RENT, TAX)),
        queues=(a_queue(wrap_up_s=0.0), heavy, a_queue(TAX, wrap_up_s=0.0)),
    )
    ask(pbx, "a1", Presence.NOT_READY)
    for queue in (WASTE, TAX, RENT, WASTE, RENT):
        pbx.wait(queue)
        pbx.advance(25.0)
    # Rent counts 60 s older: its calls of second 50 and 100 stand as if they had come at -10 and 40.
    assert _serve_all(pbx) == ["c3", "c1", "c2", "c5", "c4"]


# The service-level target: of two of the same age the one with the shorter target is nearer to missing it.
def test_c18_given_equal_weights_when_targets_differ_then_the_shorter_target_is_first() -> None:
    pbx = switchboard(
        an_agent("a1", queues=(WASTE, RENT)),
        queues=(a_queue(wrap_up_s=0.0, service_level_s=120.0), a_queue(RENT, wrap_up_s=0.0, service_level_s=20.0)),
    )
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.wait(WASTE)
    pbx.advance(50.0)
    pbx.wait(RENT)
    assert _serve_all(pbx) == ["c2", "c1"]


# C51: "an emergency mention flow reaches a person ahead of everybody (priority) <= 1 offer".
def test_c51_given_older_calls_of_the_highest_priority_when_an_emergency_comes_then_it_is_the_next_offer() -> None:
    danger = replace(a_queue(DANGER, wrap_up_s=0.0), emergency=True)
    pbx = switchboard(
        replace(an_agent("a1", queues=(WASTE, DANGER)), order={DANGER: 99}),
        queues=(replace(a_queue(wrap_up_s=0.0), weight=100), danger),
    )
    talk = pbx.wait(WASTE)
    pbx.answer(talk)
    pbx.settle()
    for _ in range(3):
        pbx.wait(WASTE, priority=100)
        pbx.advance(100.0)
    urgent = pbx.wait(DANGER)
    offers = len(pbx.rung)
    pbx.hang_up(talk)
    pbx.settle()
    assert [ring.contact for ring in pbx.rung[offers:]] == [urgent]


_ARRIVALS = st.lists(st.tuples(st.floats(0.0, 60.0), st.integers(0, 2)), min_size=2, max_size=30)
_POLICIES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([10.0, 20.0, 90.0])), min_size=3, max_size=3)


# C18: "starvation bound holds": under any load nobody of the same priority who came more than the bound later is
# offered to somebody who could have taken the earlier one (docs/decisions/0010).
@given(arrivals=_ARRIVALS, policies=_POLICIES, talk=st.floats(5.0, 120.0))
def test_c18_given_any_traffic_when_served_then_nobody_overtakes_by_more_than_the_bound(
    arrivals: list[tuple[float, int]], policies: list[tuple[int, float]], talk: float
) -> None:
    names = (WASTE, RENT, TAX)
    queues = tuple(
        replace(a_queue(name, wrap_up_s=0.0, service_level_s=target), weight=weight)
        for name, (weight, target) in zip(names, policies, strict=True)
    )
    pbx = switchboard(an_agent("a1", queues=names), an_agent("a2", queues=names), queues=queues)
    busy: list[tuple[float, ContactId]] = []
    served = 0
    for gap, which in arrivals:
        _play(pbx, gap, talk, busy)
        pbx.wait(names[which])
        served += _nobody_starved(pbx, queues, served)
    _play(pbx, talk * len(arrivals) + 1.0, talk, busy)
    assert len(pbx.rung) == len(arrivals)
    _nobody_starved(pbx, queues, served)


def _play(pbx: SmallPbx, seconds: float, talk: float, busy: list[tuple[float, ContactId]]) -> None:
    """Time goes on second by second: rung phones are answered, and every talk ends after so long."""
    end = pbx.now + seconds
    while pbx.now < end:
        for contact in [one for one, caller in pbx.callers.items() if caller.place == "take"]:
            pbx.answer(contact)
            busy.append((pbx.now + talk, contact))
        pbx.settle()
        pbx.advance(min(5.0, end - pbx.now))
        for over in [one for one in busy if one[0] <= pbx.now]:
            busy.remove(over)
            pbx.hang_up(over[1])
        pbx.settle()


def _nobody_starved(pbx: SmallPbx, queues: tuple[Queue, ...], served: int) -> int:
    policy = {str(queue.id): queue for queue in queues}
    arrived: dict[object, tuple[float, str]] = {}
    waiting: set[object] = set()
    for line in pbx.lines:
        if line["ev"] == "arrive":
            arrived[line["call"]] = (float(str(line["t"])), str(line["queue"]))
            waiting.add(line["call"])
        elif line["ev"] == "offer":
            waiting.discard(line["call"])
            t, _queue = arrived[line["call"]]
            for other in waiting:
                came, queue = arrived[other]
                assert t - came <= bound_s(policy[queue], queues) + 0.001, f"{line['call']} went ahead of {other}"
    return len(pbx.rung) - served
