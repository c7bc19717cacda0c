"""Our own background processes: known by pid *and* start time, so that a reused pid is never taken for ours."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path

_POLL_S = 0.05


def _started(pid: int) -> str | None:
    """The kernel's start time of a process (proc(5), field 22), None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def remember(path: Path, pid: int) -> None:
    """Write a pid file, in one go: a reader meets the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"pid": pid, "started": _started(pid)}), encoding="ascii")
    part.replace(path)


def running(path: Path) -> int | None:
    """The pid when the process of this pid file still runs."""
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        pid, started = int(kept["pid"]), kept["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if started is not None and _started(pid) == started else None


def stop(path: Path, *, grace_s: float) -> bool:
    """End the process of this pid file: politely, then by force. True when one was running."""
    pid = running(path)
    if pid is not None:
        _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while running(path) is not None and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(_POLL_S)
        if running(path) is not None:
            _signal(pid, signal.SIGKILL)
            while running(path) is not None:
                _reap(pid)
                time.sleep(_POLL_S)
    path.unlink(missing_ok=True)
    return pid is not None


def set_priority(pid: int, nice: int) -> None:
    """Let a process and what it will start go before others (negative) or after them (positive), -20 to 19.

    Where the kernel groups processes by session, nice counts within a session only, and the group has a nice value of
    its own (sched(7), "The autogroup feature"): both are set. A machine that refuses is served without.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(f"{nice}\n", encoding="ascii")


def _signal(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that ended by itself a moment ago has what it was asked for."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(pid: int) -> None:
    """Collect the process when it is our own child; another's is collected by its parent."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
