"""A large day through the simulator: 30,000 calls and 300 agents, by itself and under routing of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measurement import Measurement, Result, Table
from bench.percentiles import percentile
from bench.progress import Progress
from guildhall.settings import HOME

CALLS, AGENTS = 30_000, 300
QUICK_CALLS, QUICK_AGENTS = 6_000, 60
TIMES, QUICK_TIMES = 5, 1
_QUEUES = tuple(f"northmere.q{number}" for number in range(8))
_SKILLS = ("waste", "rent", "roads", "welsh")
_BEGIN, _HOURS = 8 * 3600, 10
#: The same day in every run.
_SEED = 20_261_122
#: Issue 3's aim for the day by itself, seconds.
_AIM_S = 15.0


def _calls(chance: random.Random, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        queue = chance.choice(_QUEUES)
        yield {
            "call": f"k{number:06}",
            # Two humps, as days of councils have them.
            "t": _BEGIN + 3600 * chance.triangular(0, _HOURS, chance.choice((2, 6))),
            "queue": queue,
            "council": "northmere",
            "skills": {_SKILLS[_QUEUES.index(queue) % len(_SKILLS)]: chance.randint(1, 3)},
            "patience": chance.expovariate(1 / 240),
            "service": chance.expovariate(1 / 240),
            "wrap": 20.0,
        }


def _agents(chance: random.Random, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        on = _BEGIN + 3600 * chance.choice((0, 0, 1, 2))
        yield {
            "agent": f"a{number:03}",
            "council": "northmere",
            "queues": [*chance.sample(_QUEUES, 4), "northmere.last"],
            "skills": {skill: chance.randint(1, 5) for skill in _SKILLS},
            "on": on,
            "off": on + 8 * 3600,
            "answer_delay": 3.0,
            "rona_p": 0.01,
            "breaks": [[on + 14_400, on + 16_200]],
        }


#: What the second day has: each of these makes a decision look at more.
_ROUTING = {
    "queues": [
        {
            "id": queue,
            "weight": number % 3,
            "service_level": "30s",
            "strategy": ("longest_idle", "least_occupied", "best_skill")[number % 3],
            "relaxing": [{"after": "60s", "skills": {}}],
            "limits": {"timeout": {"after": "10m", "to": "overflow", "queue": "northmere.last"}},
            "announce": {"position": "yes", "expected_wait": "yes"},
        }
        for number, queue in enumerate(_QUEUES)
    ],
    "councils": {"northmere": {"share": 100, "emergency_queue": _QUEUES[0]}},
}


def day(calls: int, agents: int, routing: object = None) -> str:
    """The day file."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible, nothing secret
    return json.dumps(
        {"calls": [*_calls(chance, calls)], "agents": [*_agents(chance, agents)]}
        | ({} if routing is None else {"routing": routing})
    )


def _seconds(path: Path, facts: Path) -> tuple[float, float, str]:
    """(wall, processor) seconds of the whole command, facts written; and what it said of the calls."""
    before, began = os.times(), time.monotonic()
    command = [sys.executable, "-m", "guildhall", "simulate", str(path), "--facts", str(facts), "--json"]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise AssertionError(done.stderr[-500:])
    after = os.times()
    figures = json.loads(done.stdout)["the day"]
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, used, f"{figures['answered']} answered, {figures['abandoned']} abandoned"


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Play each day some times."""
    calls, agents = (QUICK_CALLS, QUICK_AGENTS) if quick else (CALLS, AGENTS)
    rows: list[tuple[str | int | float, ...]] = []
    figures: dict[str, float | int | str | None] = {}
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as place:
        for name, routing in (("plain", None), ("with routing", _ROUTING)):
            path = Path(place) / "day.json"
            path.write_text(day(calls, agents, routing), encoding="utf-8")
            progress.say(f"{name}: {calls} calls, {agents} agents")
            took = [_seconds(path, Path(place) / "facts.jsonl") for _ in range(QUICK_TIMES if quick else TIMES)]
            wall, used = [one[0] for one in took], [one[1] for one in took]
            rows.append((name, len(took), percentile(wall, 50), max(wall), percentile(used, 50), took[0][2]))
            figures |= {f"{name} wall_p50_s": percentile(wall, 50), f"{name} processor_p50_s": percentile(used, 50)}
    table = Table(
        title=f"guildhall simulate, {calls} calls, {agents} agents, facts written; seconds",
        headings=("day", "n", "wall p50", "wall longest", "processor p50", "of the calls"),
        rows=tuple(rows),
    )
    notes = (f"The whole command, start of Python included (aim for the plain day: at most {_AIM_S:.0f} s).",)
    return Result(tables=(table,), notes=notes, figures=figures)


MEASUREMENT = Measurement(
    name="day",
    tells="a day of 30,000 calls and 300 agents through the simulator",
    takes="3 min, quick 20 s",
    run=measure,
)
