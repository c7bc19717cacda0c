"""Callers who speak, through a real Asterisk: every branch of the conversation, every way hearing fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.asterisk.audio_wire import audio_frame, named_frame
from adapters.files.dialplans import read_dialplans
from kernel.agent import Presence
from lab.listen import QUIET_DBFS, energy_per_window
from lab.town import Town
from tests.fakes.own_service import own_service
from tests.fakes.service import HOME, NIA, WASTE, Service, eventually, of
from tests.fakes.spoken_branches import BRANCHES, DIALLED, HOUSING, NEEDS, PERSON, WELSH, Case, came_to
from tests.fakes.spoken_service import (
    FRAIL,
    break_prompt,
    dumb,
    listens,
    recognisers,
    said_instead,
    sound_port,
    sounds_open,
    spoken_service,
    tear,
    text_of,
)
from tests.fakes.stretch import stretch
from tests.fakes.talker import STEERED, Talker, voice

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

#: Callers who talk at one time: two recognisers on a machine that others use.
_AT_ONCE = 6


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service that listens; its invariants must have held."""
    with own_service(spoken_service) as running:
        yield running


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """The phones, once somebody listens."""
    await eventually(lambda: listens(service) and len(recognisers(service)) == 2, within_s=300)
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones
    await eventually(service.is_empty, within_s=20)


def _number(last: int) -> str:
    return f"01632960{last:03}"


async def _all(service: Service, town: Town, cases: tuple[Case, ...], first: int) -> list[Talker]:
    """Each case a call; a few at one time."""
    room, dialling = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
    talkers: list[Talker] = []

    async def one(number: int, case: Case) -> None:
        async with room:
            async with dialling:
                she = await Talker.dials(service, town, _number(first + number), DIALLED.get(case, STEERED))
            talkers.append(she)
            try:
                await case(she)
            except AssertionError as wrong:
                raise AssertionError(f"{case.__name__}: {wrong} {she.told(await she.story())}") from None
            finally:
                await she.leg.hang_up()

    ended = await asyncio.gather(*(one(*numbered) for numbered in enumerate(cases)), return_exceptions=True)
    wrong = [one for one in ended if isinstance(one, BaseException)]
    if wrong:
        # All of them: each is a branch of its own.
        raise BaseExceptionGroup("calls that went wrong", wrong)
    return talkers


# issue 5, "Conversation": every branch of it, by spoken sound files, judged by facts and by what was heard.
async def test_given_callers_when_they_speak_press_or_are_silent_then_each_branch_ends_where_it_should(
    service: Service, town: Town
) -> None:
    why = ("--council", "northmere", "--purpose", "asked for on a form", "--days", "30")
    numbers = {_number(160 + BRANCHES.index(case)): need for case, need in NEEDS.items()}
    await asyncio.gather(*(service.ask("needs", "add", who, "--need", need, *why) for who, need in numbers.items()))
    talkers = await _all(service, town, BRANCHES, 160)
    for she in talkers:
        # P15: never dead air, at any point.
        assert she.dead_line() <= 3.0, she.told(await she.story())
    log = (service.settings.logs / "engine.jsonl").read_text("utf-8").lower()
    # Transcripts are personal data: no word of it is in a log.
    assert not any(word in log for word in ("emptied", "parcel", "weather", "nowhere"))


# --- what fails -----------------------------------------------------------------------------------------------------


# C44: "hang-up at every command: no orphan task": in the question, in her sentence, while it is read.
async def test_c44_given_callers_who_hang_up_in_a_turn_when_they_are_gone_then_nothing_of_it_is_left(
    service: Service, town: Town
) -> None:
    async def at_once(she: Talker) -> None:
        await she.asked()

    async def in_her_sentence(she: Talker) -> None:
        await she.asked()
        she.leg.speak(voice("missed_bin"))
        await stretch(1.2)

    async def while_it_is_read(she: Talker) -> None:
        await she.says("missed_bin")
        await stretch(0.9)

    for she in await _all(service, town, (at_once, in_her_sentence, while_it_is_read), 200):
        await service.fact(she.call, "end", within_s=10)
    await eventually(lambda: sounds_open(service) == 0)
    await eventually(service.is_empty)


