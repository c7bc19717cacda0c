"""The glance in virtual time: a gap that shows twice is looked at, once; a moment's difference is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from acd.core.inputs import PeopleChanged
from acd.engine import Engine
from acd.glancing import Glancing
from kernel.errors import Refused
from kernel.ids import AgentId
from kernel.seen import SeenCall, SeenLeg
from tests.acd.test_engine import HOLDING
from tests.fakes.dialler import FakeDialler, FakeFacts
from tests.fakes.pbx_view import FakePbxView
from tests.fakes.people import a_queue, an_agent
from tests.fakes.virtual_time import VirtualClock, run_virtual

pytestmark = pytest.mark.shell


class Sight:
    """Meets acd's PbxGlance: shows the next of what the test says, the last one for ever."""

    def __init__(self, *sights: tuple[SeenCall, ...]) -> None:
        self.sights = list(sights)
        self.broken = False

    async def glance(self) -> tuple[tuple[SeenCall, ...], tuple[SeenLeg, ...]]:
        if self.broken:
            raise Refused("no_pbx", "the PBX does not answer")
        return (self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]), ()


def _looks(sight: Sight, scenario: Callable[[Glancing, FakePbxView], Coroutine[object, object, None]]) -> None:
    async def run() -> None:
        pbx = FakePbxView([AgentId("a1")])
        clock = VirtualClock(asyncio.get_running_loop())
        dialler = FakeDialler()
        engine = Engine(dialler=dialler, room=dialler, pbx=pbx, facts=FakeFacts(), clock=clock)
        engine.start()
        engine.put(PeopleChanged(agents=(an_agent("a1"),), queues=(a_queue(),)))
        engine.link_up()
        await asyncio.sleep(2.0)
        await scenario(Glancing(engine, sight), pbx)
        await engine.stop()

    run_virtual(run())


# Issue 3: reconcile against gaps in the event stream.
def test_given_a_caller_no_event_told_of_when_glanced_at_then_looked_at_once_and_not_again_for_a_minute() -> None:
    async def scenario(glancing: Glancing, pbx: FakePbxView) -> None:
        looks = pbx.looks
        assert await glancing.glance()
        await asyncio.sleep(2.0)
        assert pbx.looks == looks + 1
        assert not await glancing.glance()
        await asyncio.sleep(60.0)
        assert await glancing.glance()

    _looks(Sight((HOLDING,)), scenario)


def test_given_a_difference_of_a_moment_or_a_broken_pbx_when_glanced_at_then_no_look() -> None:
    sight = Sight((HOLDING,), ())

    async def scenario(glancing: Glancing, pbx: FakePbxView) -> None:
        looks = pbx.looks
        assert not await glancing.glance()
        sight.broken = True
        assert not await glancing.glance()
        assert pbx.looks == looks

    _looks(sight, scenario)
