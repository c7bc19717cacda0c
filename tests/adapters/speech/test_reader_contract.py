"""One contract for all recognisers: the two real engines in their workers, the vendor's example, and the fake."""

from __future__ import annotations

import asyncio
import math
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from adapters.speech.second_opinion import SecondOpinion
from adapters.speech.vendor_stream import VendorSettings, VendorStream
from adapters.speech.workers import Pool, Workers
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS
from ivr.hearing_ports import Reader
from kernel.hearing import EngineFailed, SpeechFull, plain
from tests.fakes.spoken_call import ScriptedReader
from tests.fakes.vendor_server import KEY, vendor_server

pytestmark = pytest.mark.contract

VOICES = Path(__file__).resolve().parents[2] / "voices"
SENTENCE = "ask her to bring these things with her from the store"
#: Loading a model takes 2 s on an idle machine.
PATIENT = Pool(limit_s=60.0)


def sound(name: str) -> bytes:
    """The samples of one of the voices."""
    with wave.open(str(VOICES / f"{name}.wav"), "rb") as file:
        return file.readframes(file.getnframes())


@asynccontextmanager
async def _workers(engine: str) -> AsyncIterator[Workers]:
    workers = Workers(engine, model_files(Settings()).open(MODELS[engine]), PATIENT)
    try:
        assert await workers.start(within_s=60)
        yield workers
    finally:
        await workers.stop()


@asynccontextmanager
async def _vendor() -> AsyncIterator[VendorStream]:
    async with vendor_server() as server:
        server.says = [(word, 0.95) for word in SENTENCE.split()]
        yield VendorStream(VendorSettings(url=server.url, key=KEY))


@pytest.fixture(params=["moonshine", "whisper", "both", "vendor", "fake"])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[Reader]:
    """Each recogniser there is."""
    async with AsyncExitStack() as stack:
        match request.param:
            case "vendor":
                yield await stack.enter_async_context(_vendor())
            case "fake":
                yield ScriptedReader(SENTENCE, takes_s=0)
            case "both":
                first = ScriptedReader("I've got to bring", takes_s=0, confidence=0.5)
                yield SecondOpinion(first, ScriptedReader(SENTENCE, takes_s=0), sure=0.8, sure_when_busy=0.4)
            case engine:
                yield await stack.enter_async_context(_workers(engine))


# ivr.hearing_ports.Reader: speech in, readings out, best first; cancelling takes a job back; no speech is no words.
async def test_given_a_reader_when_it_hears_speech_then_it_reads_it_and_takes_jobs_back(reader: Reader) -> None:
    assert reader.has_room
    taken_back = asyncio.create_task(reader.read(sound("bring_from_the_store")))
    await asyncio.sleep(0)
    taken_back.cancel()
    await asyncio.gather(taken_back, return_exceptions=True)

    engine, readings = await reader.read(sound("bring_from_the_store"))
    assert engine
    assert plain(readings[0].text) == SENTENCE
    assert all(0 < one.confidence <= 1 and math.isfinite(one.confidence) for one in readings)
    assert len({plain(one.text) for one in readings}) == len(readings)
    assert reader.has_room
    assert "store" not in repr(readings)
    if isinstance(reader, Workers):
        await _survives_noise(reader)


async def _survives_noise(workers: Workers) -> None:
    """What is no speech gives no words, an honest failure or some babble; never a loop, never a dead worker."""
    for noise in (b"", bytes(2), bytes(16000), b"\xff\x7f" * 8000):
        try:
            _, readings = await workers.read(noise)
        except EngineFailed:
            continue
        assert all(len(one.text.split()) < 20 for one in readings)
    assert workers.is_up
    # issue 5: "≤ 450 MB for each worker process, one model a process".
    assert max(workers.rss_mb.values()) <= 450


# The vendor's own ways to fail are the port's two.
@pytest.mark.parametrize(
    ("mood", "error"),
    [(mood, EngineFailed) for mood in ("error", "leaves", "nonsense", "silent")] + [("full", SpeechFull)],
)
async def test_given_a_vendor_in_a_mood_when_asked_then_the_port_hears_of_it(mood: str, error: type[Exception]) -> None:
    async with vendor_server() as server:
        server.mood = mood
        vendor = VendorStream(VendorSettings(url=server.url, key=KEY, limit_s=0.5))
        with pytest.raises(error):
            await vendor.read(sound("no_grounds"))
        assert vendor.has_room


async def test_given_no_vendor_when_asked_then_the_port_hears_of_it() -> None:
    vendor = VendorStream(VendorSettings(url="ws://127.0.0.1:9", key=KEY, limit_s=2))
    with pytest.raises(EngineFailed):
        await vendor.read(sound("no_grounds"))


async def test_given_a_vendor_when_it_hears_nothing_then_there_are_no_readings() -> None:
    async with vendor_server() as server:
        assert await VendorStream(VendorSettings(url=server.url, key=KEY)).read(bytes(3200)) == ("vendor", ())
        assert server.heard == 3200