# V14: "unauthenticated AudioSocket … UUID random 122 bit, one use, 10 s life, bound to a live call; bind local; frame
# length checks; rate": strangers at the port in the middle of a turn get nothing, and the turn goes on.
async def test_v14_given_a_turn_when_strangers_come_to_its_port_then_they_are_put_out_and_she_is_heard(
    service: Service, town: Town
) -> None:
    async def she_is_heard(she: Talker) -> None:
        await she.asked()
        port = sound_port(service)
        for first in (b"", b"GET / HTTP/1.1\r\n\r\n", named_frame(uuid4()), audio_frame(bytes(320)) * 50):
            assert await _put_out(port, first) == b""
        await she.speaks("missed_bin")
        await she.arrives(WASTE)

    await _all(service, town, (she_is_heard,), 210)
    # Nobody is expected now: who comes is put out at once, with a true id of a moment ago or without.
    assert await _put_out(sound_port(service), b"") == b""


async def _put_out(port: int, first: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


# C51: "999/112 rules: an emergency reaches a person ahead of everybody, ≤ 1 offer"; gas → "hang up and dial 999" first.
async def test_c51_given_who_smells_gas_when_somebody_waits_already_then_she_is_told_of_999_and_is_the_first_offer(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA)
    waiting, earlier = await service.dial(await town.caller("01632960220"), town.direct_number(WASTE))
    await service.fact(earlier, "arrive")

    async def smells_gas(she: Talker) -> None:
        await she.says("gas")
        await she.arrives("northmere.housing", 10)
        assert await she.ways() == ["danger"]
        # The whole sentence of 999.
        assert she.heard_to_the_end("steer_danger")
        await town.login(nia)
        assert (await service.fact(she.call, "answer", within_s=15))["agent"] == NIA
        assert not of(await service.story(earlier), "offer")

    await _all(service, town, (smells_gas,), 221)
    await waiting.hang_up()
    await service.presence(NIA, Presence.LOGGED_OUT)


# issue 5: "Engine slow, dead or wrong mid-call: switch within the turn or go on to the menu, never silence."
async def test_given_the_first_engine_frozen_in_a_turn_when_she_has_spoken_then_the_second_reads(
    service: Service, town: Town
) -> None:
    async def heard_all_the_same(she: Talker) -> None:
        await she.asked()
        # Frozen, as a process that swaps: it must be given up in time, within the turn.
        os.kill(recognisers(service)["moonshine"], signal.SIGSTOP)
        await she.speaks("missed_bin")
        await she.arrives(WASTE)
        assert await she.ways() == ["straight"]
        assert "the second engine reads alone" in (service.settings.logs / "engine.jsonl").read_text("utf-8")

    await _all(service, town, (heard_all_the_same,), 230)


async def test_given_both_engines_killed_in_a_turn_when_she_has_spoken_then_the_menu_takes_over(
    service: Service, town: Town
) -> None:
    async def gets_the_keys(she: Talker) -> None:
        await she.asked()
        she.leg.speak(voice("missed_bin"))

        async def in_the_menu() -> bool:
            # Each that comes back is killed again: on an idle machine a new one reads within the same turn.
            for pid in recognisers(service).values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return await came_to(she, "menu")

        await eventually(in_the_menu, 40, 0.1)
        assert _why_keys(service, she) == ["no_engine"]
        await she.leg.press("2")
        await she.arrives(HOUSING)

    await _all(service, town, (gets_the_keys,), 231)


# "A torn AudioSocket": the connection is cut under the turn; the call lives and goes on by keys.
async def test_given_a_torn_audiosocket_in_a_turn_when_it_is_seen_then_the_menu_takes_over(
    service: Service, town: Town
) -> None:
    async def gets_the_keys(she: Talker) -> None:
        await she.asked()
        await asyncio.to_thread(tear, service)
        # Not by her silence: that is asked about once more.
        await eventually(lambda: came_to(she, "menu"), within_s=40)
        assert _why_keys(service, she) == ["no_sound"]
        await she.leg.press("1")
        await she.arrives(WASTE)

    await _all(service, town, (gets_the_keys,), 232)


def _why_keys(service: Service, she: Talker) -> list[str]:
    """Why she was not listened to any more, by the engine's log."""
    lines = map(json.loads, (service.settings.logs / "engine.jsonl").read_text("utf-8").splitlines())
    return [one["why"] for one in lines if "why" in one and one.get("contact") == she.call]


# "60 simultaneous steering calls held with nobody in silence, overflow to the menu": all of them speak at once.
async def test_given_sixty_callers_when_all_speak_at_once_then_each_is_heard_or_gets_the_keys_and_none_is_in_silence(
    service: Service, town: Town
) -> None:
    before = {fact["call"] for fact in await service.facts() if fact["ev"] == "call"}
    callers = [await town.caller(f"01632960{number:03}") for number in range(300, 360)]
    legs = [
        leg
        for at in range(0, 60, 10)
        for leg in await asyncio.gather(*(one.call(STEERED) for one in callers[at : at + 10]))
    ]

    async def calls(ev: str, **fields: str) -> set[str]:
        facts = [one for one in await service.facts() if one["ev"] == ev and fields.items() <= one.items()]
        return {str(one["call"]) for one in facts} - before

    async def all_are(ev: str, **fields: str) -> bool:
        return len(await calls(ev, **fields)) == len(legs)

    await eventually(lambda: all_are("step", step="ask"), within_s=40)
    for leg in legs:
        leg.speak(voice("missed_bin"))
    await eventually(lambda: all_are("arrive"), within_s=60)
    heard, keys = await calls("arrive", queue=WASTE), await calls("arrive", queue=PERSON)
    assert all(leg.alive for leg in legs)
    assert len(heard) + len(keys) == len(legs)
    # How many is a matter of speed (`python -m bench steer`); nobody is lost, and no line is dead (P15).
    assert heard
    assert keys
    assert max(Talker(service, leg, "").dead_line() for leg in legs) <= 3.0
    for leg in legs:
        await leg.hang_up()


# P15: "a caller already inside AGI() when the engine freezes: ≤ 10 s": a turn of speech held her for half a minute.
async def test_p15_given_guildhall_frozen_in_a_turn_when_the_pbx_sees_it_then_she_waits_for_a_person(
    service: Service, town: Town
) -> None:
    async def is_let_go(she: Talker) -> None:
        await she.asked()
        she.leg.speak(voice("missed_bin"))
        await stretch(1.0)
        engine, frozen = service.pid("engine"), time.time()
        os.kill(engine, signal.SIGSTOP)
        try:
            await eventually(lambda: _waits(service), within_s=40)
            took = time.time() - frozen
        finally:
            os.kill(engine, signal.SIGCONT)
        # The message that takes its place begins when the limit of 8 s is over; the turn's own would be 28.
        assert took < 20, took
        await she.arrives(PERSON)

    await _all(service, town, (is_let_go,), 233)


async def _waits(service: Service) -> bool:
    """By the PBX's own word: the engine has none."""
    return any("GH_ARRIVED=" in channel for channel in await service.channels("GH_ARRIVED"))


# "The whole engine killed mid-turn": Asterisk itself brings her to a person; the new engine finds her waiting there.
async def test_given_guildhall_killed_in_a_turn_when_it_is_seen_then_she_waits_for_a_person(
    service: Service, town: Town
) -> None:
    async def waits_for_a_person(she: Talker) -> None:
        await she.asked()
        she.leg.speak(voice("missed_bin"))
        await stretch(1.0)
        os.kill(service.pid("engine"), signal.SIGKILL)
        killed = time.time()
        await she.arrives(PERSON)
        assert she.leg.alive
        # She is told to hold, and then there is music.
        levels = energy_per_window(she.leg.media.heard(killed))
        assert sum(level > QUIET_DBFS for level in levels) > len(levels) / 2, levels
        assert she.dead_line() <= 3.0

    await _all(service, town, (waits_for_a_person,), 234)


# --- prompts that are lost ------------------------------------------------------------------------------------------


# C45: "dead prompt file / TTS down: fallback text or tone and alarm; flow goes on", while she speaks with us.
async def test_c45_given_prompts_that_are_broken_when_spoken_with_then_their_words_or_a_tone_and_the_call_goes_on(
    service: Service, town: Town
) -> None:
    lost = ("closed", "ask_area", "area_unknown", "menu_more")
    for prompt in lost:
        break_prompt(service, prompt)

    she = await Talker.dials(service, town, _number(240), FRAIL)
    for prompt in lost[:2]:
        words = said_instead(service, text_of(service, prompt))
        await eventually(words.exists, within_s=30)
        await she.hears_last_of(words)
    # And now nobody can say what has not been said yet: the question again, and the menu.
    dumb(service).touch()
    try:
        await she.speaks("weather")
        await eventually(lambda: came_to(she, "menu"), within_s=40)
        # She was listened to, and asked again: by nobody.
        assert await she.ways() == ["again", "menu"]
        await she.hears_last_of(service.settings.sounds / "_line" / "tone.wav")
        # A tone tells no choices; who knows them may press.
        await she.leg.press("1")
        await she.arrives(WASTE)
        assert she.dead_line() <= 3.0
        await she.leg.hang_up()
    finally:
        dumb(service).unlink()
    alarms = {(one["what"], one["council"]) for one in of(await service.facts(), "alarm")}
    assert ("prompt_silent", "northmere") in alarms
    assert not any(said_instead(service, text_of(service, prompt)).exists() for prompt in lost[2:])


# --- what comes back ------------------------------------------------------------------------------------------------


# "Transcripts are personal data: kept by rule, redacted in logs, card numbers filtered"; listed by the review, and
# erased with the caller. "Agent-set [needs], with purpose and expiry": her next call is greeted in Welsh.
async def test_given_an_answered_call_when_its_agent_notes_matter_and_need_then_review_next_call_and_erasure_know(
    service: Service, town: Town, tmp_path: Path
) -> None:
    number, nia = _number(250), await town.agent(NIA)
    await town.login(nia)

    async def tells_her_card(she: Talker) -> None:
        await she.says("card")
        await eventually(she.ways, within_s=40)

    async def is_misunderstood(she: Talker) -> None:
        await she.says("missed_bin")
        await she.arrives(WASTE)
        await service.fact(she.call, "answer", within_s=15)

    for case in (tells_her_card, is_misunderstood):
        await _all(service, town, (case,), 250)
    await town.dial_code(nia, "reason", more=_code(service, "parking_fine"))
    await town.dial_code(nia, "need", more="2")

    async def is_welsh_now(she: Talker) -> None:
        await she.arrives(WELSH)
        assert she.heard_to_the_end("welcome", "cy")

    await _all(service, town, (is_welsh_now,), 250)
    [known] = json.loads(await service.ask("needs", "list", number, "--json"))
    assert (known["need"], known["source"], known["by"]) == ("welsh", "agent", NIA)
    assert known["purpose"]
    assert known["until"] > time.time()
    [suggested] = await _suggested(service)
    assert (suggested["intent"], suggested["understood"]) == ("parking_fine", "missed_bin")
    assert "bin" in suggested["text"]

    counted, kept = await _kept_of(service, number, tmp_path / "before.zip")
    assert (counted["words"], counted["needs"]) == (2, 1)
    assert "[number]" in kept
    assert suggested["text"] in kept
    everywhere = _written(service)
    # Long enough not to be met by chance among times and ports.
    assert not any(word in everywhere for word in ("5105-1051", "5105 1051", "51051051", "one zero five", "emptied"))
    await service.ask("recordings", "forget", number, "--why", "request 7")
    counted, kept = await _kept_of(service, number, tmp_path / "after.zip")
    assert (counted["words"], counted["needs"], kept) == (0, 0, "")
    await service.presence(NIA, Presence.LOGGED_OUT)


def _code(service: Service, intent: str) -> str:
    """The two digits of an intent."""
    book = next(one.steering for one in read_dialplans(service.settings.dialplans).tenants if one.id == "northmere")
    assert book is not None
    return next(code for code, known in book.codes.items() if known == intent)


async def _suggested(service: Service) -> list[dict[str, str]]:
    """The phrases that the review of this week suggests for Northmere."""
    [told] = json.loads(await service.ask("steer", "review", "--council", "northmere", "--json"))
    return list(told["suggestions"])


async def _kept_of(service: Service, number: str, archive: Path) -> tuple[dict[str, int], str]:
    """What a caller's own archive holds: how much, and her words; nothing when there are none."""
    told = json.loads(await service.ask("recordings", "subject", number, "--out", str(archive), "--json"))
    with zipfile.ZipFile(archive) as opened:
        name = "steering/words.jsonl"
        return told, opened.read(name).decode() if name in opened.namelist() else ""


def _written(service: Service) -> str:
    """All that the service has on disk: logs, database, facts; but the councils' files and sounds."""
    var = service.settings.var
    files = [*service.settings.logs.rglob("*"), *var.glob("*.db*"), *var.glob("*.jsonl")]
    return "".join(path.read_bytes().decode("latin-1").lower() for path in files if path.is_file())
