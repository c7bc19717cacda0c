"""Several phones ring for one call: the sample's out-of-hours desk rings two at once."""

from __future__ import annotations

import pytest

from lab.calling import OutgoingLeg
from lab.phone import Answer, LetRing, Reject
from lab.town import Town
from tests.fakes.service import MAREK, OLWEN, TOM, Service, of

pytestmark = pytest.mark.acceptance


async def _rings_the_desk(service: Service, town: Town, number: str) -> tuple[OutgoingLeg, str]:
    leg, call = await service.dial(await town.caller(number), town.menu_number("harbourside"))
    await service.fact(call, "step", step="main_menu")
    await leg.press("0")
    await service.fact(call, "offer")
    return leg, call


# C20: "two agents race for one call (ring-all) / exactly one gets it, the others stop <= 1 s and are free".
# C49: "at most k agents rung at once per call": the third one, idle as well, hears nothing.
async def test_c20_given_two_ringing_phones_when_one_is_picked_up_then_the_other_stops_and_is_free(
    service: Service, town: Town
) -> None:
    rings = await town.agent(MAREK, behaviour=LetRing())
    await town.agent(OLWEN, behaviour=Answer(after_s=0.5))
    idle = await town.agent(TOM)
    await service.ready(MAREK, OLWEN, TOM)

    leg, call = await _rings_the_desk(service, town, "01632960161")
    answer = await service.fact(call, "answer")
    lost = await rings.next_call()
    stopped = await lost.wait("ended")

    assert answer["agent"] == OLWEN
    assert stopped - answer["t"] < 1
    story = await service.story(call)
    assert [one["agent"] for one in of(story, "offer")] == [MAREK, OLWEN]
    assert [(one["agent"], one["why"]) for one in of(story, "offer_end")] == [(MAREK, "answered_elsewhere")]
    assert (await service.sees(MAREK, "available", within_s=1))["resting"] is None
    assert not idle.calls
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"


# C20 in the same instant: two phones are picked up at once, and one of the two joins.
async def test_c20_given_two_phones_picked_up_at_once_when_joined_then_exactly_one_has_the_call(
    service: Service, town: Town
) -> None:
    for agent in (MAREK, OLWEN):
        await town.agent(agent, behaviour=Answer())
    await service.ready(MAREK, OLWEN)
    leg, call = await _rings_the_desk(service, town, "01632960162")
    winner = (await service.fact(call, "answer"))["agent"]
    loser = OLWEN if winner == MAREK else MAREK
    await service.fact(call, "offer_end", agent=loser, why="answered_elsewhere")
    await service.sees(loser, "available")
    assert len(of(await service.story(call), "answer")) == 1
    await leg.hang_up()
    await service.fact(call, "end")


# C07: the one who presses decline is out of it with her own reason; the other phone rings on and is answered.
async def test_c07_given_two_ringing_phones_when_one_declines_then_the_other_rings_on(
    service: Service, town: Town
) -> None:
    await town.agent(MAREK, behaviour=Reject(code=486, after_ringing=True))
    await town.agent(OLWEN, behaviour=Answer(after_s=1.0))
    await service.ready(MAREK, OLWEN)
    leg, call = await _rings_the_desk(service, town, "01632960163")
    assert (await service.fact(call, "answer"))["agent"] == OLWEN
    assert [(one["agent"], one["why"]) for one in of(await service.story(call), "offer_end")] == [(MAREK, "reject")]
    assert (await service.agent(MAREK))["presence"] == "ready"
    await leg.hang_up()
    await service.fact(call, "end")
