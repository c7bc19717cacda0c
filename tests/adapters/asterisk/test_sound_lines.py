"""A call's sound while a turn lasts: held on from the side, so that a frozen engine lets go of the caller in time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID

import pytest

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.audio_in import AudioPort
from adapters.asterisk.audio_wire import GOODBYE, named_frame
from adapters.asterisk.sound_lines import HELD_S, HOLD_AGAIN_S, SoundOfAgi
from kernel.errors import LineGone, Refused
from kernel.hearing import NoSound, SpeechFull

pytestmark = pytest.mark.wire


class Line:
    """A line in AGI whose PBX brings the sound, or does not."""

    channel = "PJSIP/trunk-00000001"

    def __init__(self, *, comes: bool = True, gone: bool = False) -> None:
        self._comes, self._gone = comes, gone
        self.back = False

    async def lend_sound(self, id_: str, port: int, longest_s: float) -> bool:
        """As app_audiosocket: connects, names the call, stays until the goodbye."""
        assert longest_s > 0
        if not self._comes:
            return False
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(named_frame(UUID(id_)))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):
            while GOODBYE not in await reader.readexactly(len(GOODBYE)):
                pass
        writer.close()
        self.back = True
        return True

    async def still_there(self) -> None:
        """Whether she is."""
        if self._gone:
            raise LineGone("line_gone", "hung up")


@pytest.fixture
async def port() -> AsyncIterator[AudioPort]:
    """A port that listens."""
    running = AudioPort()
    await running.start()
    yield running
    await running.stop()


# P15: "a caller already inside AGI() when the engine freezes: ≤ 10 s": a turn of speech held her for half a minute.
async def test_p15_given_a_turn_when_it_lasts_then_the_call_is_held_for_less_than_ten_seconds_again_and_again(
    port: AudioPort,
) -> None:
    held: list[tuple[str, int]] = []
    under_way, enough = 0, asyncio.Event()

    async def hold(channel: str, seconds: int) -> None:
        nonlocal under_way
        under_way += 1
        await asyncio.sleep(0.01)
        held.append((channel, seconds))
        under_way -= 1
        if len(held) == 4:
            enough.set()
        if len(held) == 2:
            raise Refused("ami_down", "the link is down")

    line = Line()
    async with asyncio.timeout(10), SoundOfAgi(port, hold, hold_again_s=0.01).open(cast("AgiLine", line), 30.0):
        await enough.wait()
    # AGI sets a limit of its own from here on: a renewal that came late would end a long prompt.
    assert (line.back, under_way) == (True, 0)
    assert {one for one, _ in held} == {Line.channel}
    assert {seconds for _, seconds in held} == {HELD_S}
    # A renewal that is lost costs nothing: the next comes before the limit.
    assert 2 * HOLD_AGAIN_S < HELD_S < 10


async def test_given_a_pbx_that_does_not_come_when_sound_is_opened_then_refused_and_hung_up_are_told_apart(
    port: AudioPort,
) -> None:
    for gone, error in ((False, NoSound), (True, LineGone)):
        with pytest.raises(error):
            async with SoundOfAgi(port).open(cast("AgiLine", Line(comes=False, gone=gone)), 5.0):
                raise AssertionError


# Fifty of sixty callers who spoke at once got the keys because all recognisers were busy; the log said "no sound".
async def test_given_a_recogniser_that_is_full_when_the_turn_ends_by_it_then_that_is_what_is_told(
    port: AudioPort,
) -> None:
    line = Line()
    with pytest.raises(SpeechFull):
        async with asyncio.timeout(10), SoundOfAgi(port).open(cast("AgiLine", line), 5.0):
            raise SpeechFull("speech_full", "all workers are busy")
    assert line.back


async def test_given_a_pbx_without_audiosocket_when_sound_is_opened_then_it_says_so(port: AudioPort) -> None:
    class Without(Line):
        async def lend_sound(self, id_: str, port: int, longest_s: float) -> bool:
            raise Refused("agi_refused", f"no such application {id_[:0]}{port * 0}{longest_s * 0}")

    with pytest.raises(NoSound, match="app_audiosocket"):
        async with SoundOfAgi(port).open(cast("AgiLine", Without()), 5.0):
            raise AssertionError


# V14, "bound to a live call": after a turn, however it ended, no id of it is waited for any more.
async def test_v14_given_a_turn_when_it_is_over_or_never_began_then_nobody_is_expected(port: AudioPort) -> None:
    async with asyncio.timeout(10), SoundOfAgi(port).open(cast("AgiLine", Line()), 5.0):
        pass
    with pytest.raises(LineGone):
        async with SoundOfAgi(port).open(cast("AgiLine", Line(comes=False, gone=True)), 5.0):
            raise AssertionError
    await asyncio.sleep(0)
    assert not port._expected
