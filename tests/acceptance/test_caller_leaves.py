"""Somebody hangs up, anywhere: everything is released within a second, and the call has one end with the right word."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from lab.calling import OutgoingLeg
from lab.phone import Answer, LetRing, Phone
from lab.town import Town
from tests.fakes.service import MAREK, NIA, PRIYA, WASTE, Service, eventually, of, words
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.acceptance


async def _hang_up_and_see_it_released(service: Service, leg: OutgoingLeg, call: str, why: str) -> list[str]:
    """Hang up; return the words of the call's story once nothing of it is left."""
    at = time.time()
    await leg.hang_up()
    await eventually(service.is_empty, within_s=1.0, every_s=0.05)
    end = await service.fact(call, "end")
    assert end["t"] - at < 1
    story = await service.story(call)
    assert [one["why"] for one in of(story, "end")] == [why]
    return words(story, "step", "recording")


# C19, C44: hang-up in the opening (still the dialplan's), and in the menu (in the hands of AGI).
@pytest.mark.parametrize("reached", ["opening", "main_menu"])
async def test_c19_given_a_caller_in_the_menu_when_she_hangs_up_then_the_call_is_abandoned_and_nothing_is_left(
    service: Service, town: Town, reached: str
) -> None:
    leg, call = await service.dial(await town.caller("01632960121"), town.menu_number("northmere"))
    await leg.wait("answered")
    if reached == "main_menu":
        await service.fact(call, "step", step="main_menu")
        assert (await service.state())["in_ivr"] == 1
    assert await _hang_up_and_see_it_released(service, leg, call, "abandoned") == ["call", "end"]


# C19: hang-up while waiting.
async def test_c19_given_a_caller_who_waits_when_she_hangs_up_then_the_call_is_abandoned_and_nothing_is_left(
    service: Service, town: Town
) -> None:
    leg, call = await service.dial(await town.caller("01632960122"), town.direct_number(WASTE))
    await leg.wait("audio")
    assert [row["contact"] for row in (await service.state())["waiting"]] == [call]
    assert await _hang_up_and_see_it_released(service, leg, call, "abandoned") == ["call", "arrive", "end"]


# C19: hang-up while the agent rings: her phone stops within 1 s, no RONA is charged, she is available again.
async def test_c19_given_a_ringing_agent_when_the_caller_hangs_up_then_the_phone_stops_and_she_is_available_again(
    service: Service, town: Town
) -> None:
    agent = await town.agent(NIA, behaviour=LetRing())
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960123"), town.direct_number(WASTE))
    ringing = await agent.next_call()
    await ringing.wait("ringing")

    at = time.time()
    assert await _hang_up_and_see_it_released(service, leg, call, "abandoned") == [
        "call",
        "arrive",
        "offer",
        "offer_end",
        "end",
    ]
    assert await ringing.wait("ended", 1.0) - at < 1
    assert of(await service.story(call), "offer_end")[0]["why"] == "caller_gone"
    row = await service.sees(NIA, "available", within_s=1.0)
    assert (row["presence"], row["aux"]) == ("ready", None)


# The caller ends the talk: `caller_hung_up`, the agent's phone is hung up within 1 s, wrap-up runs and ends.
async def test_given_two_who_talk_when_the_caller_hangs_up_then_she_is_said_to_have_and_the_agent_wraps_up(
    service: Service, town: Town
) -> None:
    agent = await town.agent(NIA)
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960124"), town.direct_number(WASTE))
    await service.fact(call, "answer")
    talking = await agent.next_call()

    at = time.time()
    told = await _hang_up_and_see_it_released(service, leg, call, "completed")
    assert told == ["call", "arrive", "offer", "answer", "leave", "end"]
    assert await talking.wait("ended", 1.0) - at < 1
    assert (await service.fact(call, "leave"))["why"] == "caller_hung_up"
    assert (await service.agent(NIA))["word"] == "wrapup"
    await service.sees(NIA, "available", within_s=2.0)


# The agent ends the talk: `agent_hung_up`, and the caller's call ends too.
async def test_given_two_who_talk_when_the_agent_hangs_up_then_the_callers_call_ends(
    service: Service, town: Town
) -> None:
    agent = await town.agent(NIA, voice=1000)
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960125", voice=440), town.direct_number(WASTE))
    await service.fact(call, "answer")
    talking = await agent.next_call()
    await talking.wait("audio")
    # Shorter than 0.3 s it would be no talk (docs/decisions/0057).
    await stretch(0.5)

    at = time.time()
    await talking.hang_up()
    assert await leg.wait("ended", 1.0) - at < 1
    assert leg.ended_by == "there"
    await eventually(service.is_empty, within_s=1.0, every_s=0.05)
    await service.fact(call, "end")
    story = await service.story(call)
    assert words(story, "recording") == ["call", "arrive", "offer", "answer", "leave", "end"]
    assert (of(story, "leave")[0]["why"], of(story, "end")[0]["why"]) == ("agent_hung_up", "completed")
    await service.sees(NIA, "available", within_s=2.0)


# C19: hang-up in the milliseconds of the answer has exactly one outcome, and no agent is stuck with it.
async def test_c19_given_callers_who_hang_up_as_the_agents_answer_when_all_is_over_then_each_has_one_outcome(
    service: Service, town: Town
) -> None:
    before = len(of(await service.facts(), "end"))
    phones = [await town.agent(agent, behaviour=Answer(after_s=0.05)) for agent in (NIA, PRIYA, MAREK)]
    await service.ready(NIA, PRIYA, MAREK)
    legs = [await (await town.caller(f"0163296013{n}")).call(town.direct_number(WASTE)) for n in range(3)]
    # Who is offered to whom does not matter: each caller goes a millisecond later than the one before.
    races = zip(phones, legs, (0.049, 0.05, 0.051), strict=True)
    await asyncio.gather(*(_hang_up_at_the_answer(*race) for race in races))

    await eventually(service.is_empty, within_s=2.0, every_s=0.05)

    async def three_ended() -> list[dict[str, Any]]:
        ended = of(await service.facts(), "end")[before:]
        return ended if len(ended) == 3 else []

    ended = await eventually(three_ended)
    assert len({one["call"] for one in ended}) == 3
    for one in ended:
        story = await service.story(one["call"])
        assert words(story, "recording")[:3] == ["call", "arrive", "offer"]
        talked = words(story, "recording")[3:] == ["answer", "leave", "end"]
        assert talked or words(story)[3:] == ["offer_end", "end"]
        assert one["why"] == ("completed" if talked else "abandoned")
    for agent in (NIA, PRIYA, MAREK):
        row = await service.sees(agent, "available", within_s=3.0)
        assert row["aux"] is None


async def _hang_up_at_the_answer(phone: Phone, leg: OutgoingLeg, after_s: float) -> None:
    ringing = await phone.next_call()
    await ringing.wait("ringing")
    await stretch(after_s)
    await leg.hang_up()
