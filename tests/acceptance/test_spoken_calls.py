"""Callers who speak, on a real Asterisk: hang-ups, strangers at the port, danger first, the engine frozen or killed."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.asterisk.audio_wire import audio_frame, named_frame
from kernel.agent import Presence
from lab.listen import QUIET_DBFS, energy_per_window
from lab.town import Town
from tests.fakes.service import HOME, NIA, WASTE, Service, eventually, of
from tests.fakes.spoken_service import listens, recognisers, sound_port, sounds_open, spoken_service
from tests.fakes.talker import Talker, voice

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

HOUSING, PERSON, TAX = "northmere.housing", "northmere.general", "northmere.council_tax"
LIBRARIES, SCHOOLS, WELSH = "northmere.libraries", "northmere.schools", "northmere.welsh"
#: Callers who talk at one time: two recognisers on a machine that others use.
_AT_ONCE = 6
Case = Callable[[Talker], Awaitable[None]]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service that listens; its invariants must have held."""
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        running = spoken_service(place)
        try:
            running.up()
            yield running
            breaches = running.breaches()
        finally:
            running.down()
        assert not breaches


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """The phones, once somebody listens."""
    await eventually(lambda: listens(service) and len(recognisers(service)) == 2, within_s=120)
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones
    await eventually(service.is_empty, within_s=20)


async def _came_to(she: Talker, step: str) -> bool:
    return step in await she.steps()


async def _all(service: Service, town: Town, cases: tuple[Case, ...], first: int) -> list[Talker]:
    """Each case a call; a few at one time."""
    room, dialling = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
    talkers: list[Talker] = []

    async def one(number: int, case: Case) -> None:
        async with room:
            async with dialling:
                she = await Talker.dials(service, town, f"01632960{first + number:03}")
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
        await asyncio.sleep(1.2)

    async def while_it_is_read(she: Talker) -> None:
        await she.says("missed_bin")
        await asyncio.sleep(0.9)

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
        began = time.time()
        await she.arrives("northmere.housing", 10)
        assert await she.ways() == ["danger"]
        # The whole sentence of 999: seven seconds.
        levels = energy_per_window(she.leg.media.heard(began))
        assert sum(level > QUIET_DBFS for level in levels) > 40, levels
        await town.login(nia)
        assert (await service.fact(she.call, "answer", within_s=15))["agent"] == NIA
        assert not of(await service.story(earlier), "offer")

    await _all(service, town, (smells_gas,), 221)
    await waiting.hang_up()
    await service.presence(NIA, Presence.LOGGED_OUT)


# P15: "a caller already inside AGI() when the engine freezes: ≤ 10 s": a turn of speech held her for half a minute.
async def test_p15_given_guildhall_frozen_in_a_turn_when_the_pbx_sees_it_then_she_waits_for_a_person(
    service: Service, town: Town
) -> None:
    async def is_let_go(she: Talker) -> None:
        await she.asked()
        she.leg.speak(voice("missed_bin"))
        await asyncio.sleep(1.0)
        engine, frozen = service.pid("engine"), time.time()
        os.kill(engine, signal.SIGSTOP)
        try:
            await eventually(lambda: _waits(service), within_s=20)
            took = time.time() - frozen
        finally:
            os.kill(engine, signal.SIGCONT)
        # The message that takes its place begins when the limit is over; a loaded machine is a little late.
        assert took < 14, took
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
        await asyncio.sleep(1.0)
        os.kill(service.pid("engine"), signal.SIGKILL)
        killed = time.time()
        await she.arrives(PERSON)
        assert she.leg.alive
        # She is told to hold, and then there is music.
        levels = energy_per_window(she.leg.media.heard(killed))
        assert sum(level > QUIET_DBFS for level in levels) > len(levels) / 2, levels
        assert she.dead_line() <= 3.0

    await _all(service, town, (waits_for_a_person,), 234)
