"""An agent is idle: how long from the caller's INVITE to hers, through us and through a dialplan that only dials."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.bare_dial import ANSWER_DIAL, BARE_PATHS, bare_dialplan
from bench.measurement import Measurement, Result, Table
from bench.own_service import NO_WRAP_UP, own_service, settings_of
from bench.percentiles import median, percentile
from bench.processor_time import other_cores, processor_time
from bench.progress import Progress
from guildhall.engine_view import engine_view
from guildhall.settings import Settings
from lab.behaviour import Answer
from lab.phone import Phone
from lab.service import HOME, ServiceProcess, eventually
from lab.timeline import Way
from lab.town import Town

RUNS, CALLS, QUICK_CALLS = 3, 60, 15
#: Not counted: prompt and code caches, the first file of the recorder.
_WARM_UP = 3
_AGENT, _SIP_USER, _QUEUE = "northmere-a001", "a001", "northmere.waste"
_CALLER = "01632960101"
#: Both talk: a call without sound leaves no recording, and the engine would look for it for seconds, meanwhile.
_CALLER_HZ, _AGENT_HZ = 440, 1000
_OURS = "Guildhall, direct number"
#: Both sides: long enough for the join to be told, and for the recorder's files to be closed before the next call.
_TALK_S, _PAUSE_S = 0.2, 0.2
#: The aim of issue 3, for the note.
_AIM = 2.0

#: Path -> milliseconds, one a call.
Times = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: the paths in turn, call by call."""

    times: Times
    other_cores: float

    def ratio(self, bare: str) -> float:
        """Our median over the bare path's."""
        return median(self.times[_OURS]) / median(self.times[bare])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The phones, and where to see whether the agent is free."""

    caller: Phone
    agent: Phone
    settings: Settings

    async def call(self, number: str) -> float:
        """Place one call, end it, wait until she is free; milliseconds from INVITE to INVITE.

        The caller's is stamped right before the send, hers by the kernel on arrival: nothing of our own reading lies
        between them.
        """
        leg = await self.caller.call(number)
        rung = await self.agent.next_call()
        await leg.wait("answered")
        await rung.wait("confirmed")
        await asyncio.sleep(_TALK_S)
        await leg.hang_up()
        await rung.wait("ended")
        await eventually(self._free, every_s=0.02)
        await asyncio.sleep(_PAUSE_S)
        return (rung.log.when("INVITE", Way.RECEIVED) - leg.log.when("INVITE", Way.SENT)) * 1000

    def _free(self) -> bool:
        view = engine_view(self.settings)
        agent = next(row for row in view["agents"] if row["id"] == _AGENT)
        return agent["word"] == "available" and not view["waiting"] and not view["talking"]


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Measure and tabulate. Takes about six minutes, two with ``quick``."""
    with own_service(progress, [NO_WRAP_UP], dialplan=bare_dialplan(_SIP_USER)) as service:
        runs = asyncio.run(_runs(service, QUICK_CALLS if quick else CALLS, progress))
    return _result(runs)


async def _runs(service: ServiceProcess, calls: int, progress: Progress) -> list[Run]:
    async with Town.from_description(await service.town(), root=HOME) as town:
        agent = await town.agent(_AGENT, behaviour=Answer(), voice=_AGENT_HZ)
        await town.login(agent)
        caller = await town.caller(_CALLER, voice=_CALLER_HZ)
        place = Place(caller=caller, agent=agent, settings=settings_of(service))
        numbers = {_OURS: town.direct_number(_QUEUE)} | {path.name: path.number for path in BARE_PATHS}
        progress.say("calls that are not counted")
        for _ in range(_WARM_UP):
            for number in numbers.values():
                await place.call(number)
        pids = {name: service.pid(name) for name in ("engine", "asterisk")}
        found = []
        for turn in range(1, RUNS + 1):
            before = processor_time(pids)
            times = await _run(place, numbers, calls, progress, f"run {turn} of {RUNS}")
            found.append(Run(times=times, other_cores=other_cores(before, processor_time(pids))))
        return found


async def _run(place: Place, numbers: Mapping[str, str], calls: int, progress: Progress, what: str) -> Times:
    """The paths in turn; each round begins with another one, so that none always follows the same."""
    paths = list(numbers)
    times: dict[str, list[float]] = {path: [] for path in paths}
    for done in range(calls):
        progress.at(done * len(paths), calls * len(paths), f"{what}, calls")
        for path in paths[done % len(paths) :] + paths[: done % len(paths)]:
            times[path].append(await place.call(numbers[path]))
    return times


def _result(runs: Sequence[Run]) -> Result:
    paths = list(runs[0].times)
    rows = [
        (number, path, len(times), min(times), median(times), percentile(times, 95), max(times), run.other_cores)
        for number, run in enumerate(runs, 1)
        for path, times in run.times.items()
    ]
    ratios = {path: [run.ratio(path) for run in runs] for path in paths if path != _OURS}
    headline = median(ratios[ANSWER_DIAL.name])
    return Result(
        tables=(
            Table(
                title="Idle agent: the caller's INVITE -> the agent's INVITE, milliseconds",
                headings=("run", "path", "n", "min", "p50", "p95", "max", "other load, cores"),
                rows=tuple(rows),
            ),
            Table(
                title="Guildhall's p50 over the bare path's",
                headings=("beside", *[f"run {number}" for number in range(1, len(runs) + 1)], "median"),
                rows=tuple((path, *found, median(found)) for path, found in ratios.items()),
            ),
        ),
        notes=(
            f"Median of the ratios beside {ANSWER_DIAL.name}: {headline:.2f} (aim: at most {_AIM:g}).",
            "Paths in turn, call by call, on one Asterisk, to one phone. The bare paths have no fence, no join check",
            "and, but for the last, no recorder; Asterisk sends the engine its events of all of them.",
        ),
        figures={
            "ratio_median": headline,
            **{f"p50_ms {path}": median([median(run.times[path]) for run in runs]) for path in paths},
            **{f"p95_ms {path}": median([percentile(run.times[path], 95) for run in runs]) for path in paths},
            **{f"ratio beside {path}": median(found) for path, found in ratios.items()},
        },
    )


MEASUREMENT = Measurement(
    name="idle_agent",
    tells="an idle agent's phone rings: INVITE to INVITE, beside Answer + Dial() on the same Asterisk",
    takes="6 min, quick 2 min",
    run=measure,
)
