"""Fifty versions published under five calls a second: nobody is lost, and a call ends on the version it began with."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import load
from bench.measurement import Measurement, Result, figures_table
from bench.own_service import own_service, settings_of
from bench.percentiles import percentile
from bench.progress import Progress
from guildhall.facts_export import facts_since
from lab.service import ServiceProcess

PUBLICATIONS, CALLS = 50, 400
QUICK_PUBLICATIONS, QUICK_CALLS = 10, 75
_MAIN = "northmere/flows/main.yaml"
#: Two ways to say the same: each publication changes the flow, so that calls under way are on another version.
_OTHER = (re.compile(r"timeout: \w+"), "timeout: 4s")


@dataclass(slots=True)
class Published:
    """What became of the publications."""

    seconds: list[float] = field(default_factory=list)
    #: Unix seconds: when each was in force.
    at: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def publish_many(service: ServiceProcess, count: int) -> Published:
    """Publish one and the other in turn, each by the command line as an engineer does."""
    one = settings_of(service).dialplans
    other = Path(shutil.copytree(one, service.place / "other"))
    flow = other / _MAIN
    flow.write_text(_OTHER[0].sub(_OTHER[1], flow.read_text("utf-8")), "utf-8")
    done = Published()
    for number in range(count):
        began = time.monotonic()
        folder = one if number % 2 else other
        ran = await asyncio.to_thread(service.run, "publish", str(folder), "--json", check=False)
        try:
            done.at.append(float(json.loads(ran.stdout)["at"]))
            done.seconds.append(time.monotonic() - began)
        except (ValueError, TypeError, KeyError):
            done.refused.append((ran.stdout + ran.stderr)[-300:])
    return done


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Publish under load and count. Takes about two minutes."""
    calls, count = (QUICK_CALLS, QUICK_PUBLICATIONS) if quick else (CALLS, PUBLICATIONS)
    # An edit of the folder must not publish by itself between ours.
    with own_service(progress, load.EDITS, reload_on_edit="false") as service:
        carried, published, spanned = asyncio.run(_both(service, calls, count, progress))
    figures = {
        "calls": carried.asked,
        "sip_ok": carried.sipp.ok,
        "completed": carried.count("end", why="completed"),
        "recorded": carried.count("recording"),
        "published": len(published.seconds),
        "calls_under_way_as_one_took_force": spanned,
        "publish_p50_s": percentile(published.seconds, 50),
        "publish_max_s": percentile(published.seconds, 100),
        "wait_p95_ms": percentile(carried.waits_ms(), 95),
    }
    refused = tuple(f"a publication was refused: {told}" for told in published.refused)
    return Result(
        tables=(figures_table(f"{count} publications under {load.RATE:g} calls a second", figures),),
        notes=("Each publication is the whole command: start of Python, check, scenarios, prompts, Asterisk, engine.",),
        figures=dict(figures),
        failures=(*carried.failures(), *refused),
    )


async def _both(
    service: ServiceProcess, calls: int, count: int, progress: Progress
) -> tuple[load.Carried, Published, int]:
    carried, published = await asyncio.gather(load.carry(service, calls, progress), publish_many(service, count))
    facts = await facts_since(settings_of(service), 0.0)
    begun = {fact["call"]: fact["t"] for fact in facts if fact["ev"] == "call"}
    ended = {fact["call"]: fact["t"] for fact in facts if fact["ev"] == "end"}
    spanned = {call for call, t in begun.items() for at in published.at if t < at < ended.get(call, t)}
    return carried, published, len(spanned)


MEASUREMENT = Measurement(
    name="publish",
    tells="50 versions published under 5 calls a second: none lost, invariants clean",
    takes="2 min, quick 40 s",
    run=measure,
)
