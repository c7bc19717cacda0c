"""A hundred wait, ten serve: from an agent's goodbye to her phone's next ring, beside app_queue and a bare loop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

from bench.ami import Ami
from bench.bare_loop import LOOP_NUMBER, QUEUE_NUMBER, BareLoop, app_queue, bare_loop_dialplan
from bench.many_agents import QUEUE, at_their_phones, say, sip_users, write_people
from bench.measurement import Figure, Measurement, Result, Table
from bench.own_service import NO_LIMITS, NO_WRAP_UP, own_service, settings_of
from bench.percentiles import median, percentile
from bench.processor_time import other_cores, processor_time
from bench.progress import Progress
from guildhall.settings import Settings
from kernel.agent import Presence
from lab.load import Load, run_sipp
from lab.phone import Phone
from lab.service import HOME, ServiceProcess, eventually
from lab.timeline import Way
from lab.town import Town

RUNS, SECONDS, QUICK_SECONDS = 5, 10.0, 8.0
AGENTS, WAITING = 10, 100
#: sipp's residents: ten talk, a hundred wait.
_AT_ONCE, _RATE, _MOST = AGENTS + WAITING, 50.0, 2000
_TALK_S, _AGENT_HZ = 2.0, 1000
#: Until a hundred wait.
_WARM_UP_S = 5.0
_OURS, _QUEUE, _LOOP = "Guildhall", "app_queue, leastrecent, retry=1", "bare loop, same dialplan"
#: The aims of issue 3, for the note.
_P50_AIM, _P99_AIM = 1.5, 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One path in one run."""

    #: Milliseconds from an agent's BYE to her next INVITE.
    gaps: Sequence[float]
    calls: int
    engine_ms_per_call: float
    asterisk_ms_per_call: float
    other_cores: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The service, and who sits at its phones."""

    service: ServiceProcess
    settings: Settings
    town: Town
    agents: Sequence[Phone]


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Measure and tabulate. Takes about six minutes, one with ``quick``."""
    users = sip_users(AGENTS)
    with own_service(
        progress,
        [NO_WRAP_UP, NO_LIMITS],
        dialplan=bare_loop_dialplan(QUEUE),
        queues=app_queue(users),
        prepare=lambda dialplans: write_people(dialplans, AGENTS),
    ) as service:
        runs = asyncio.run(_runs(service, 1 if quick else RUNS, QUICK_SECONDS if quick else SECONDS, progress))
    return _result(runs)


async def _runs(service: ServiceProcess, runs: int, seconds: float, progress: Progress) -> list[Mapping[str, Leg]]:
    settings = settings_of(service)
    async with Town.from_description(await service.town(), root=HOME) as town:
        agents = await at_their_phones(town, AGENTS, talk_s=_TALK_S, voice=_AGENT_HZ)
        place = Place(service=service, settings=settings, town=town, agents=agents)
        found: list[Mapping[str, Leg]] = []
        for turn in range(runs):
            legs: dict[str, Leg] = {}
            paths = [_OURS, _QUEUE, _LOOP]
            for path in paths[turn % 3 :] + paths[: turn % 3]:
                progress.say(f"run {turn + 1} of {runs}: {path}")
                async with _serving(path, place) as number:
                    legs[path] = await _leg(place, number, seconds)
            found.append(legs)
        return found


@asynccontextmanager
async def _serving(path: str, place: Place) -> AsyncIterator[str]:
    """Whoever distributes on this path, and the number that leads there."""
    if path == _OURS:
        await say(place.settings, AGENTS, Presence.READY)
        yield place.town.direct_number(QUEUE)
        await say(place.settings, AGENTS, Presence.LOGGED_OUT)
    elif path == _QUEUE:
        yield QUEUE_NUMBER
    else:
        loop = BareLoop(place.settings, sip_users(AGENTS))
        await loop.open()
        yield LOOP_NUMBER
        loop.close()


