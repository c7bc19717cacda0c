"""A whole recordings' worker on a folder of its own: for tests, for the kill test's child, for the hour's figures.

``python -m tests.fakes.recordings_bench hour FOLDER [SECONDS]`` measures a made-up call; ``nursery FOLDER`` starts a
worker for each line it reads, and tells of its beginning and its end.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import math
import os
import resource
import sys
import time
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.call_history import SqlCallHistory, SqlFiledCalls
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from adapters.store.recording_catalogue import SqlCatalogue
from adapters.store.subjects import SqlSubjects
from adapters.vault.key_file import FileKeys
from kernel.facts import AlarmRaised, CallBegan, ContactAnswered, ContactArrived, ContactEnded, Fact, RecordingFiled
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.recording import Wanted
from kernel.recording_rule import RecordingRule
from recordings.core.keeping import RetentionRules
from recordings.listening import ReadingRoom
from recordings.pipeline import Pipeline
from recordings.ports import Scribe
from recordings.service import RecordingsService
from tests.fakes.faulty_recordings import FaultyAudit, FaultyEraser, FaultyIntake, FaultyVault, FaultyWorkshop

RATE = 8000
#: A test's key: nothing real is sealed with it.
KEY = base64.b64encode(bytes(range(32))).decode()


class WallClock:
    """The machine's time, moved by ``shift`` seconds."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.shift


@dataclass(frozen=True, slots=True)
class DefaultRules:
    """What holds where no council has said anything."""

    retention: RetentionRules = field(default_factory=RetentionRules)
    queues: Mapping[QueueId, RecordingRule] = field(default_factory=dict)


