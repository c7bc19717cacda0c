"""An emergency that waits too long alarms, again and again until somebody answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.snapshot import show
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _floor() -> SmallPbx:
    queue = replace(a_queue(wrap_up_s=0.0), emergency=True, alarm_after_s=30.0)
    return switchboard(an_agent("a1", queues=(WASTE, RENT)), queues=(queue, a_queue(RENT)))


def _alarms(pbx: SmallPbx) -> list[float]:
    return [float(str(line["waited_s"])) for line in pbx.lines if line["ev"] == "emergency_waits"]


# Issue 3: "when it waits too long it alarms".
def test_given_an_emergency_when_nobody_answers_then_an_alarm_every_time_until_somebody_does() -> None:
    pbx = _floor()
    talk = pbx.wait(RENT)
    pbx.answer(talk)
    pbx.settle()
    contact = pbx.wait(WASTE)
    pbx.advance(29.0)
    assert _alarms(pbx) == []
    pbx.advance(40.0)
    assert _alarms(pbx) == [pytest.approx(30.0, abs=0.01), pytest.approx(60.0, abs=0.01)]
    waiting = show(pbx.world, pbx.now)["waiting"]
    assert isinstance(waiting, list)
    assert [row["alarm"] for row in waiting] == [True]
    pbx.hang_up(talk)
    pbx.advance(11.0)
    pbx.answer(contact)
    pbx.advance(120.0)
    assert len(_alarms(pbx)) == 2


def test_given_a_ring_out_when_the_emergency_rings_on_then_the_alarm_keeps_its_time() -> None:
    pbx = _floor()
    contact = pbx.wait(WASTE)
    pbx.advance(10.0)
    pbx.refuse(contact, "rona")
    pbx.advance(25.0)
    assert _alarms(pbx) == [pytest.approx(30.0, abs=0.01)]


def test_given_other_queues_when_calls_wait_then_no_alarm() -> None:
    pbx = _floor()
    for _ in range(2):
        pbx.wait(RENT)
    pbx.advance(600.0)
    assert _alarms(pbx) == []