async def _leg(place: Place, number: str, seconds: float) -> Leg:
    for phone in place.agents:
        phone.calls.clear()
    enough = asyncio.Event()
    load = Load(
        number=number,
        server=next(iter(place.town.agents.values())).server,
        rate=_RATE,
        count=_MOST,
        at_once=_AT_ONCE,
        stay_s=seconds * 20,
    )
    pids = {name: place.service.pid(name) for name in ("engine", "asterisk")}
    residents = asyncio.create_task(run_sipp(load, enough))
    try:
        await asyncio.sleep(_WARM_UP_S)
        began = [len(phone.calls) for phone in place.agents]
        before = processor_time(pids)
        await asyncio.sleep(seconds)
        after = processor_time(pids)
        legs = [phone.calls[first:] for phone, first in zip(place.agents, began, strict=True)]
    finally:
        enough.set()
        await _hang_up_all(place.settings)
        await residents
    await eventually(lambda: not any(leg.alive for phone in place.agents for leg in phone.calls), within_s=10)
    gaps = [
        (later.log.when("INVITE", Way.RECEIVED) - sooner.log.when("BYE", Way.SENT)) * 1000
        for one in legs
        for sooner, later in pairwise(one)
    ]
    spent = {name: after.processes[name] - before.processes[name] for name in pids}
    calls = max(1, len(gaps))
    return Leg(
        gaps=gaps,
        calls=len(gaps),
        engine_ms_per_call=spent["engine"] * 1000 / calls,
        asterisk_ms_per_call=spent["asterisk"] * 1000 / calls,
        other_cores=other_cores(before, after),
    )


async def _hang_up_all(settings: Settings) -> None:
    """End every resident's call: a hundred would wait for minutes."""
    ami = Ami(settings, lambda _event: None)
    await ami.open()
    # Twice: a call may begin while the first is at work.
    for _ in range(2):
        ami.send(("Hangup", {"Channel": "/^PJSIP/trunk-.*$/", "Cause": "16"}))
        await asyncio.sleep(1.5)
    ami.close()


def _result(runs: Sequence[Mapping[str, Leg]]) -> Result:
    ratios = [_ratio(run[_OURS], run[_LOOP], 50) for run in runs]
    tails = [_ratio(run[_OURS], run[_QUEUE], 99) for run in runs]
    found = [(number, path, leg) for number, run in enumerate(runs, 1) for path, leg in run.items()]
    return Result(
        tables=(
            _times(found),
            Table(
                title="Ratios in one run",
                headings=("of", *[f"run {number}" for number in range(1, len(runs) + 1)], "median"),
                rows=(
                    ("Guildhall's p50 over the bare loop's", *ratios, median(ratios)),
                    ("Guildhall's p99 over app_queue's", *tails, median(tails)),
                ),
            ),
        ),
        notes=(
            f"Aims: p50 at most {_P50_AIM:g} x the bare loop, p99 below {_P99_AIM:.2f} x app_queue's.",
            "Guildhall and the bare loop run one dialplan: recorder, fence, join check; app_queue records nothing.",
            "Asterisk sends the engine its events on every path.",
        ),
        figures={
            "p50_ratio_to_bare_loop": median(ratios),
            "p99_ratio_to_app_queue": median(tails),
            **{f"p50_ms {path}": median([median(run[path].gaps) for run in runs]) for path in runs[0]},
            **{f"p99_ms {path}": median([percentile(run[path].gaps, 99) for run in runs]) for path in runs[0]},
        },
        failures=tuple(f"run {number}: {path}: nobody was rung twice" for number, path, leg in found if not leg.gaps),
    )


def _times(found: Sequence[tuple[int, str, Leg]]) -> Table:
    rows: list[tuple[Figure, ...]] = [
        (
            *(number, path, leg.calls),
            *(percentile(leg.gaps, percent) for percent in (50, 95, 99, 100)),
            *(leg.engine_ms_per_call, leg.asterisk_ms_per_call, leg.other_cores),
        )
        for number, path, leg in found
    ]
    return Table(
        title=f"Backlog, {WAITING} waiting, {AGENTS} agents: an agent's BYE -> her next INVITE, milliseconds",
        headings=(
            *("run", "path", "n", "p50", "p95", "p99", "max"),
            *("engine ms/call", "Asterisk ms/call", "other load, cores"),
        ),
        rows=tuple(rows),
    )


def _ratio(ours: Leg, other: Leg, percent: float) -> float:
    return percentile(ours.gaps, percent) / percentile(other.gaps, percent) if ours.gaps and other.gaps else math.nan


MEASUREMENT = Measurement(
    name="backlog",
    tells="100 waiting, 10 agents: BYE to the next INVITE, beside app_queue and a bare loop",
    takes="6 min, quick 1.5 min",
    run=measure,
)
