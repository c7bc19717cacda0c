"""An hour of both voices through the recordings' worker: sealed, opened again, compared; memory and speed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from bench.measurement import Measurement, Result, Table
from bench.progress import Progress
from lab.service import HOME

_HOUR_S, _QUICK_S = 3600, 300
#: Issue 6's aims for an hour: megabytes of memory, and how many times faster than it was spoken.
_MOST_MB, _LEAST_TIMES = 120, 60
#: And what all bad input together may cost.
_MOST_MORE_MB = 100


def run(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement's signature
    """Measure in a process of its own, so that nothing else stands in its memory."""
    seconds = _QUICK_S if quick else _HOUR_S
    progress.say(f"recordings: {seconds} s of made-up speech, both sides")
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "tests.fakes.recordings_bench", "hour", folder, str(seconds)],
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    progress.say("recordings: bad input")
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        bad = subprocess.run(  # noqa: S603 - as above
            [sys.executable, "-m", "tests.fakes.bad_recordings", folder],
            cwd=HOME,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode or bad.returncode:
        return Result(tables=(), notes=(), failures=(f"the worker failed: {done.stderr[-300:]}{bad.stderr[-300:]}",))
    return _told(json.loads(done.stdout[done.stdout.index("{\n") :]), json.loads(bad.stdout))


def _told(found: dict[str, Any], bad: dict[str, Any]) -> Result:
    rows = (
        ("seconds of talk", found["seconds"], None),
        ("wall seconds", found["wall_s"], None),
        ("times faster than spoken", found["times_real_time"], _LEAST_TIMES),
        ("processor seconds of ffmpeg", found["ffmpeg_cpu_s"], None),
        ("worker's memory, MB (RSS, highest)", found["worker_rss_mb"], _MOST_MB),
        ("of it before the work, MB", found["worker_rss_before_mb"], None),
        ("largest child's memory, MB (RSS)", found["largest_child_rss_mb"], _MOST_MB),
        ("sealed, MB", found["sealed_mb"], None),
    )
    met = (
        ("kinds of bad input", len(bad["told"]), None),
        ("worker's memory before, MB (RSS, highest)", bad["before_mb"], None),
        ("more of it behind them, MB", bad["more_mb"], _MOST_MORE_MB),
    )
    headings = ("figure", "found", "aim")
    kept = found["state"] in {"kept", "filed"}
    return Result(
        tables=(
            Table(title="Recordings: one long call", headings=headings, rows=rows),
            Table(title="Recordings: bad input", headings=headings, rows=met),
        ),
        notes=("The whole way: loudness, Opus, sealing, opening, decoding and comparing; ffmpeg at nice 15.",),
        figures={name: found[name] for name in ("wall_s", "times_real_time", "worker_rss_mb", "largest_child_rss_mb")},
        failures=() if kept else ("the recording was not kept",),
    )


MEASUREMENT = Measurement(
    name="recordings", tells="an hour of both voices, sealed and verified", takes="about a minute", run=run
)
