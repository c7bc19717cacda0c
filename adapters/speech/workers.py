"""A pool of worker processes for one engine, with a bounded queue: never slow without saying so, never stuck."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from kernel.hearing import EngineFailed, Reading, SpeechFull

log = structlog.get_logger()

Answer = TypeVar("Answer")

_LENGTH = 4
#: An answer is some readings of twelve seconds, or the vectors of ten sentences: more than this is nonsense.
_MOST_ANSWER = 1 << 16
#: Loading takes 2 s on an idle machine.
_LOAD_S = 60.0
#: Between two tries to start a worker that dies at once.
_AGAIN_S = 5.0
#: Address space, a guard against runaways only: what counts is the resident memory a worker tells with each answer.
_ADDRESS_SPACE = 4 << 30
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The limits of a pool."""

    workers: int = 1
    #: Jobs that may wait when all workers are busy.
    most_waiting: int = 4
    #: Seconds from asking to the answer, waiting included.
    limit_s: float = 2.5
    #: A worker that takes longer for one job than this is replaced; None: longer than ``limit_s``.
    stuck_s: float | None = None
    #: How much less than calls these processes matter: no packet waits for a recogniser.
    nice: int = 5
    #: A worker that has grown beyond this is replaced after its job.
    most_mb: float = 450.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job(Generic[Answer]):
    asked: bytes
    answer: asyncio.Future[Answer]


