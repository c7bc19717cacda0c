"""`guildhall test --live`: how a real call is compared with the same call in text."""

from __future__ import annotations

from typing import Any

import pytest

from guildhall.flow_tools.live import differs
from guildhall.flow_tools.text_call import Story

pytestmark = pytest.mark.shell

WAY = [("main", "welcome"), ("main", "main_menu"), ("main", "bins")]
IN_TEXT = Story(outcome="queue", queue="northmere.waste", priority=3, steps=WAY)
REAL: list[dict[str, Any]] = [
    {"ev": "call"},
    {"ev": "step", "step": "welcome"},
    {"ev": "step", "step": "main_menu"},
    {"ev": "step", "step": "bins"},
    {"ev": "arrive", "queue": "northmere.waste", "priority": 3},
]


def test_given_the_same_way_when_compared_then_nothing_differs() -> None:
    assert list(differs(REAL, IN_TEXT)) == []


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ([*REAL[:3], REAL[4]], "steps: in text welcome, main_menu, bins; the real call welcome, main_menu"),
        ([*REAL[:4], {"ev": "arrive", "queue": "northmere.general", "priority": 3}], "queue: in text northmere.waste;"),
        ([*REAL[:4], {"ev": "arrive", "queue": "northmere.waste", "priority": 0}], "priority: in text 3;"),
        ([*REAL[:4], {"ev": "end"}], "the real call None"),
    ],
)
def test_given_another_way_when_compared_then_it_is_told(story: list[dict[str, Any]], told: str) -> None:
    assert any(told in line for line in differs(story, IN_TEXT))
