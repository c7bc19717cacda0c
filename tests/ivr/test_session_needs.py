"""A caller whose needs are registered: Welsh from the first prompt on; a store that is away costs no call."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from ivr.flows import FlowBook, FlowsInForce
from ivr.ports import Services
from ivr.session import Ivr
from kernel.needs import Need
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell


class Registered:
    """Meets ``ivr.ports.Needs``; ``mood``: fine, late or broken."""

    def __init__(self, *needs: Need, mood: str = "fine") -> None:
        self.needs, self.mood = frozenset(needs), mood
        self.asked: list[tuple[str, str]] = []

    async def of(self, tenant: str, caller: str) -> frozenset[Need]:
        self.asked.append((tenant, caller))
        if self.mood == "late":
            await asyncio.Event().wait()
        if self.mood == "broken":
            raise RuntimeError(f"{caller} broke it")
        return self.needs


async def called(flows: FlowsInForce, needs: Registered, *, typed: str = "") -> FakeCallerLine:
    line = FakeCallerLine()
    services = Services(needs=needs)
    ivr = Ivr(flows=flows, sounds=Sounds(), facts=Facts(), clock=StoppedClock(), services=services)
    await ivr.answer(line, typed=typed)
    return line


# "Welsh callers get Welsh prompts and keys": also those who said so before.
async def test_given_welsh_is_registered_when_she_rings_then_welsh_from_the_first_prompt_on(book: FlowBook) -> None:
    flows = FlowsInForce(book)
    needs = Registered(Need.WELSH)
    line = await called(flows, needs)
    assert needs.asked == [("northmere", "01632960123")]
    assert {sound.split("/")[2] for sound in line.heard} == {"cy"}
    assert line.variables["GH_LANG"] == "cy"


# Law 5: "store away → call goes on", and the log says nothing of whose call it was.
@pytest.mark.parametrize("mood", ["late", "broken"])
def test_given_a_store_that_is_away_when_she_rings_then_the_call_goes_on(book: FlowBook, mood: str) -> None:
    with capture_logs() as logs:
        line = run_virtual(called(FlowsInForce(book), Registered(mood=mood)))
    assert line.variables["GH_NEXT"] == "hold"
    assert [entry["service"] for entry in logs if "service" in entry] == ["needs"]
    assert "960123" not in repr(logs)
