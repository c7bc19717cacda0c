"""Steering that got worse is an alarm: a fact, a log line and a line of `guildhall status`, once a week."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.bus.topics import topic_of
from guildhall.drift_watch import DriftWatch, Reviews
from guildhall.show import state
from kernel.facts import AlarmRaised, Fact

pytestmark = pytest.mark.shell


def drift(share: str, *, alarm: bool) -> dict[str, Any]:
    return {"share": share, "before": 0.05, "now": 0.25, "of_now": 60, "of_before": 240, "chance": 1e-6, "alarm": alarm}


class World:
    """A clock, a sink, and what the review finds."""

    def __init__(self) -> None:
        self.t, self.said, self.broken = 1000.0, list[Fact](), False
        self.worse = True

    def now(self) -> float:
        return self.t

    def publish(self, fact: Fact) -> None:
        self.said.append(fact)

    async def review(self) -> Reviews:
        if self.broken:
            raise OSError(5, "the disk")
        shares = [drift("refused", alarm=False), drift("misrouted", alarm=self.worse)]
        return [
            {"council": "northmere", "drift": shares},
            {"council": "harbourside", "drift": [drift("unsure", alarm=False)]},
        ]


# Issue 5: "drift alarm" as fact, MQTT, log and status; told once a week, standing until it is over.
async def test_given_steering_that_got_worse_when_looked_at_then_one_alarm_a_week_and_a_line_in_the_status() -> None:
    world = World()
    watch = DriftWatch(world, world, world.review)
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
    told = AlarmRaised(t=1000.0, what="steering_drift", council=world.said[0].council, detail="misrouted 5.0% -> 25.0%")  # type: ignore[attr-defined]  # an alarm has a council
    assert world.said == [told]
    assert topic_of(told) == "guildhall/northmere/alarm"
    assert [entry["log_level"] for entry in logs] == ["error"]
    shown = state({"engine": "up", "agents": [], "waiting": [], "talking": [], "steering": watch.standing})
    assert "ALARM: steering of northmere got worse: misrouted 5.0% -> 25.0%" in shown
    world.t += 7 * 86400.0
    await watch.look()
    assert len(world.said) == 2
    world.worse = False
    await watch.look()
    assert watch.standing == {}


async def test_given_a_review_that_fails_when_looked_at_then_the_last_word_stands_and_nothing_breaks() -> None:
    world = World()
    watch = DriftWatch(world, world, world.review)
    await watch.look()
    world.broken = True
    await watch.look()
    assert watch.standing == {"northmere": "misrouted 5.0% -> 25.0%"}
    assert len(world.said) == 1
