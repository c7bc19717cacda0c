"""Processor time of single processes and of the whole machine, from /proc (proc(5))."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
#: utime and stime: fields 14 and 15 of /proc/<pid>/stat, counted behind the name in parentheses.
_UTIME, _STIME = 11, 12
#: /proc/stat, first line: user, nice, system, then idle and iowait, then irq and softirq.
_BUSY_FIELDS = (0, 1, 2, 5, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorTime:
    """Seconds of processor time up to one moment."""

    #: Monotonic seconds.
    at: float
    processes: Mapping[str, float]
    #: This bench with the children it has waited for (sipp).
    own: float
    machine: float


def processor_time(pids: Mapping[str, int]) -> ProcessorTime:
    """Read the clocks of these processes. Raises ``OSError`` when one is gone."""
    own = os.times()
    return ProcessorTime(
        at=time.monotonic(),
        processes={name: _of(pid) for name, pid in pids.items()},
        own=own.user + own.system + own.children_user + own.children_system,
        machine=_machine(),
    )


def other_cores(before: ProcessorTime, after: ProcessorTime) -> float:
    """How many cores were busy, on average, with what is not ours: a machine that others use measures them as well."""
    ours = sum(after.processes.values()) - sum(before.processes.values()) + after.own - before.own
    return max(0.0, (after.machine - before.machine - ours) / (after.at - before.at))


def _of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS


def _machine() -> float:
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    return sum(int(fields[index]) for index in _BUSY_FIELDS) / _TICKS