class WorkerPool(Generic[Answer]):
    """Worker processes that answer one kind of question. ``understood`` makes an answer of what a worker wrote.

    It raises ``EngineFailed`` or ``ValueError`` for nonsense: that worker is replaced.
    """

    def __init__(
        self, engine: str, command: Sequence[str], understood: Callable[[Mapping[str, object]], Answer], pool: Pool
    ) -> None:
        self.name = engine
        self.pool = pool
        self._command, self._understood = tuple(command), understood
        self._waiting: deque[_Job[Answer]] = deque()
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._ready: set[int] = set()
        self._busy: set[int] = set()
        #: The most any worker of now has told, MB, by worker.
        self.rss_mb: dict[int, float] = {}

    @property
    def has_room(self) -> bool:
        """Whether a job asked for now would not be refused."""
        return bool(self._ready) and len(self._waiting) < self.pool.most_waiting

    @property
    def is_idle(self) -> bool:
        """Whether a job asked for now would begin at once."""
        return bool(self._ready - self._busy) and not self._waiting

    @property
    def waiting(self) -> int:
        """Jobs that no worker has taken yet."""
        return len(self._waiting)

    @property
    def is_up(self) -> bool:
        """Whether any worker is ready."""
        return bool(self._ready)

    @property
    def pids(self) -> dict[int, int]:
        """Worker -> process id."""
        return {number: process.pid for number, process in self._processes.items()}

    async def start(self, *, within_s: float = 0.0) -> bool:
        """Start the workers; wait up to so long for the first one to be ready, and tell whether one is."""
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(self.pool.workers)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self._ready:  # noqa: ASYNC110 - a start waits once; nothing else needs an event for it
                    await asyncio.sleep(0.05)
        return self.is_up

    async def stop(self) -> None:
        """End the workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._waiting:
            _fail(self._waiting.popleft(), EngineFailed("engine_stopped", "the recogniser was stopped"))

    async def ask(self, question: bytes) -> Answer:
        """Within the time limit. Cancelling takes the job back. Raises ``SpeechFull``, ``EngineFailed``."""
        if not self._ready:
            raise EngineFailed("engine_away", f"no worker of {self.name} is ready")
        if len(self._waiting) >= self.pool.most_waiting:
            raise SpeechFull("speech_full", f"all workers of {self.name} are busy and enough wait")
        job: _Job[Answer] = _Job(asked=question, answer=asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._work.set()
        try:
            async with asyncio.timeout(self.pool.limit_s):
                return await job.answer
        except TimeoutError:
            raise EngineFailed("engine_slow", f"{self.name} did not answer within {self.pool.limit_s} s") from None

    async def _keep(self, number: int) -> None:
        """One worker's place: start a process, work with it until it fails, start the next."""
        while True:
            try:
                process = await self._start(number)
                await self._serve(number, process)
            except (EngineFailed, OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
                log.warning("a speech worker ended", engine=self.name, worker=number, error=type(error).__name__)
            finally:
                await self._end(number)
            await asyncio.sleep(_AGAIN_S if number not in self.rss_mb else 0)
            self.rss_mb.pop(number, None)

    async def _start(self, number: int) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *("nice", "-n", str(self.pool.nice), "prlimit", f"--as={_ADDRESS_SPACE}", "--core=0", "--", *self._command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "LANG": "C.UTF-8",
                "MALLOC_ARENA_MAX": "2",
                **dict.fromkeys(_ONE_THREAD, "1"),
            },
        )
        self._processes[number] = process
        async with asyncio.timeout(_LOAD_S):
            self.rss_mb[number] = float(str((await _answer(process))["rss_mb"]))
        self._ready.add(number)
        log.info("a speech worker is ready", engine=self.name, worker=number, rss_mb=round(self.rss_mb[number]))
        return process

    async def _serve(self, number: int, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.create_task(process.wait())
        try:
            while self.rss_mb[number] <= self.pool.most_mb:
                job = await self._next(ended)
                if job is None:
                    raise EngineFailed("engine_died", f"a worker of {self.name} ended")
                self._busy.add(number)
                await self._do(number, process, job)
                self._busy.discard(number)
        finally:
            ended.cancel()

    async def _next(self, ended: asyncio.Task[int]) -> _Job[Answer] | None:
        """The next job that somebody still waits for; None when the worker has ended."""
        while True:
            while self._waiting:
                job = self._waiting.popleft()
                if not job.answer.done():
                    return job
            self._work.clear()
            work = asyncio.create_task(self._work.wait())
            try:
                await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                work.cancel()
            if ended.done():
                return None

    async def _do(self, number: int, process: asyncio.subprocess.Process, job: _Job[Answer]) -> None:
        assert process.stdin is not None  # noqa: S101 - asked for above
        try:
            process.stdin.write(len(job.asked).to_bytes(_LENGTH) + job.asked)
            async with asyncio.timeout(self.pool.stuck_s or self.pool.limit_s):
                answer = await _answer(process)
            self.rss_mb[number] = float(str(answer["rss_mb"]))
            if "error" in answer:
                log.warning("an engine failed on one job", engine=self.name, error=str(answer["error"])[:40])
                _fail(job, EngineFailed("engine_error", f"{self.name} could not read this"))
            elif not job.answer.done():
                job.answer.set_result(self._understood(answer))
        except BaseException:
            # Slow, dead, or nonsense: this process is not asked again.
            _fail(job, EngineFailed("engine_failed", f"a worker of {self.name} failed"))
            raise

    async def _end(self, number: int) -> None:
        self._ready.discard(number)
        self._busy.discard(number)
        process = self._processes.pop(number, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            # Reads what it left in the pipe as well: only then is the pipe closed.
            with contextlib.suppress(OSError, ValueError):
                await process.communicate()
        if not self._ready:
            while self._waiting:
                _fail(self._waiting.popleft(), EngineFailed("engine_away", f"no worker of {self.name} is left"))


class Workers(WorkerPool[tuple[Reading, ...]]):
    """Meets ``ivr.hearing_ports.Reader`` for one engine. ``command``: what starts a worker, for tests."""

    def __init__(self, engine: str, folder: Path, pool: Pool | None = None, command: Sequence[str] = ()) -> None:
        started = tuple(command) or (sys.executable, "-m", "adapters.speech.worker", engine, str(folder))
        super().__init__(engine, started, _readings, pool or Pool())

    async def read(self, speech: bytes) -> tuple[str, Sequence[Reading]]:
        """See the port. Raises ``SpeechFull``, ``EngineFailed``."""
        return self.name, await self.ask(speech)


async def _answer(process: asyncio.subprocess.Process) -> dict[str, object]:
    assert process.stdout is not None  # noqa: S101 - asked for at the start
    size = int.from_bytes(await process.stdout.readexactly(_LENGTH))
    if size > _MOST_ANSWER:
        raise EngineFailed("engine_nonsense", "a worker's answer is too long")
    answer = json.loads(await process.stdout.readexactly(size))
    if not isinstance(answer, dict) or not isinstance(answer.get("rss_mb"), float):
        raise EngineFailed("engine_nonsense", "a worker's answer is none")
    return answer


def _readings(answer: Mapping[str, object]) -> tuple[Reading, ...]:
    found = answer.get("readings")
    if not isinstance(found, list):
        raise EngineFailed("engine_nonsense", "a worker's answer holds no readings")
    readings = []
    for one in found:
        text, confidence = one
        if not isinstance(text, str) or not isinstance(confidence, float) or not 0 <= confidence <= 1.01:  # noqa: PLR2004 - a probability, rounding
            raise EngineFailed("engine_nonsense", "a worker's reading is none")
        readings.append(Reading(text=text, confidence=min(1.0, confidence)))
    return tuple(readings)


def _fail(job: _Job[Answer], error: EngineFailed) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
        # The asker may have gone meanwhile.
        job.answer.exception()
