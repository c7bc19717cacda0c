"""app_queue while the engine is silent: who is served first, when agents come free before it begins and after."""

from __future__ import annotations

import os
import signal
import time

import pytest

from guildhall.prompts import host_sound
from lab.listen import hears
from lab.phone import Answer, IncomingLeg, Phone
from lab.town import Town
from tests.fakes.service import NIA, PRIYA, WASTE, Service, eventually
from tests.fakes.stretch import stretch
from tests.fakes.talker import Talker

pytestmark = pytest.mark.acceptance

#: GUILDHALL_FALLBACK_AFTER_S of this module.
AFTER_S = 6
CALLER_HZ = 440
SETTINGS = {"fallback_after_s": str(AFTER_S)}
#: As the engine freezes: longer than the dialplan waits for it, and than app_queue takes to serve the first caller.
WRAP_UP_S = AFTER_S + 14
#: The last one is served by nobody as long as the engine stands still.
NUMBERS = [f"0163296018{last}" for last in range(6)]


# Issue 3: after a set time the dialplan takes them to app_queue in the right order. One agent is free before they are
# taken there, another one's wrap-up ends while they are.
async def test_c46_given_a_long_wrap_up_when_the_engine_freezes_then_callers_go_in_order_and_she_is_rung_after_it(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA, behaviour=Answer(), voice=1000)
    priya = await town.agent(PRIYA, behaviour=Answer(), voice=1000)
    await service.ready(NIA, PRIYA)
    bins = town.direct_number(WASTE)
    for number, agent in (("01632960188", nia), ("01632960189", priya)):
        await service.dial(await town.caller(number, voice=CALLER_HZ), bins)
        await _next(agent)
    await service.ask("agent", "wrap-up", PRIYA, "300")
    await priya.calls[0].hang_up()
    await service.sees(PRIYA, "wrapup")
    for number in NUMBERS:
        leg, call = await service.dial(await town.caller(number, voice=CALLER_HZ), bins)
        await service.fact(call, "arrive")
    waits_on = Talker(service, leg, call)
    assert f"lasts {WRAP_UP_S} s" in await service.ask("agent", "wrap-up", PRIYA, str(WRAP_UP_S))
    wraps_until = time.time() + WRAP_UP_S - 2
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    try:
        await nia.calls[0].hang_up()
        served = [await _next(nia)]
        assert not priya.calls[1:]
        served.append(await _next(priya))
        assert time.time() > wraps_until
        for agent, before in ((nia, 0), (priya, 1), (nia, 2)):
            await served[before].hang_up()
            served.append(await _next(agent))
        # Decision 0060: who steps out of app_queue is passed by meanwhile, so nobody did.
        assert service.settings.queue_log.read_text().count("|ENTERQUEUE|") == len(NUMBERS)
        # Whoever waits on is not left with music alone.
        await waits_on.hears_last_of(host_sound(service.settings, "northmere", "en", "sorry_hold"))
    finally:
        os.kill(engine, signal.SIGCONT)
    places = [NUMBERS.index(one.shown_caller.partition("sip:")[2].partition("@")[0]) for one in served]
    assert places == [0, 1, 2, 3, 4]
    for one in served[3:]:
        await one.hang_up()


async def _next(agent: Phone) -> IncomingLeg:
    """The next talk that app_queue gives her, long enough to be one: one hung up on sooner is back (decision 0057)."""
    leg = await agent.next_call(40)
    await leg.wait("confirmed")
    await eventually(lambda: hears(leg.media.heard()[-8000:], CALLER_HZ))
    await stretch(0.5)
    return leg
