"""How long an engineer waits: `guildhall check` on a flow of five thousand steps, and a call in text through it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measurement import Measurement, Result, Table
from bench.percentiles import percentile
from bench.progress import Progress
from lab.service import HOME

STEPS, TIMES, QUICK_TIMES = 5_000, 9, 3
_NUMBER = "03069990061"


def big_council(folder: Path) -> Path:
    """The sample councils, and a number whose flow has so many steps."""
    shutil.copytree(HOME / "dialplans", folder)
    steps = [f"  s{at}: {{verb: play, prompts: [welcome], next: s{at + 1}}}" for at in range(STEPS - 1)]
    steps.append(f"  s{STEPS - 1}: {{verb: enqueue, queue: northmere.emergency}}")
    (folder / "northmere/flows/big.yaml").write_text("\n".join(["start: s0", "steps:", *steps, ""]), "utf-8")
    tenant = folder / "northmere/tenant.yaml"
    tenant.write_text(
        tenant.read_text("utf-8").replace("numbers:\n", f'numbers:\n  - {{number: "{_NUMBER}", flow: big}}\n'), "utf-8"
    )
    return folder


def _seconds(*arguments: str) -> tuple[float, float]:
    """(wall, processor) seconds of one command; a code but 0 and 1 fails."""
    before, began = os.times(), time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own command line, no shell
        [sys.executable, "-m", "guildhall", *arguments], cwd=HOME, capture_output=True, text=True, check=False
    )
    after = os.times()
    if done.returncode not in {0, 1}:
        raise AssertionError(done.stderr[-500:])
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, used


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Run each command some times."""
    rows = []
    figures: dict[str, float | int | str | None] = {}
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as place:
        folder = str(big_council(Path(place) / "dialplans"))
        for name, command in {
            "check_5000_steps": ("check", folder),
            "dial": ("dial", _NUMBER, "--path", folder),
            "help": ("--help",),
        }.items():
            progress.say(f"guildhall {command[0]}")
            took = [_seconds(*command) for _ in range(QUICK_TIMES if quick else TIMES)]
            wall, used = ([one[at] for one in took] for at in (0, 1))
            figures |= {f"{name}_wall_p50_s": percentile(wall, 50), f"{name}_processor_p50_s": percentile(used, 50)}
            rows.append((name, percentile(wall, 50), percentile(wall, 100), percentile(used, 50)))
    table = Table(
        title=f"The engineer's commands, a flow of {STEPS} steps",
        headings=("command", "wall p50 s", "wall longest s", "processor p50 s"),
        rows=tuple(rows),
    )
    notes = ("Each is a whole process: `help` is what starting Python and reading the command line costs.",)
    return Result(tables=(table,), notes=notes, figures=figures)


MEASUREMENT = Measurement(
    name="flows", tells="guildhall check on a flow of 5,000 steps", takes="1 min, quick 20 s", run=measure
)
