"""Events that never came: every difference between the PBX and us has a name, and nothing else has."""

from __future__ import annotations

import dataclasses

import pytest

from acd.core.gaps import gaps
from kernel.ids import AgentId, ContactId, LegId
from kernel.seen import SeenLeg
from tests.fakes.people import WASTE, an_agent, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _found(pbx: SmallPbx) -> frozenset[str]:
    seen = pbx.snapshot()
    return gaps(pbx.world, seen.calls, seen.legs)


def _scene() -> tuple[SmallPbx, ContactId, ContactId, ContactId]:
    """One who talks, one who waits, one in the menus."""
    pbx = switchboard(an_agent("a1"))
    talk, waits = pbx.wait(WASTE), pbx.wait(WASTE)
    pbx.answer(talk)
    pbx.settle()
    menu = pbx.call()
    pbx.settle()
    return pbx, talk, waits, menu


# Law 1, issue 3: reconcile against gaps in the event stream. Nothing lost: nothing found.
def test_given_every_event_delivered_when_compared_then_nothing_differs() -> None:
    pbx, *_ = _scene()
    assert _found(pbx) == frozenset()


def test_given_events_that_are_lost_when_compared_then_each_is_found() -> None:
    pbx, talk, waits, menu = _scene()
    pbx.hang_up(talk)
    pbx.hang_up(waits)
    pbx.events.clear()
    new = pbx.call()
    pbx.events.clear()
    kinds = {gap.partition(" ")[0] for gap in _found(pbx)}
    assert {f"gone {talk}", f"gone {waits}", f"unknown {new}"} <= _found(pbx)
    assert kinds == {"gone", "unknown", "leg"}
    assert f"gone {menu}" not in _found(pbx)


def test_given_a_caller_in_hold_or_app_queue_whom_we_think_in_the_menus_when_compared_then_found() -> None:
    pbx, _, _, menu = _scene()
    seen = pbx.snapshot()
    (call,) = (call for call in seen.calls if call.contact == menu)
    others = tuple(other for other in seen.calls if other.contact != menu)
    holding = (*others, dataclasses.replace(call, holding=True))
    assert gaps(pbx.world, holding, seen.legs) == {f"holding {menu}"}
    fallback = (*others, dataclasses.replace(call, fallback=True))
    assert gaps(pbx.world, fallback, seen.legs) == {f"fallback {menu}"}


def test_given_a_pair_in_a_bridge_that_nobody_told_of_when_compared_then_found() -> None:
    pbx, _, waits, _ = _scene()
    seen = pbx.snapshot()
    calls = tuple(dataclasses.replace(call, bridge="b9") if call.contact == waits else call for call in seen.calls)
    legs = (*seen.legs, SeenLeg(agent=AgentId("a1"), leg=LegId("9.9"), offer=None, bridge="b9"))
    assert gaps(pbx.world, calls, legs) == {f"joined {waits}", "leg 9.9"}
