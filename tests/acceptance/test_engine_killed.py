"""The engine is killed or freezes, or Asterisk dies, in the middle of everything: nobody loses call or place."""

from __future__ import annotations

import os
import signal
import time
from itertools import pairwise

import pytest

from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, rms_dbfs
from lab.phone import Answer, Phone
from lab.town import Town
from tests.fakes.service import NIA, WASTE, Service, eventually, of, words
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.acceptance

#: One caller's leg and the call's id.
Placed = tuple[OutgoingLeg, str]
PERSON = "northmere.general"
#: Between these an open line's noise arrives (adapters/speech/quiet.py); digital silence is at -72 and below.
OPEN_LINE = (-66.0, -60.0)


async def _scene(service: Service, town: Town) -> tuple[Phone, Placed, Placed, Placed, Placed]:
    """Nia's phone; the caller who talks with her, two who wait for bins, one in the menu."""
    nia = await town.agent(NIA, voice=1000)
    await service.ready(NIA)
    bins = town.direct_number(WASTE)
    talking = await service.dial(await town.caller("01632960161", voice=440), bins)
    await service.fact(talking[1], "answer")
    first = await service.dial(await town.caller("01632960162"), bins)
    second = await service.dial(await town.caller("01632960163"), bins)
    await service.fact(second[1], "arrive")
    menu = await service.dial(await town.caller("01632960164"), town.menu_number("northmere"))
    await service.fact(menu[1], "step", step="main_menu")
    return nia, talking, first, second, menu


async def _holds(service: Service, placed: int, within_s: float) -> None:
    """Wait until so many callers' channels wait or have waited for a person, by the PBX's own word."""

    async def look() -> bool:
        return sum("GH_ARRIVED=" in channel for channel in await service.channels("GH_ARRIVED")) == placed

    await eventually(look, within_s)


async def _serve_in_order(service: Service, nia: Phone, callers: list[Placed]) -> None:
    """Let Nia talk with one after another; each is the next in line."""
    for leg, call in callers:
        answer = await service.fact(call, "answer", within_s=8)
        assert answer["agent"] == NIA
        assert leg.alive
        await leg.hang_up()
        assert (await service.fact(call, "end"))["why"] == "completed"
    calls = [call for _, call in callers]
    assert [one["call"] for one in of(await service.facts(), "answer") if one["call"] in calls] == calls
    assert nia.calls


def _told_once(story: list[dict[str, object]]) -> bool:
    return all(len(of(story, ev)) == 1 for ev in ("call", "arrive", "offer", "answer", "leave", "end"))


# C46, P10: kill -9 / no talking pair is cut, no waiting caller loses the place or is hung up, nothing is told twice.
async def test_c46_given_callers_everywhere_when_the_engine_is_killed_then_all_are_served_in_order_by_the_next_one(
    service: Service, town: Town
) -> None:
    nia, talking, first, second, menu = await _scene(service, town)
    killed = service.pid("engine")
    os.kill(killed, signal.SIGKILL)
    at = time.monotonic()

    # The caller in the menu is told to hold and waits for a person: the dialplan's own doing.
    await _holds(service, 4, within_s=10)
    await eventually(service.is_up, within_s=10)
    # P10: the first new call answered <= 10 s.
    assert time.monotonic() - at < 10
    assert service.pid("engine") != killed
    legs = [leg for leg, _ in (talking, first, second, menu)]
    assert all(leg.alive for leg in legs)
    assert (await service.state())["talking"][0]["contact"] == talking[1]
    assert [row["contact"] for row in (await service.state())["waiting"]] == [first[1], second[1], menu[1]]

    await talking[0].hang_up()
    assert (await service.fact(talking[1], "end"))["why"] == "completed"
    assert (await service.fact(talking[1], "recording"))["seconds"] > 1
    await _serve_in_order(service, nia, [first, second, menu])
    for _, call in (talking, first, second, menu):
        story = await service.story(call)
        assert _told_once(story), words(story)
    assert (await service.fact(menu[1], "arrive"))["queue"] == PERSON


# C46 mid-offer: the agent's phone goes on ringing without the engine. She answers while it is away, or afterwards.
@pytest.mark.parametrize("answers_after_s", [0.3, 2.5])
async def test_c46_given_a_ringing_agent_when_the_engine_is_killed_then_the_two_talk_and_the_offer_is_told_once(
    service: Service, town: Town, answers_after_s: float
) -> None:
    nia = await town.agent(NIA, behaviour=Answer(after_s=answers_after_s))
    await service.ready(NIA)
    leg, call = await service.dial(await town.caller("01632960168", voice=440), town.direct_number(WASTE))
    ringing = await nia.next_call()
    await service.fact(call, "offer")
    os.kill(service.pid("engine"), signal.SIGKILL)

    await ringing.wait("answered")
    await service.fact(call, "answer", within_s=10)
    await eventually(service.is_up, within_s=10)
    assert leg.alive
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"
    await service.fact(call, "recording")
    story = await service.story(call)
    assert words(story) == ["call", "arrive", "offer", "answer", "leave", "end", "recording"]
    await service.sees(NIA, "available", within_s=3)


