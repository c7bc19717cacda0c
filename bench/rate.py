"""Fifty calls a second to a direct number and fifty agents: none lost, and what one costs the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bench.many_agents import QUEUE, at_their_phones, say, write_people
from bench.measurement import Figure, Measurement, Result, Table
from bench.own_service import NO_LIMITS, NO_WRAP_UP, own_service, settings_of
from bench.percentiles import percentile
from bench.processor_time import other_cores, processor_time
from bench.progress import Progress
from guildhall.facts_export import facts_since
from kernel.agent import Presence
from lab.load import Load, LoadResult, run_sipp
from lab.service import HOME, Edit, ServiceProcess
from lab.town import Town

AGENTS, SECONDS, QUICK_SECONDS = 50, 10, 4
#: Calls a second. With recording on the last clean one is told.
WITHOUT, WITH = (50.0,), (20.0, 30.0, 40.0, 50.0)
_TALK_S, _PATIENCE_S = 0.5, 20.0
#: Facts are stored up to 0.2 s after they happened.
_STORED_S = 2.0
NO_RECORDING = Edit(
    files="northmere/queues.yaml", pattern=r"(  - id: waste\n)", by=r"\1    recording: {record: never}\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What became of one rate."""

    recording: str
    rate: float
    asked: int
    sipp: LoadResult
    completed: int
    waits_ms: Sequence[float]
    engine_ms: float
    asterisk_ms: float
    other_cores: float

    @property
    def clean(self) -> bool:
        """Whether nobody was lost."""
        return self.sipp.ok == self.completed == self.asked


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Measure and tabulate. Takes about three minutes, one with ``quick``."""
    seconds = QUICK_SECONDS if quick else SECONDS
    found: list[Carried] = []
    for recording, edits, rates in (("off", [NO_RECORDING], WITHOUT), ("on", [], WITH[:1] if quick else WITH)):
        with own_service(
            progress,
            [NO_WRAP_UP, NO_LIMITS, *edits],
            prepare=lambda dialplans: write_people(dialplans, AGENTS),
        ) as service:
            found += asyncio.run(_rates(service, recording, rates, seconds, progress))
    return _result(found)


async def _rates(
    service: ServiceProcess, recording: str, rates: Sequence[float], seconds: int, progress: Progress
) -> list[Carried]:
    async with Town.from_description(await service.town(), root=HOME) as town:
        progress.say(f"{AGENTS} agents log in, recording {recording}")
        await at_their_phones(town, AGENTS, talk_s=_TALK_S, voice=None)
        await say(settings_of(service), AGENTS, Presence.READY)
        found = []
        for rate in rates:
            progress.say(f"{rate:g} calls a second for {seconds} s, recording {recording}")
            found.append(await _carry(service, town, recording, rate, seconds))
            if not found[-1].clean:
                break
        return found


async def _carry(service: ServiceProcess, town: Town, recording: str, rate: float, seconds: int) -> Carried:
    settings = settings_of(service)
    known = len(await facts_since(settings, 0.0))
    server = next(iter(town.agents.values())).server
    asked = int(rate * seconds)
    load = Load(number=town.direct_number(QUEUE), server=server, rate=rate, count=asked, stay_s=_PATIENCE_S)
    pids = {name: service.pid(name) for name in ("engine", "asterisk")}
    before = processor_time(pids)
    counted = await run_sipp(load)
    after = processor_time(pids)
    await asyncio.sleep(_STORED_S)
    facts = (await facts_since(settings, 0.0))[known:]
    arrived = {fact["call"]: fact["t"] for fact in facts if fact["ev"] == "arrive"}
    answers = [(fact["call"], fact["t"]) for fact in facts if fact["ev"] == "answer"]
    spent = {name: (after.processes[name] - before.processes[name]) * 1000 / asked for name in pids}
    return Carried(
        recording=recording,
        rate=rate,
        asked=asked,
        sipp=counted,
        completed=sum(fact["ev"] == "end" and fact["why"] == "completed" for fact in facts),
        waits_ms=[(t - arrived[call]) * 1000 for call, t in answers if call in arrived],
        engine_ms=spent["engine"],
        asterisk_ms=spent["asterisk"],
        other_cores=other_cores(before, after),
    )


def _result(found: Sequence[Carried]) -> Result:
    rows: list[tuple[Figure, ...]] = [
        (
            *(one.recording, one.rate, one.asked, one.sipp.ok, one.completed),
            *(percentile(one.waits_ms, percent) for percent in (50, 95, 100)),
            *(one.engine_ms, one.asterisk_ms, one.other_cores),
        )
        for one in found
    ]
    off = next(one for one in found if one.recording == "off")
    clean = [one.rate for one in found if one.recording == "on" and one.clean]
    rates = ", ".join(f"{rate:g}" for rate in WITH)
    best = f"Highest clean rate with recording on, of {rates}: {max(clean, default=0):g} calls a second."
    return Result(
        tables=(
            Table(
                title=f"{AGENTS} agents, a direct number, talks of {_TALK_S:g} s: waits in milliseconds",
                headings=(
                    *("recording", "calls/s", "calls", "SIP ok", "completed", "wait p50", "p95", "max"),
                    *("engine ms/call", "Asterisk ms/call", "other load, cores"),
                ),
                rows=tuple(rows),
            ),
        ),
        notes=(
            best,
            "Processor time is all of the process's while the load ran, divided by the calls.",
        ),
        figures={
            "engine_ms_per_call": off.engine_ms,
            "wait_p95_ms": percentile(off.waits_ms, 95),
            "highest_clean_with_recording": max(clean, default=0),
        },
        failures=() if off.clean else (f"recording off: {off.completed} of {off.asked} completed",),
    )


MEASUREMENT = Measurement(
    name="rate",
    tells="50 calls a second, 50 agents, no menu, recording off and on: none lost, the engine's time a call",
    takes="3 min, quick 1 min",
    run=measure,
)
