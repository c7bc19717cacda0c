"""Queues and councils in a day file: the words of their own files, and every mistake with its line."""

from __future__ import annotations

import json

import pytest

from adapters.files.day_shape import routed
from kernel.exits import ExitKind
from kernel.ids import QueueId, TenantId
from kernel.located import ConfigErrors
from kernel.located_json import JsonText
from kernel.queues import LastResort, Queue, RelaxStep, Strategy

pytestmark = pytest.mark.unit

_PLAIN = tuple(
    Queue(id=QueueId(name), tenant=TenantId(name[0]), name=name, ring_time_s=20.0, wrap_up_s=0.0, service_level_s=33.0)
    for name in ("h.rent", "n.care", "n.waste")
)


def _routed(routing: object) -> dict[str, Queue]:
    text = json.dumps({"calls": [{"call": "k1"}], "routing": routing}, indent=1)
    found = routed(json.loads(text)["routing"], JsonText(text, "day.json"), _PLAIN)
    return {str(queue.id): queue for queue in found}


# "must be able to name weights, service-level targets, shares, caps, floors, limits, strategies, relaxing steps".
def test_given_all_that_a_queue_may_say_when_read_then_it_is_its_policy() -> None:
    waste = {
        "id": "n.waste",
        "weight": 2,
        "service_level": "30s",
        "strategy": "fewest_calls",
        "relaxing": [{"after": 20, "skills": {"waste": 1}}],
        "last_resort": "any",
        "last_resort_after": "1m",
        "ring_at_once": 3,
        "limits": {
            "timeout": {"after": "5m", "to": "overflow", "queue": "h.rent"},
            "full": {"at": 9, "to": "callback"},
        },
    }
    councils = {"n": {"share": 60, "cap": 80, "emergency_queue": "n.care"}, "h": {"share": 40}}
    found = _routed({"queues": [waste, {"id": "n.care", "floor": 2, "alarm_after": 15}], "councils": councils})
    queue = found["n.waste"]
    assert (queue.weight, queue.service_level_s, queue.strategy) == (2, 30.0, Strategy.FEWEST_CALLS)
    assert queue.relaxing == (RelaxStep(after_s=20.0, skills={"waste": 1}),)
    assert (queue.last_resort, queue.ring_at_once, queue.emergency) == (LastResort.ANY, 3, False)
    assert queue.limits.timeout is not None
    assert (queue.limits.timeout.after_s, queue.limits.timeout.exit.queue) == (300.0, "h.rent")
    assert queue.limits.full is not None
    assert queue.limits.full.exit.kind is ExitKind.CALLBACK
    assert (found["n.care"].floor, found["n.care"].alarm_after_s, found["n.care"].emergency) == (2, 15.0, True)
    # A council's terms hold for all its queues, named or not.
    assert [(one.council_share, one.council_cap) for one in found.values()] == [(0.4, None), (0.6, 0.8), (0.6, 0.8)]


# What is not named stays as it was without the section.
def test_given_a_queue_that_says_one_thing_when_read_then_the_rest_is_the_days() -> None:
    queue = _routed({"queues": [{"id": "n.waste", "weight": 1}]})["n.waste"]
    assert (queue.ring_time_s, queue.wrap_up_s, queue.service_level_s, queue.weight) == (20.0, 0.0, 33.0, 1)
    assert _routed({})["n.waste"] == _PLAIN[2]


def test_given_a_queue_that_only_an_overflow_leads_to_when_read_then_it_is_there() -> None:
    found = _routed({"queues": [{"id": "n.night", "priority": 3}]})
    assert (found["n.night"].tenant, found["n.night"].priority) == ("n", 3)


@pytest.mark.parametrize(
    ("routing", "told"),
    [
        ({"queues": [{"id": "n.waste", "wieght": 1}]}, "day.json:11: unknown key 'wieght': did you mean 'weight'?"),
        ({"queues": [{"id": "n.waste"}, {"id": "n.waste"}]}, "day.json:13: queue 'n.waste' stands twice"),
        ({"queues": [{"id": "n.waste", "strategy": "best"}]}, "day.json:11: 'strategy': "),
        ({"queues": [{"id": "n.waste", "floor": 1}]}, "day.json:11: only the emergency queue may hold agents"),
        ({"councils": {"x": {"cap": 5}}}, "day.json:9: no queue of the day belongs to a council 'x'"),
        ({"councils": {"n": {"share": 60}}}, "h: others have a share: this council needs one too"),
        ({"councils": {"n": {"share": 60}, "h": {"share": 50}}}, "day.json:10: n: the councils' shares sum to 110"),
        (
            {"councils": {"n": {"emergency_queue": "n.car"}}},
            "day.json:10: unknown queue 'n.car': did you mean 'n.care'?",
        ),
        (
            {"queues": [{"id": "n.waste", "limits": {"timeout": {"after": 9, "to": "overflow", "queue": "n.wast"}}}]},
            "unknown queue 'n.wast': did you mean 'n.waste'?",
        ),
        (
            {"queues": [{"id": "n.waste", "limits": {"timeout": {"after": 9, "to": "overflow", "queue": "n.waste"}}}]},
            "an overflow from 'n.waste' comes back to it",
        ),
        (
            {
                "queues": [{"id": "n.care", "limits": {"timeout": {"after": 9, "to": "callback"}}}],
                "councils": {"n": {"emergency_queue": "n.care"}},
            },
            "'callback' leads to no person",
        ),
        ({"queues": "n.waste"}, "day.json:8: 'queues': a list is expected"),
        ([], "day.json:7: 'the file': keys with values are expected"),
    ],
)
def test_given_routing_that_is_wrong_when_read_then_line_and_hint(routing: object, told: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        _routed(routing)
    assert told in str(caught.value)
    assert str(caught.value).startswith("day.json:")