class RecordingsBench:
    """Everything there is of recordings, in one folder: ``audio``, ``vault``, ``facts.db``."""

    def __init__(self, folder: Path, url: str | None = None, *, originals_for_s: float = 0.0) -> None:
        self.folder = folder
        self.audio = folder / "audio"
        self.audio.mkdir(exist_ok=True)
        self.url = url or f"sqlite+aiosqlite:///{folder}/facts.db"
        self.clock = WallClock()
        self.keys = FileKeys([KEY])
        self.vault = FaultyVault(folder / "vault", self.keys)
        self.workshop = FaultyWorkshop(self.audio)
        self._originals_for_s = originals_for_s
        self.scribe: Scribe | None = None

    async def open(self) -> RecordingsBench:
        """Make the database and whatever needs it."""
        await migrate(self.url)
        self.engine: AsyncEngine = open_engine(self.url)
        self.catalogue = SqlCatalogue(self.engine)
        self.audit = FaultyAudit(self.engine)
        self.eraser = FaultyEraser(self.catalogue, self.vault, self.workshop, SqlSubjects(self.engine), self.clock)
        self.room = ReadingRoom(self.catalogue, self.vault, self.audit, self.eraser, self.clock)
        self.alarms: list[AlarmRaised] = []
        self.subjects = SqlSubjects(self.engine)
        self.intake = FaultyIntake(
            workshop=self.workshop,
            catalogue=self.catalogue,
            history=SqlCallHistory(self.engine),
            subjects=self.subjects,
            facts=self,
            clock=self.clock,
            rules=DefaultRules,
        )
        self.pipeline = Pipeline(
            self.catalogue,
            self.vault,
            self.workshop,
            self.eraser,
            self.clock,
            originals_for_s=self._originals_for_s,
            scribe=self.scribe,
        )
        self.service = RecordingsService(
            self.intake,
            self.pipeline,
            self.eraser,
            self.vault,
            self.clock,
            SqlFiledCalls(self.engine),
            rest_s=0.01,
        )
        return self

    def publish(self, fact: Fact) -> None:
        """Take what the intake tells: alarms."""
        if isinstance(fact, AlarmRaised):
            self.alarms.append(fact)

    async def close(self) -> None:
        """Let go of the database."""
        self.vault.release()
        await self.engine.dispose()

    async def tell(
        self, *numbers: int, council: str = "northmere", filed: bool = False, language: str | None = None
    ) -> None:
        """Store the facts of calls that were answered once and ended; with ``filed``, that their audio was measured."""
        store = FactStore(self.engine, spill=self.folder / "spill.jsonl")
        for number in numbers:
            call, agent = contact(number), AgentId(f"{council}-a00{number % 9}")
            queue, tenant = QueueId(f"{council}.waste"), TenantId(council)
            t = self.clock.now()
            store.put(CallBegan(t=t - 60, call=call, council=tenant, number="03069990001"))
            arrived = ContactArrived(t=t - 50, call=call, queue=queue, priority=0, skills={}, council=tenant)
            store.put(dataclasses.replace(arrived, language=language))
            store.put(ContactAnswered(t=t - 40, call=call, agent=agent))
            store.put(ContactEnded(t=t, call=call, why="completed"))
            if filed:
                store.put(RecordingFiled(t=t, call=call, seconds=2.0))
        await store.flush()

    def record(self, number: int, *, seconds: float = 2.0, join: int = 1) -> None:
        """Write the three files of a join, as the PBX does."""
        caller, agent = speech(seconds, number * 2), speech(seconds, number * 2 + 1)
        mix = array("h", ((one + other) // 2 for one, other in zip(caller, agent, strict=True)))
        for side, samples in (("", mix), ("-caller", caller), ("-agent", agent)):
            write_wav(self.audio / f"{contact(number)}-{join}{side}.wav", samples)


def highest_mb() -> int:
    """The most memory this process has had, MB. Not ``ru_maxrss``: over an exec that keeps what the parent had."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(told.partition("VmHWM:")[2].split()[0]) / 1024)


def contact(number: int) -> ContactId:
    """A contact's id."""
    return ContactId(f"c1764000000-{number}")


def speech(seconds: float, seed: int) -> array[int]:
    """Made-up speech at 8 kHz: voiced stretches and pauses, from a seed."""
    chance, samples = Random(seed), array("h")  # noqa: S311 - made-up sound
    while len(samples) < seconds * RATE:
        pitch, length = chance.uniform(90, 220), int(RATE * chance.uniform(0.2, 0.9))
        loud, pace = chance.uniform(500, 8000), chance.uniform(3, 9)
        for at in range(length):
            swell = 0.5 + 0.5 * math.sin(2 * math.pi * pace * at / RATE)
            voice = sum(math.sin(2 * math.pi * pitch * part * at / RATE) / part for part in range(1, 6))
            samples.append(int(loud * swell * voice))
        samples.extend([0] * int(RATE * chance.uniform(0.1, 0.6)))
    return samples[: int(seconds * RATE)]


def write_wav(path: Path, samples: array[int]) -> None:
    """Write 8 kHz mono."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())


async def _work(folder: Path) -> None:
    bench = await RecordingsBench(folder).open()
    print(f"at work {os.getpid()}", flush=True)  # noqa: T201 - whoever kills it wants it to have begun
    await bench.service.run()


def _nursery(folder: Path) -> None:
    """Fork a worker a line: each is born with everything imported, which takes a Python of its own a second."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_work(folder))
            os._exit(0)
        _pid, ended = os.waitpid(child, 0)
        print(f"ended by {os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 'itself'}", flush=True)  # noqa: T201 - as above


async def _hour(folder: Path, seconds: int) -> None:
    bench = await RecordingsBench(folder).open()
    minute = {"-caller": speech(60, 1), "-agent": speech(60, 2)}
    minute[""] = minute["-caller"]
    for side, samples in minute.items():
        with wave.open(str(bench.audio / f"{contact(1)}-1{side}.wav"), "wb") as out:
            out.setparams((1, 2, RATE, 0, "NONE", ""))
            for _ in range(seconds // 60):
                out.writeframes(samples.tobytes())
    await bench.tell(1)
    before = highest_mb()
    began, cpu = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    await bench.service.settle()
    wall = time.monotonic() - began
    [kept] = await bench.catalogue.find(Wanted(councils=None))
    print(  # noqa: T201 - the figures
        json.dumps(
            {
                "seconds": kept.seconds,
                "state": kept.state,
                "wall_s": round(wall, 1),
                "times_real_time": round(kept.seconds / wall, 1),
                "ffmpeg_cpu_s": round(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - cpu, 1),
                "worker_rss_before_mb": before,
                "worker_rss_mb": highest_mb(),
                # Of a child, or of this process in the instant before a child was one.
                "largest_child_rss_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
                "sealed_mb": round((kept.size or 0) / 1e6, 1),
                "figures": dict(kept.figures),
            },
            indent=1,
        )
    )
    await bench.close()


if __name__ == "__main__":
    if sys.argv[1] == "nursery":
        _nursery(Path(sys.argv[2]))
    else:
        asyncio.run(_hour(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 3600))
