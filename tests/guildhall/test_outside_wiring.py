"""What an agent may dial for a caller: by name only, of a kind her council allows, and not too often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from acd.core.inputs import MoveAsked
from acd.core.world import World
from adapters.bus.memory import MemoryBus
from guildhall.outside_wiring import OutsideDoor
from kernel.commands import CallDeed, Command, MoveCall, Outcome
from kernel.fact import Fact
from kernel.facts import AlarmRaised
from kernel.ids import AgentId, TenantId
from kernel.number import Dialled
from kernel.outbound import OutsideGate, OutsidePolicy
from tests.fakes.people import RENT, WASTE, an_agent, switchboard
from tests.fakes.small_pbx_view import COUNCIL

pytestmark = pytest.mark.shell

A1 = AgentId("a1")
NAMES = {
    "registry": Dialled("01632960200"),
    "mobile": Dialled("07700900123"),
    "quiz": Dialled("0900"),
    "directory": Dialled("118000"),
    "paris": Dialled("0033100000000"),
}


class FixedClock:
    """It is always the same second."""

    def now(self) -> float:
        return 1000.0

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Desk:
    """One agent who talks with a caller, and what came through the door."""

    per_hour: int = 60
    talks: bool = True
    through: list[Command] = field(default_factory=list)
    told: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pbx = switchboard(an_agent("a1", queues=(WASTE, RENT)), an_agent("a2"))
        self.pbx.world.outside = {COUNCIL: NAMES}
        if self.talks:
            contact = self.pbx.wait(WASTE)
            self.pbx.answer(contact)
            self.pbx.settle()
        bus = MemoryBus()
        bus.subscribe(self.told.append)
        gate = OutsideGate(policies={COUNCIL: OutsidePolicy(per_hour=self.per_hour)})
        self._ask = OutsideDoor(self.world, gate, bus, FixedClock()).door(self.inside)

    def world(self) -> World:
        return self.pbx.world

    async def inside(self, command: Command) -> Outcome:
        self.through.append(command)
        if isinstance(command, MoveCall):
            self.pbx.feed(MoveAsked(agent=command.agent, deed=command.deed, to=command.to, ask=99))
        return Outcome(ok=True, code="done", message="")

    def asks(self, deed: CallDeed, to: str | None = None) -> str:
        async def answer() -> Outcome:
            return await self._ask(MoveCall(agent=A1, deed=deed, to=to, by="a1"))

        return asyncio.run(answer()).code


# C30, P22: "outbound only to allow-listed ranges, for transfers, callbacks and REFER alike; alarm on the first refused
# attempt".
@pytest.mark.parametrize("deed", [CallDeed.TRANSFER, CallDeed.CONSULT])
@pytest.mark.parametrize("to", ["quiz", "directory", "paris"])
def test_p22_given_a_number_that_costs_when_an_agent_dials_it_then_refused_with_an_alarm(
    to: str, deed: CallDeed
) -> None:
    desk = Desk()
    assert desk.asks(deed, to) == "outside_refused"
    assert desk.through == []
    (alarm,) = desk.told
    assert isinstance(alarm, AlarmRaised)
    assert (alarm.what, alarm.council) == ("outside_refused", TenantId(COUNCIL))
    assert desk.asks(deed, "registry") == "done"


# Every other word is the distributor's to answer, and counts as no call.
@pytest.mark.parametrize("to", ["registry", "mobile", "a2", RENT, "nobody", None])
def test_c30_given_whom_the_council_may_reach_when_asked_for_then_handed_on(to: str | None) -> None:
    desk = Desk()
    assert desk.asks(CallDeed.TRANSFER, to) == "done"
    assert desk.told == []


def test_p22_given_an_hours_worth_of_calls_when_one_more_is_dialled_then_refused() -> None:
    desk = Desk(per_hour=2)
    assert desk.asks(CallDeed.CONSULT, "registry") == "done"
    # She does not wait for the answer: the same number is dialled for the caller.
    assert desk.asks(CallDeed.COMPLETE) == "done"
    assert desk.asks(CallDeed.HOLD) == "done"
    full = Desk(per_hour=1)
    assert full.asks(CallDeed.CONSULT, "registry") == "done"
    assert full.asks(CallDeed.COMPLETE) == "outside_refused"
    assert full.asks(CallDeed.CANCEL) == "done"


def test_given_an_agent_without_a_call_when_she_asks_then_nothing_is_counted() -> None:
    desk = Desk(per_hour=0, talks=False)
    assert desk.asks(CallDeed.TRANSFER, "registry") == "done"
