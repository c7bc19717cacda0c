"""What goes wrong in a turn of speech, as the caller goes through it; `test_spoken_calls.py` lets it ring."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from uuid import uuid4

from adapters.asterisk.audio_wire import audio_frame, named_frame
from lab.listen import QUIET_DBFS, energy_per_window
from tests.fakes.service import WASTE, Service, eventually
from tests.fakes.spoken_branches import HOUSING, PERSON, came_to
from tests.fakes.spoken_service import recognisers, sound_port, tear
from tests.fakes.stretch import stretch
from tests.fakes.talker import Talker, voice


async def gone_at_once(she: Talker) -> None:
    await she.asked()


async def gone_in_her_sentence(she: Talker) -> None:
    await she.asked()
    she.leg.speak(voice("missed_bin"))
    await stretch(1.2)


async def gone_while_it_is_read(she: Talker) -> None:
    await she.says("missed_bin")
    await stretch(0.9)


async def heard_among_strangers(she: Talker) -> None:
    await she.asked()
    port = sound_port(she.service)
    for first in (b"", b"GET / HTTP/1.1\r\n\r\n", named_frame(uuid4()), audio_frame(bytes(320)) * 50):
        assert await put_out(port, first) == b""
    await she.speaks("missed_bin")
    await she.arrives(WASTE)


async def heard_by_the_second_engine(she: Talker) -> None:
    await she.asked()
    # Frozen, as a process that swaps: it must be given up in time, within the turn.
    os.kill(recognisers(she.service)["moonshine"], signal.SIGSTOP)
    await she.speaks("missed_bin")
    await she.arrives(WASTE)
    assert await she.ways() == ["straight"]
    assert "the second engine reads alone" in (she.service.settings.logs / "engine.jsonl").read_text("utf-8")


async def waits_while_the_engine_is_frozen(she: Talker) -> None:
    await she.asked()
    she.leg.speak(voice("missed_bin"))
    await stretch(1.0)
    engine, frozen = she.service.pid("engine"), time.time()
    os.kill(engine, signal.SIGSTOP)
    try:
        await eventually(lambda: _waits(she.service), within_s=40)
        took = time.time() - frozen
    finally:
        os.kill(engine, signal.SIGCONT)
    # The message that takes its place begins when the limit of 8 s is over; the turn's own would be 28.
    assert took < 20, took
    await she.arrives(PERSON)


async def waits_when_the_engine_is_killed(she: Talker) -> None:
    await she.asked()
    she.leg.speak(voice("missed_bin"))
    await stretch(1.0)
    os.kill(she.service.pid("engine"), signal.SIGKILL)
    killed = time.time()
    await she.arrives(PERSON)
    assert she.leg.alive
    # She is told to hold, and then there is music.
    levels = energy_per_window(she.leg.media.heard(killed))
    assert sum(level > QUIET_DBFS for level in levels) > len(levels) / 2, levels
    assert she.dead_line() <= 3.0


async def gets_the_keys_without_engines(she: Talker) -> None:
    await she.asked()
    she.leg.speak(voice("missed_bin"))

    async def in_the_menu() -> bool:
        # Each that comes back is killed again: on an idle machine a new one reads within the same turn.
        for pid in recognisers(she.service).values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return await came_to(she, "menu")

    await eventually(in_the_menu, 40, 0.1)
    assert _why_keys(she) == ["no_engine"]
    await she.leg.press("2")
    await she.arrives(HOUSING)


async def gets_the_keys_without_sound(she: Talker) -> None:
    await she.asked()
    await asyncio.to_thread(tear, she.service)
    # Not by her silence: that is asked about once more.
    await eventually(lambda: came_to(she, "menu"), within_s=40)
    assert _why_keys(she) == ["no_sound"]
    await she.leg.press("1")
    await she.arrives(WASTE)


async def put_out(port: int, first: bytes) -> bytes:
    """What a stranger at this port gets for these first bytes, until he is put out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def _why_keys(she: Talker) -> list[str]:
    """Why she was not listened to any more, by the engine's log."""
    lines = map(json.loads, (she.service.settings.logs / "engine.jsonl").read_text("utf-8").splitlines())
    return [one["why"] for one in lines if "why" in one and one.get("contact") == she.call]


async def _waits(service: Service) -> bool:
    """By the PBX's own word: the engine has none."""
    return any("GH_ARRIVED=" in channel for channel in await service.channels("GH_ARRIVED"))
