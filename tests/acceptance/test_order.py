"""Who is served when: arrival, priority, wrap-up, and what an agent asks for in the middle of a call."""

from __future__ import annotations

import pytest

from kernel.agent import Presence
from lab.calling import OutgoingLeg
from lab.town import Town
from tests.fakes.service import EMERGENCY, NIA, WASTE, Service, eventually, of

pytestmark = pytest.mark.acceptance

#: short_dialplans.
WRAP_UP_S = 1.0


async def _talking(service: Service, town: Town, number: str = "01632960140") -> tuple[OutgoingLeg, str]:
    """One caller who talks with Nia."""
    await town.agent(NIA)
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller(number), town.direct_number(WASTE))
    await service.fact(call, "answer")
    return leg, call


# C11: two callers and one agent / first come, first served; the second one hears music until her turn.
# C12, I9: nothing is offered during wrap-up, it ends by itself, and then the next caller is offered within a second.
async def test_c11_given_two_callers_and_one_agent_when_served_then_it_is_in_order_with_wrap_up_between(
    service: Service, town: Town
) -> None:
    await town.agent(NIA)
    number = town.direct_number(WASTE)
    first, first_call = await service.dial(await town.caller("01632960141"), number)
    second, second_call = await service.dial(await town.caller("01632960142"), number)
    await second.wait("audio")
    assert [row["position"] for row in (await service.state())["waiting"]] == [1, 2]

    await service.ready(NIA)
    await service.fact(first_call, "answer")
    assert [row["contact"] for row in (await service.state())["waiting"]] == [second_call]
    await first.hang_up()
    left = await service.fact(first_call, "leave")
    offered = await service.fact(second_call, "offer")
    assert WRAP_UP_S <= offered["t"] - left["t"] < WRAP_UP_S + 1
    await service.fact(second_call, "answer")
    await second.hang_up()


# P3, SEMANTICS: higher priority goes first, whoever came first.
async def test_given_a_bin_caller_first_when_an_emergency_waits_too_then_the_emergency_is_served_first(
    service: Service, town: Town
) -> None:
    talk, _ = await _talking(service, town)
    bins, bins_call = await service.dial(await town.caller("01632960143"), town.direct_number(WASTE))
    urgent, urgent_call = await service.dial(await town.caller("01632960144"), town.direct_number(EMERGENCY))
    assert [row["contact"] for row in (await service.state())["waiting"]] == [urgent_call, bins_call]

    await talk.hang_up()
    await service.fact(urgent_call, "answer")
    await urgent.hang_up()
    await service.fact(bins_call, "answer")
    both = [one["call"] for one in of(await service.facts(), "answer") if one["call"] in {bins_call, urgent_call}]
    assert both == [urgent_call, bins_call]
    await bins.hang_up()


# C12: wrap-up ends early when the agent says ready.
async def test_c12_given_wrap_up_when_the_agent_says_ready_then_the_next_caller_is_offered_at_once(
    service: Service, town: Town
) -> None:
    talk, call = await _talking(service, town)
    waiting, waiting_call = await service.dial(await town.caller("01632960145"), town.direct_number(WASTE))

    await talk.hang_up()
    await service.sees(NIA, "wrapup")
    assert (await service.presence(NIA, Presence.READY)).ok
    left = await service.fact(call, "leave")
    offered = await service.fact(waiting_call, "offer")
    assert offered["t"] - left["t"] < WRAP_UP_S
    await service.fact(waiting_call, "answer")
    await waiting.hang_up()


# C26: not ready, asked in a call, is shown as pending and takes effect after call and wrap-up: nobody is offered then.
async def test_c26_given_a_call_when_the_agent_asks_for_not_ready_then_it_waits_for_the_end_and_is_shown_as_pending(
    service: Service, town: Town
) -> None:
    talk, call = await _talking(service, town)
    waiting, waiting_call = await service.dial(await town.caller("01632960146"), town.direct_number(WASTE))

    assert "after this call" in await service.ask("agent", "not-ready", NIA, "--reason", "lunch")
    row = await service.agent(NIA)
    assert (row["word"], row["presence"], row["pending"], row["pending_aux"]) == (
        "talking",
        "ready",
        "not_ready",
        "lunch",
    )
    assert "then not_ready" in await service.ask("agent", "list")
    await talk.hang_up()
    row = await service.sees(NIA, "paused")
    assert (row["aux"], row["pending"]) == ("lunch", None)

    left = await service.fact(call, "leave")

    async def paused() -> dict[str, object] | None:
        told = [fact for fact in of(await service.facts(), "agent") if fact["agent"] == NIA]
        return told[-1] if told[-1]["state"] == "paused" else None

    told = await eventually(paused)
    assert told is not None
    assert told["reason"] == "lunch"
    assert float(str(told["t"])) - left["t"] >= WRAP_UP_S
    assert of(await service.story(waiting_call), "offer") == []
    await waiting.hang_up()
