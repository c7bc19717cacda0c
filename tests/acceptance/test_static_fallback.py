"""The engine is silent for long: Asterisk serves callers by itself, and the engine takes over again without a cut."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from adapters.asterisk.pbx_process import pbx_cli
from kernel.agent import Presence
from lab.listen import hears
from lab.phone import Answer, Phone
from lab.town import Town
from tests.fakes.ami_sieve import strained
from tests.fakes.dialplan_batch import batch, cases, told
from tests.fakes.service import NIA, PRIYA, WASTE, Service, eventually, of, words
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.acceptance

#: GUILDHALL_FALLBACK_AFTER_S of this module.
AFTER_S = 6
#: Lab phones always send: one that sends nothing is dead after four seconds instead of thirty.
SETTINGS = {"fallback_after_s": str(AFTER_S), "phone_silence_s": "4"}
#: Generated flows walked by the real Asterisk.
_CASES = 100


def _no_number(service: Service) -> None:
    """V27: app_queue writes its record without the callers' numbers, which her phone was shown all the same."""
    assert "ENTERQUEUE" in service.settings.queue_log.read_text()
    held = [path for path in service.place.rglob("*") if path.is_file() and b"0163296017" in path.read_bytes()]
    assert held == []


# C46, docs/asterisk.md rule 14: engine frozen for 20 s and more / waiting callers go to app_queue in the right order,
# only phones of agents who are really ready ring, recorded; thawed, no talking pair is cut and nobody is dropped.
async def test_c46_given_a_frozen_engine_when_callers_wait_then_app_queue_serves_them_and_the_engine_takes_over(
    service: Service, town: Town
) -> None:
    nia, priya = await town.agent(NIA, behaviour=Answer(), voice=1000), await town.agent(PRIYA)
    await service.ready(NIA)
    await service.presence(PRIYA, Presence.NOT_READY, "break")
    bins, menu = town.direct_number(WASTE), town.menu_number("northmere")
    busy = await service.dial(await town.caller("01632960170", voice=440), bins)
    await (await nia.next_call()).wait("confirmed")
    await service.fact(busy[1], "answer")
    first = await service.dial(await town.caller("01632960171", voice=440), bins)
    await service.fact(first[1], "arrive")
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    frozen_at = time.time()
    try:
        # The heartbeat is older than 4 s: the dialplan no longer tries AGI.
        await stretch(4.5, since=frozen_at)
        # A new caller hears something within 3 s and gets her menu, without the engine.
        leg = await (await town.caller("01632960172", voice=440)).call(menu)
        assert await leg.wait("audio", 3.0) - frozen_at < 8
        # She listens before she presses.
        await stretch(2.5)
        await leg.press("1")
        await _channels(service, "GH_QUEUE=northmere.waste", 3, within_s=8)
        await _channels(service, "GH_OWNER=fallback", 2, within_s=12)
        assert len(nia.calls) == 1

        # She ends the first talk; app_queue gives her who came first.
        await nia.calls[0].hang_up()
        talk = await nia.next_call(12)
        await talk.wait("confirmed")
        await first[0].wait("audio", 5)
        await stretch(20, since=frozen_at)
    finally:
        os.kill(engine, signal.SIGCONT)
    await eventually(lambda: _talks_with(service, first[1]), within_s=10)
    assert [one.alive for one in (talk, first[0], leg)] == [True] * 3
    assert "01632960171" in talk.shown_caller
    assert not priya.calls
    # The one who waits comes back as soon as the engine is there (decision 0060), and keeps her place.
    await _channels(service, "GH_OWNER=engine", 1, within_s=10)
    await first[0].hang_up()
    assert (await service.fact(first[1], "end"))["why"] == "completed"
    assert (await service.fact(first[1], "answer"))["via"] == "fallback"
    assert (await service.fact(first[1], "recording"))["seconds"] > 1
    third = await nia.next_call(10)
    await third.wait("confirmed")
    last = await eventually(lambda: _newest(service), within_s=5) or ""
    assert (await service.fact(last, "answer"))["via"] == "offer"
    await leg.hang_up()
    assert (await service.fact(last, "end"))["why"] == "completed"

    _no_number(service)
    # What ended meanwhile was closed with its own time, from Asterisk's record.
    story = await service.story(busy[1])
    assert words(story)[:6] == ["call", "arrive", "offer", "answer", "leave", "end"]
    assert of(story, "end")[0]["src"] == "pbx"
    assert of(story, "end")[0]["t"] < frozen_at + 18


