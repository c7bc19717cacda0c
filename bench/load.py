"""Two hundred residents, five a second, through menu and queue to five agents: nobody may be lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measurement import Measurement, Result, figures_table
from bench.own_service import ALL_TAKE_BINS, NO_WRAP_UP, own_service, settings_of
from bench.percentiles import percentile
from bench.processor_time import ProcessorTime, other_cores, processor_time
from bench.progress import Progress
from guildhall.facts_export import facts_since
from guildhall.settings import Settings
from lab.behaviour import Answer
from lab.load import Load, LoadResult, run_sipp
from lab.service import HOME, ServiceProcess, eventually
from lab.town import Town

CALLS, QUICK_CALLS, RATE = 200, 50, 5.0
#: What the five agents can serve: 5 / (talk + joining and parting, about 0.1 s) = 7 a second. Their phones count from
#: the ACK, and a PBX that is behind joins later: well above the 0.3 s below which it is no talk (docs/decisions/0057).
_TALK_S = 0.6
#: A resident who gets no agent for so long is lost.
_PATIENCE_S = 30.0
#: sipp's residents say next to nothing, so the agents talk: a call without sound leaves no recording.
_AGENT_HZ = 1000
_COUNCIL, _KEY_FOR_BINS = "northmere", "1"
#: The recorder files a call some seconds after its end at most.
_SETTLED_S = 20.0
EDITS = (NO_WRAP_UP, *ALL_TAKE_BINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What became of the load."""

    asked: int
    sipp: LoadResult
    facts: Sequence[Mapping[str, Any]]
    before: ProcessorTime
    after: ProcessorTime
    breaches: str

    def count(self, ev: str, **fields: object) -> int:
        """How many facts of this kind there are, with these fields."""
        return sum(bool(fact["ev"] == ev and fields.items() <= fact.items()) for fact in self.facts)

    def waits_ms(self) -> list[float]:
        """From entering the queue to the agent's answer, milliseconds, one a call that was answered."""
        arrived = {fact["call"]: fact["t"] for fact in self.facts if fact["ev"] == "arrive"}
        return [
            (fact["t"] - arrived[fact["call"]]) * 1000
            for fact in self.facts
            if fact["ev"] == "answer" and fact["call"] in arrived
        ]

    def cpu_ms_per_call(self, process: str) -> float:
        """Processor time of this process for each call, milliseconds."""
        return (self.after.processes[process] - self.before.processes[process]) * 1000 / self.asked

    def failures(self) -> tuple[str, ...]:
        """What must hold and did not."""
        counts = {
            "SIP calls that went well": self.sipp.ok,
            "contacts that entered the queue": self.count("arrive"),
            "contacts that were answered": len(self.waits_ms()),
            "contacts that ended completed": self.count("end", why="completed"),
            "recordings": self.count("recording"),
        }
        lost = tuple(f"{what}: {found} of {self.asked}" for what, found in counts.items() if found != self.asked)
        return (*lost, f"invariants: {self.breaches}") if self.breaches else lost


async def carry(service: ServiceProcess, calls: int, progress: Progress) -> Carried:
    """Log five agents in, let the residents come, and count when all is over."""
    settings = settings_of(service)
    async with Town.from_description(await service.town(), root=HOME) as town:
        progress.say("five agents log in by star codes")
        await asyncio.gather(*(_log_in(town, agent) for agent in town.agents))
        load = Load(
            number=town.menu_number(_COUNCIL),
            server=town.agents[next(iter(town.agents))].server,
            rate=RATE,
            count=calls,
            keys=_KEY_FOR_BINS,
            stay_s=_PATIENCE_S,
        )
        pids = {name: service.pid(name) for name in ("engine", "asterisk")}
        before = processor_time(pids)
        telling = asyncio.create_task(_tell(settings, calls, progress))
        try:
            counted = await run_sipp(load)
        finally:
            telling.cancel()
        after = processor_time(pids)
        facts = await _settled(settings, calls)
    breaches = await asyncio.to_thread(service.breaches)
    return Carried(asked=calls, sipp=counted, facts=facts, before=before, after=after, breaches=breaches)


async def _log_in(town: Town, agent: str) -> None:
    phone = await town.agent(agent, behaviour=Answer(hang_up_after_s=_TALK_S), voice=_AGENT_HZ)
    await town.login(phone)


async def _tell(settings: Settings, calls: int, progress: Progress) -> None:
    while True:
        await asyncio.sleep(2.0)
        facts = await facts_since(settings, 0.0)
        progress.at(sum(fact["ev"] == "end" for fact in facts), calls, "calls served")


async def _settled(settings: Settings, calls: int) -> list[dict[str, Any]]:
    """The facts once every call is filed, or as they are when that takes too long: then something is missing."""
    found: list[dict[str, Any]] = []

    async def filed() -> bool:
        found[:] = await facts_since(settings, 0.0)
        return len([fact for fact in found if fact["ev"] == "recording"]) >= calls

    with contextlib.suppress(AssertionError):
        await eventually(filed, within_s=_SETTLED_S, every_s=0.5)
    return found


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Carry the load and tabulate. Takes about a minute."""
    with own_service(progress, EDITS) as service:
        carried = asyncio.run(carry(service, QUICK_CALLS if quick else CALLS, progress))
    return _result(carried)


def _result(carried: Carried) -> Result:
    waits = carried.waits_ms()
    figures = {
        "calls": carried.asked,
        "sip_ok": carried.sipp.ok,
        "arrived": carried.count("arrive"),
        "completed": carried.count("end", why="completed"),
        "recorded": carried.count("recording"),
        "offers": carried.count("offer"),
        "wait_p50_ms": percentile(waits, 50),
        "wait_p95_ms": percentile(waits, 95),
        "wait_max_ms": percentile(waits, 100),
        "engine_cpu_ms_per_call": carried.cpu_ms_per_call("engine"),
        "asterisk_cpu_ms_per_call": carried.cpu_ms_per_call("asterisk"),
        "other_load_cores": other_cores(carried.before, carried.after),
    }
    return Result(
        tables=(
            figures_table(
                f"Load: {carried.asked} calls at {RATE:g} a second through menu and queue to five agents", figures
            ),
        ),
        notes=(
            "Waits are from entering the queue to the agent's answer. Processor time is all of the process's while the",
            "load ran, divided by the calls: menu, prompts, hold music and recording included.",
        ),
        figures=dict(figures),
        failures=carried.failures(),
    )


MEASUREMENT = Measurement(
    name="load",
    tells="200 calls at 5 a second from sipp through menu and queue to five agents: none lost, invariants clean",
    takes="1 min, quick 30 s",
    run=measure,
)
