"""Keys as phones send them (RFC 4733): typed ahead, wrong, none at all, and once more, please."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from lab.calling import OutgoingLeg
from lab.town import Town
from tests.fakes.service import WASTE, Service, of

pytestmark = pytest.mark.acceptance

PERSON = "northmere.general"


async def _in_the_menu(service: Service, town: Town, number: str) -> tuple[OutgoingLeg, str]:
    leg, call = await service.dial(await town.caller(number), town.menu_number("northmere"))
    await leg.wait("answered")
    return leg, call


async def _steps(service: Service, call: str) -> list[str]:
    return [one["step"] for one in of(await service.story(call), "step")]


async def _seconds_in_the_menu(service: Service, call: str) -> float:
    story = await service.story(call)
    began = next(one["t"] for one in story if one["ev"] == "step" and one["step"] == "main_menu")
    return float(next(one["t"] for one in story if one["ev"] == "arrive")) - float(began)


# C43: a key typed ahead, during the opening that the dialplan plays by itself, is kept for the menu.
async def test_c43_given_the_opening_when_a_key_is_typed_ahead_then_the_menu_takes_it(
    service: Service, town: Town
) -> None:
    leg, call = await _in_the_menu(service, town, "01632960151")
    await leg.press("1")
    assert (await service.fact(call, "arrive"))["queue"] == WASTE
    assert "bins" in await _steps(service, call)
    await leg.hang_up()


# C43, typed ahead across all verbs: while the engine is busy (here: stopped for a second, as if it made a sentence or
# waited for a look-up) Asterisk itself throws keys away; not one is lost all the same.
async def test_c43_given_an_engine_that_is_busy_when_keys_are_pressed_then_all_are_taken_in_order(
    service: Service, town: Town
) -> None:
    leg, call = await _in_the_menu(service, town, "01632960155")
    await service.fact(call, "step", step="main_menu")
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    try:
        await leg.press("**1", gap_s=0.1)
    finally:
        os.kill(engine, signal.SIGCONT)
    assert (await service.fact(call, "arrive"))["queue"] == WASTE
    assert await _steps(service, call) == ["welcome", *["main_menu"] * 3, "bins"]
    # Where she waits nothing is noted any more.
    assert not [row for row in await service.channels("GH_DTMF") if "GH_DTMF=" in row]
    await leg.hang_up()


# C43: invalid x3 -> a person; no input x3 -> a person; star repeats the choices. Four callers at once: the fourth is
# registered as one who needs more time, so that each of the three listenings (1 s here) lasts twice as long (issue 5).
async def test_c43_given_wrong_keys_silence_or_a_star_when_in_the_menu_then_each_goes_where_the_flow_says(
    service: Service, town: Town
) -> None:
    registered = ("--council", "northmere", "--need", "more_time", "--purpose", "asked for it by letter")
    await service.ask("needs", "add", "+44 1632 960156", *registered)
    slow, slow_call = await _in_the_menu(service, town, "01632960156")
    silent, silent_call = await _in_the_menu(service, town, "01632960153")
    # Who presses comes last: the menu does not wait for her while the others are dialled.
    wrong, wrong_call = await _in_the_menu(service, town, "01632960152")
    again, again_call = await _in_the_menu(service, town, "01632960154")

    async def wrong_keys() -> None:
        await service.fact(wrong_call, "step", step="main_menu")
        await wrong.press("777")
        assert (await service.fact(wrong_call, "arrive"))["queue"] == PERSON
        assert await _steps(service, wrong_call) == ["welcome", "main_menu", "person"]

    async def silence() -> None:
        assert (await service.fact(silent_call, "arrive", within_s=25))["queue"] == PERSON
        assert await _steps(service, silent_call) == ["welcome", "main_menu", "person"]

    async def star() -> None:
        await service.fact(again_call, "step", step="main_menu")
        await again.press("*")
        await again.press("1", gap_s=0.5)
        assert (await service.fact(again_call, "arrive"))["queue"] == WASTE
        assert await _steps(service, again_call) == ["welcome", "main_menu", "main_menu", "bins"]

    async def more_time() -> None:
        assert (await service.fact(slow_call, "arrive", within_s=30))["queue"] == PERSON

    await asyncio.gather(wrong_keys(), silence(), star(), more_time())
    usual, longer = [await _seconds_in_the_menu(service, call) for call in (silent_call, slow_call)]
    assert longer - usual > 2.0, (usual, longer)
    # No key has left a trace: facts say steps, never keys.
    assert all("key" not in one for one in await service.facts())
    for leg in (wrong, silent, again, slow):
        await leg.hang_up()