# C52 for a talk that app_queue began: her phone dies, and the caller is in the line again, by her own dialplan.
async def test_c52_given_a_talk_begun_by_app_queue_when_the_agents_plug_is_pulled_then_the_next_one_serves(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA, voice=1000)
    await service.ready(NIA)
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    try:
        leg = await (await town.caller("01632960178", voice=440)).call(town.direct_number(WASTE))
        talk = await nia.next_call(25)
        await talk.wait("confirmed")
    finally:
        os.kill(engine, signal.SIGCONT)
    call = await eventually(lambda: _talking(service), within_s=15) or ""
    priya = await town.agent(PRIYA, voice=1700)
    await service.ready(PRIYA)
    await nia.vanish()
    assert (await service.fact(call, "leave", within_s=20))["why"] == "failed"
    again = await priya.next_call(15)
    await again.wait("confirmed")
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], 1700))
    # Shorter than 0.3 s it would be no talk (docs/decisions/0057).
    await stretch(0.5)
    await again.hang_up()
    await leg.wait("ended", 5)
    assert (await service.fact(call, "end"))["why"] == "completed"
    story = await service.story(call)
    assert [one["via"] for one in of(story, "answer")] == ["fallback", "offer"]
    assert [one["why"] for one in of(story, "leave")] == ["failed", "agent_hung_up"]


async def _talking(service: Service) -> str | None:
    talking = (await service.state())["talking"]
    return str(talking[0]["contact"]) if talking else None


# C42: closed at short notice while no engine decides; five seconds later a caller is told so, by Asterisk alone.
async def test_c42_given_a_frozen_engine_when_a_desk_is_closed_at_short_notice_then_callers_hear_it_within_five_seconds(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA, behaviour=Answer())
    await service.ready(NIA)
    engine = service.pid("engine")
    os.kill(engine, signal.SIGSTOP)
    try:
        until = f"{time.localtime().tm_hour:02}:{time.localtime().tm_min:02}"
        closing = ("hours", "close", "northmere.office", "--until", until, "--say", "en=Closed for the storm.")
        made = (await service.ask(*closing)).rpartition("guildhall hours cancel ")[2].strip()
        closed_at = time.time()
        generated = service.place / "var" / "pbx" / "generated" / "static.conf"
        await eventually(lambda: "/_notices/en/" in generated.read_text(encoding="utf-8"), within_s=5)
        await stretch(5, since=closed_at)
        await _goes_to_lunch(service, town, nia)
        leg = await (await town.caller("01632960175")).call(town.menu_number("northmere"))
        await leg.wait("audio", 3.0)
        await leg.press("4")
        await _channels(service, "GH_WORDS=/srv/guildhall/sounds/_notices/en/", 1, within_s=25)

        # Pressed over words that go on to their end, and kept for the choices after them.
        await leg.press("1")
        await _channels(service, "GH_QUEUE=northmere.emergency", 1, within_s=15)
        # The words were played, not only looked for.
        await _channels(service, "PLAYBACKSTATUS=SUCCESS GH_QUEUE=northmere.emergency", 1, within_s=2)
        # app_queue has the call; she who serves the queue is at lunch.
        await _channels(service, "GH_OWNER=fallback", 1, within_s=12)
        await leg.hang_up()
    finally:
        os.kill(engine, signal.SIGCONT)
    assert (await service.sees(NIA, "paused", within_s=10))["aux"] == "lunch"
    # Her own calls to the star codes are the only ones of her phone.
    assert len(nia.calls) == 2
    await service.ask("hours", "cancel", made)
    await eventually(lambda: "/_notices/en/" not in generated.read_text(encoding="utf-8"), within_s=8)


