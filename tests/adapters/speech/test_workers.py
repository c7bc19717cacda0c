"""The pool of worker processes: bounded, and never stuck by a worker that is slow, dead, wrong or fat."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.speech.workers import Pool, Workers
from kernel.hearing import EngineFailed, SpeechFull
from lab.service import eventually

pytestmark = pytest.mark.wire

WORKER = Path(__file__).resolve().parents[2] / "fakes" / "strange_worker.py"
SOUND = bytes(320)


@asynccontextmanager
async def _pool(mood: str, **limits: float) -> AsyncIterator[Workers]:
    pool = Pool(**limits)  # type: ignore[arg-type]  # whole numbers are floats here, for brevity
    workers = Workers(mood, Path("/nowhere"), pool, command=(sys.executable, str(WORKER), mood))
    assert await workers.start(within_s=20)
    yield workers
    await workers.stop()


async def test_given_a_worker_when_asked_then_it_answers_and_ends_with_the_pool() -> None:
    async with _pool("echo") as workers:
        engine, readings = await workers.read(SOUND)
        assert (engine, readings[0].text.split()[0]) == ("echo", "320")
        assert await workers.read(b"") == ("echo", ())
        (pid,) = workers.pids.values()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_given_two_workers_when_two_ask_then_both_work() -> None:
    async with _pool("echo", workers=2) as workers:
        await eventually(lambda: len(workers.rss_mb) == 2)
        found = await asyncio.gather(*(workers.read(SOUND) for _ in range(4)))
        assert len({readings[0].text.split()[1] for _, readings in found}) in (1, 2)


# issue 5: "Engine slow, dead or wrong mid-call". Each fails the job at once or in time, and the worker is replaced.
@pytest.mark.parametrize("mood", ["slow", "dies", "nonsense", "loops"])
async def test_given_a_bad_worker_when_asked_then_the_job_fails_and_another_worker_comes(mood: str) -> None:
    async with _pool(mood, limit_s=0.5) as workers:
        before = dict(workers.pids)
        with pytest.raises(EngineFailed):
            await workers.read(SOUND)
        await eventually(lambda: workers.is_up and workers.pids != before, 20)


# 0051: the second engine reads a long turn longer than anybody waits for; that is no reason to load its model again.
async def test_given_an_engine_that_may_take_longer_when_nobody_waits_any_more_then_its_worker_stays() -> None:
    async with _pool("slow", limit_s=0.3, stuck_s=60) as workers:
        before = dict(workers.pids)
        with pytest.raises(EngineFailed):
            await workers.read(SOUND)
        assert (workers.is_up, workers.is_idle, workers.pids) == (True, False, before)


async def test_given_an_engine_error_on_one_job_then_the_worker_stays() -> None:
    async with _pool("error") as workers:
        before = dict(workers.pids)
        with pytest.raises(EngineFailed):
            await workers.read(SOUND)
        assert workers.is_up
        assert workers.pids == before


async def test_given_a_killed_worker_when_its_end_is_seen_then_another_comes() -> None:
    async with _pool("echo") as workers:
        (pid,) = workers.pids.values()
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: workers.is_up and pid not in workers.pids.values(), 20)
        assert (await workers.read(SOUND))[1]


# "≤ 450 MB for each worker process": one that grew beyond is replaced after its job.
async def test_given_a_worker_that_grew_when_it_has_answered_then_another_comes() -> None:
    async with _pool("fat") as workers:
        (pid,) = workers.pids.values()
        assert (await workers.read(SOUND))[1]
        await eventually(lambda: workers.is_up and pid not in workers.pids.values(), 20)


# issue 5: "bounded queue: when steering is full, callers get the menu"
async def test_given_a_full_queue_when_one_more_asks_then_he_is_refused_at_once() -> None:
    async with _pool("slow", most_waiting=2, limit_s=5) as workers:
        jobs: list[asyncio.Task[object]] = []
        for _ in range(3):
            jobs.append(asyncio.create_task(workers.read(SOUND)))
            await eventually(_taken(workers, len(jobs)))
        assert not workers.has_room
        with pytest.raises(SpeechFull):
            await workers.read(SOUND)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


def _taken(workers: Workers, count: int) -> Callable[[], bool]:
    return lambda: workers.waiting == count - 1


# One who hung up leaves no work behind.
async def test_given_a_job_taken_back_when_it_waits_then_it_is_never_done() -> None:
    async with _pool("echo") as workers:
        job = asyncio.create_task(workers.read(SOUND))
        await asyncio.sleep(0)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        assert (await workers.read(b"12"))[1][0].text.startswith("2 ")


async def test_given_no_program_when_started_then_asking_says_so() -> None:
    workers = Workers("none", Path("/nowhere"), command=("/nowhere/engine",))
    assert not await workers.start(within_s=0.3)
    with pytest.raises(EngineFailed):
        await workers.read(SOUND)
    await workers.stop()