# docs/asterisk.md rules 1, 2, 8, P15: the engine freezes for 20 s. Who calls meanwhile hears the opening within 3 s
# and is held; who was in the menu is held within about 10 s. When it thaws, no talking pair is cut, all are served.
async def test_p15_given_callers_everywhere_when_the_engine_freezes_for_20_s_then_nobody_is_cut_and_all_are_served(
    service: Service, town: Town
) -> None:
    nia, talking, first, second, menu = await _scene(service, town)
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    frozen_at = time.time()
    try:
        early = await (await town.caller("01632960165")).call(town.menu_number("northmere"))
        assert await early.wait("audio", 3.0) - frozen_at < 3
        await stretch(5, since=frozen_at)  # the heartbeat is older than 4 s: the dialplan no longer tries AGI
        late_at = time.time()
        late = await (await town.caller("01632960166")).call(town.menu_number("northmere"))
        assert await late.wait("audio", 3.0) - late_at < 3
        # She hears the whole menu, three times, without the engine.
        await _holds(service, 6, within_s=frozen_at + 19 - time.time())
        await stretch(20, since=frozen_at)
        assert _longest_silence(menu[0]) < 10
        # P15: the dialplan gives a silent engine 1.6 s, the words around it begin and end with a breath: two seconds
        # of the three. The third is for a machine that is late.
        assert max(_longest_silence(leg) for leg in (early, late)) < 3
        # And a menu that listens is no dead line: 3 s of waiting for her key, of which she heard two at least.
        assert sum(OPEN_LINE[0] < level < OPEN_LINE[1] for level in _levels(late)) > 100
    finally:
        os.kill(engine, signal.SIGCONT)

    await eventually(service.is_up, within_s=5)
    await eventually(lambda: _six_known(service), within_s=5)
    assert service.pid("engine") == engine
    assert all(leg.alive for leg in (*(leg for leg, _ in (talking, first, second, menu)), early, late))
    # Those who had gone to app_queue are taken back.
    await eventually(lambda: _owned(service, 6), within_s=10)
    # Nobody was taken away from the talk: Nia still hears this caller, and no other phone call came to her.
    assert len(nia.calls) == len([one for one in nia.calls if not one.alive]) + 1
    waiting = [row["contact"] for row in (await service.state())["waiting"]]
    for call in waiting:
        await service.fact(call, "arrive")
    # Ids count up as calls come; the facts came with the thaw, in the order of arrival in the queue.
    new = sorted((call for call in waiting[2:] if call != menu[1]), key=lambda call: int(call.rpartition("-")[2]))
    assert waiting[:2] == [first[1], second[1]]
    assert (len(new), set(waiting[2:])) == (2, {menu[1], *new})

    await talking[0].hang_up()
    legs = {first[1]: first[0], second[1]: second[0], menu[1]: menu[0], new[0]: early, new[1]: late}
    await _serve_in_order(service, nia, [(legs[call], call) for call in waiting])
    for call in (talking[1], *waiting):
        assert _told_once(await service.story(call)), words(await service.story(call))


def _levels(leg: OutgoingLeg) -> list[float]:
    """How loud each frame in this caller's ear was."""
    return [rms_dbfs(frame.law.decode(frame.payload)) for frame in leg.media.frames]


def _longest_silence(leg: OutgoingLeg) -> float:
    """Seconds without a sound in this caller's ear, from the first one until now. An open line's noise is no sound."""
    heard = (frame for frame, level in zip(leg.media.frames, _levels(leg), strict=True) if level > QUIET_DBFS)
    moments = [*(frame.at for frame in heard), time.time()]
    return max(later - sooner for sooner, later in pairwise(moments))


async def _owned(service: Service, count: int) -> bool:
    return sum("GH_OWNER=engine" in channel for channel in await service.channels("GH_OWNER")) == count


async def _six_known(service: Service) -> bool:
    state = await service.state()
    return len(state["waiting"]) == 5 and len(state["talking"]) == 1


# P11: Asterisk dies / its calls are closed as `failed`, once; agents are not stuck; a new call works within 15 s.
async def test_given_callers_everywhere_when_asterisk_is_killed_then_their_calls_are_failed_and_a_new_one_works(
    service: Service, town: Town
) -> None:
    nia, *placed = await _scene(service, town)
    killed = service.pid("asterisk")
    os.kill(killed, signal.SIGKILL)
    at = time.monotonic()

    for leg, call in placed:
        end = await service.fact(call, "end", within_s=12)
        assert end["why"] == "failed"
        leg.over(by="there")  # no goodbye came: a real phone would notice by itself after a while
    for hers in nia.calls:
        hers.over(by="there")
    assert of(await service.story(placed[0][1]), "leave")[0]["why"] == "failed"
    await eventually(service.is_up, within_s=12)
    assert service.pid("asterisk") != killed

    await nia.register()
    await service.sees(NIA, "available", within_s=10)
    leg, call = await service.dial(await town.caller("01632960167"), town.direct_number(WASTE))
    await service.fact(call, "answer")
    assert time.monotonic() - at < 15
    await leg.hang_up()
    assert (await service.fact(call, "end"))["why"] == "completed"
    for _, one in placed:
        assert len(of(await service.story(one), "end")) == 1