# Issue 3: reconcile every few seconds against gaps in the event stream; I1, I2: each end is told once all the same.
async def test_c46_given_events_that_never_come_when_the_engine_glances_then_it_finds_out_by_itself(
    service: Service, town: Town
) -> None:
    async with strained(service) as wire:
        nia = await town.agent(NIA, behaviour=Answer(), voice=1000)
        await service.ready(NIA)
        bins = town.direct_number(WASTE)
        talk = await service.dial(await town.caller("01632960173", voice=440), bins)
        await service.fact(talk[1], "answer")
        wire.loses = {"Event: Hangup", "Event: HangupRequest", "UserEvent: GuildhallHolding"}
        await talk[0].hang_up()
        waits = await service.dial(await town.caller("01632960174", voice=440), bins)

        assert (await service.fact(talk[1], "end", within_s=12))["src"] == "pbx"
        wire.loses = set()
        await service.fact(waits[1], "answer", within_s=8)
        assert wire.lost >= 3
        await waits[0].hang_up()
        for _, call in (talk, waits):
            await service.fact(call, "recording", within_s=8)
            assert words(await service.story(call)) == [
                *["call", "arrive", "offer", "answer", "leave", "end", "recording"]
            ]
        assert len(nia.calls) == 2


async def _goes_to_lunch(service: Service, town: Town, nia: Phone) -> None:
    """Decision 0038: a star code without an engine: she hears that she is not ready, and app_queue knows it at once."""
    # A reason that is none is refused in words, and changes nothing.
    await town.dial_code(nia, "not_ready", more="9")
    await town.dial_code(nia, "not_ready", more="2")
    assert nia.calls[0].hears().first_audio_at is not None
    assert nia.calls[-1].hears().first_audio_at is not None
    told = await asyncio.to_thread(pbx_cli, service.pid("asterisk"), "dialplan show globals")
    assert "GH_READY_a001=\n" in told
    assert "GH_STARS=a001*482/" in told


async def _channels(service: Service, wanted: str, count: int, within_s: float) -> None:
    names = [one.partition("=")[0] for one in wanted.split()]

    async def look() -> bool:
        rows = await service.channels(*names)
        return sum(all(word in row for word in wanted.split()) for row in rows) == count

    await eventually(look, within_s)


async def _talks_with(service: Service, call: str) -> bool:
    return any(row["contact"] == call for row in (await service.state())["talking"])


async def _newest(service: Service) -> str | None:
    return next((fact["call"] for fact in reversed(await service.facts()) if fact["ev"] == "call"), None)


# Issue 4, the equivalence on a real Asterisk: its own expressions, jumps and functions, not our small stand-in's.
async def test_given_many_generated_flows_when_asterisk_walks_them_then_each_caller_hears_and_ends_as_by_the_engine(
    service: Service,
) -> None:
    callers = cases(_CASES)
    conf = service.place / "var" / "pbx" / "generated" / "bench.conf"
    conf.write_text(batch(callers), encoding="utf-8")
    conf.chmod(0o644)
    try:
        await asyncio.to_thread(pbx_cli, service.pid("asterisk"), "dialplan reload")
        events = await service.originate([f"Local/go@gt-case-{one.number}/n" for one in callers], "GtTold")
    finally:
        conf.unlink()
        await asyncio.to_thread(pbx_cli, service.pid("asterisk"), "dialplan reload")
    found = {int(event["Case"]): told(event) for event in events}
    assert len({str(one.end) for one in found.values() if one.heard}) > 4
    for one in callers:
        assert found[one.number] == one.wanted, one.number
