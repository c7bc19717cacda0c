"""How long an engineer waits: `guildhall check` on a large flow and on hostile files, and a call in text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
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


#: A flow's file from somebody who means no good, or whose editor broke: each just within what is read at all.
HOSTILE: Mapping[str, Callable[[], str]] = {
    "99,000 values": lambda: (
        "start: s0\nsteps:\n" + "".join(f"  s{n}: {{verb: goto, next: t{n}}}\n" for n in range(16_000))
    ),
    "a list of 1 MiB": lambda: "[" + "1," * 500_000 + "]",
    "50,000 keys": lambda: "".join(f"k{n}: 1\n" for n in range(49_000)),
    "an open quote": lambda: 'start: "' + "x\n" * 500_000,
    "100,000 brackets": lambda: "[" * 100_000,
    "5,000 steps cut off": lambda: (
        "start: s\nsteps:\n  s: {verb: hangup}\n"
        + "".join(f"  s{n}: {{verb: play, prompts: [welcome], next: s{n // 2}}}\n" for n in range(1, 5_000)).replace(
            "s0}", "s}"
        )
    ),
}


def _hostile(progress: Progress) -> list[tuple[str, float, float, float]]:
    """(file, wall seconds, processor seconds, MiB) of one check each."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as place:
        folder = Path(shutil.copytree(HOME / "dialplans", Path(place) / "dialplans"))
        for name, text in HOSTILE.items():
            progress.say(f"guildhall check on {name}")
            (folder / "northmere/flows/main.yaml").write_text(text(), "utf-8")
            rows.append((name, *_measured("check", str(folder))))
    return rows


def _measured(*arguments: str) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and most MiB of one command; a code but 0 and 1 fails."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        done = subprocess.Popen(  # noqa: S603 - our own command line, no shell
            [sys.executable, "-m", "guildhall", *arguments], cwd=HOME, stdout=said, stderr=said
        )
        _, status, used = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        if done.returncode not in {0, 1}:
            said.seek(0)
            raise AssertionError(said.read()[-500:].decode(errors="replace"))
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _seconds(*arguments: str) -> tuple[float, float]:
    return _measured(*arguments)[:2]


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
    hostile = _hostile(progress)
    for at, key in enumerate(("wall_s", "processor_s", "mib"), start=1):
        figures[f"check_hostile_{key}_longest" if key != "mib" else "check_hostile_most_mib"] = max(
            row[at] for row in hostile
        )
    files = Table(
        title="`guildhall check` of hostile files, one each",
        headings=("file", "wall s", "processor s", "most MiB"),
        rows=tuple(hostile),
    )
    notes = ("Each is a whole process. `help` reads the modules of every command; a command reads its own only.",)
    return Result(tables=(table, files), notes=notes, figures=figures)


MEASUREMENT = Measurement(
    name="flows",
    tells="guildhall check on a flow of 5,000 steps and on hostile files",
    takes="1 min, quick 30 s",
    run=measure,
)
