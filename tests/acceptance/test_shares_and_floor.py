"""What councils agreed about their agents, on a real Asterisk: share, cap, loans, and one agent kept for danger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.calling import OutgoingLeg
from lab.town import Town
from tests.fakes.service import EMERGENCY, MAREK, NIA, PRIYA, WASTE, Service, eventually, of

pytestmark = pytest.mark.acceptance

BOROUGH_WASTE = "harbourside.waste"


@pytest.fixture(scope="module")
def prepare() -> Callable[[Service], None]:
    """Two councils with half of the agents each; the county may use two in three, and keeps one for emergencies."""
    return _agree


def _agree(service: Service) -> None:
    councils = service.place / "dialplans"
    for council, agreed in (("northmere", "share: 50\ncap: 67\n"), ("harbourside", "share: 50\n")):
        tenant = councils / council / "tenant.yaml"
        tenant.write_text(tenant.read_text(encoding="utf-8") + agreed, encoding="utf-8")
    queues = councils / "northmere" / "queues.yaml"
    text = queues.read_text(encoding="utf-8")
    assert text.count("    priority: 10\n") == 1
    queues.write_text(text.replace("    priority: 10\n", "    priority: 10\n    floor: 1\n"), encoding="utf-8")


class Callers:
    """Residents who ring one after the other."""

    def __init__(self, service: Service, town: Town) -> None:
        self._service, self._town = service, town
        self.count = 0

    async def __call__(self, queue: str) -> tuple[OutgoingLeg, str]:
        self.count += 1
        phone = await self._town.caller(f"016329601{self.count:02}")
        leg, call = await self._service.dial(phone, self._town.direct_number(queue))
        await self._service.fact(call, "arrive")
        return leg, call


async def _barred(service: Service, call: str) -> bool:
    """Nobody may take it: an empty list of agents."""
    told = [one for one in of(await service.story(call), "may") if one["why"] == "cap"]
    return bool(told) and told[-1]["agents"] == [] and told[-1]["until"] > told[-1]["t"]


# Issue 3: "per council a guaranteed share, a cap, borrow-when-idle".
async def test_given_two_councils_with_shares_when_callers_come_then_cap_loan_and_guarantee_hold(
    service: Service, town: Town
) -> None:
    rings = Callers(service, town)
    for agent in (PRIYA, MAREK):
        await town.agent(agent)
    await service.ready(PRIYA, MAREK)
    # Of two at work the county may use one: its second caller waits beside an idle agent, and the facts say why.
    county, first = await rings(WASTE)
    await service.fact(first, "answer")
    second_leg, second = await rings(WASTE)
    await eventually(lambda: _barred(service, second))
    # The borough's caller comes later and is served at once.
    borough, third = await rings(BOROUGH_WASTE)
    await service.fact(third, "answer")
    assert of(await service.story(second), "offer") == []
    # The county's talk ends: its second caller is next.
    await county.hang_up()
    await service.fact(second, "answer")
    # Lent: the borough, without a cap, uses both while the county has no caller.
    await second_leg.hang_up()
    also, fourth = await rings(BOROUGH_WASTE)
    await service.fact(fourth, "answer")
    # Given back: of two who wait, the older is the borough's; the county is below its share.
    older_leg, older = await rings(BOROUGH_WASTE)
    younger_leg, younger = await rings(WASTE)
    await also.hang_up()
    await service.fact(younger, "answer")
    assert of(await service.story(older), "offer") == []
    for leg in (borough, younger_leg):
        await leg.hang_up()
    await service.fact(older, "answer")
    await older_leg.hang_up()
    await service.fact(older, "end")


# C51: "an emergency … reaches a person ahead of everybody (priority) <= 1 offer"; issue 3: "n agents (or the next free)
# held for emergencies".
async def test_c51_given_a_held_agent_and_older_calls_when_an_emergency_comes_then_the_next_offer_is_its(
    service: Service, town: Town
) -> None:
    rings = Callers(service, town)
    await town.agent(NIA)
    await service.ready(NIA)
    ordinary_leg, ordinary = await rings(WASTE)
    held = [one for one in of(await service.facts(), "agent") if one["agent"] == NIA and one.get("held")]
    assert held[-1]["queues"] == [EMERGENCY]
    danger, urgent = await rings(EMERGENCY)
    answer = await service.fact(urgent, "answer")
    assert answer["agent"] == NIA
    # She is busy now, and another emergency comes behind an ordinary caller who has waited longer.
    again, second = await rings(EMERGENCY)
    await danger.hang_up()
    await service.fact(second, "answer")
    assert of(await service.story(ordinary), "offer") == []
    # Nia is idle longest by then, and held again: the ordinary caller is for whoever else comes.
    await again.hang_up()
    await service.sees(NIA, "available")
    await town.agent(PRIYA)
    await service.ready(PRIYA)
    assert (await service.fact(ordinary, "answer"))["agent"] == PRIYA
    await ordinary_leg.hang_up()
    await service.fact(ordinary, "end")
