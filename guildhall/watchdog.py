"""Notices an engine whose loop stands still: it shows life each second, and is ended when no sign comes for long.

Safe by law 1: the PBX holds every call and every place, so an engine that is killed costs callers no more than one that
stands still, and the next one decides within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import structlog

from guildhall import processes

log = structlog.get_logger()

_EVERY_S = 1.0


async def show_life(sign: Path) -> None:
    """Touch ``sign`` each second, from the engine's own loop; cancel to stop."""
    while True:
        with contextlib.suppress(OSError):
            sign.touch()  # noqa: ASYNC240 - one inode of our own disk, and a loop that hangs on it is what is to be seen
        await asyncio.sleep(_EVERY_S)


class Watchdog:
    """Looks at the sign for the keeper. Knows changes only, no clock of another process."""

    def __init__(self, pid_file: Path, sign: Path, limit_s: float) -> None:
        self._pid_file, self._sign, self._limit_s = pid_file, sign, limit_s
        self._seen: tuple[int | None, int | None] = (None, None)
        self._since = self._looked = 0.0

    def look(self, now: float) -> bool:
        """Kill an engine that has shown no life for the limit; whether it did. ``now``: monotonic seconds."""
        gap, self._looked = now - self._looked, now
        seen = (processes.running(self._pid_file), self._changed())
        # After a sleep of our own (a frozen keeper, a suspended machine) the engine gets its whole time again.
        if seen != self._seen or seen[0] is None or gap > self._limit_s / 2:
            self._seen, self._since = seen, now
            return False
        if now - self._since <= self._limit_s:
            return False
        log.error("the engine shows no sign of life: ending it", still_s=round(now - self._since))
        self._since = now
        with contextlib.suppress(ProcessLookupError):
            os.kill(seen[0], signal.SIGKILL)
        return True

    def _changed(self) -> int | None:
        try:
            return self._sign.stat().st_mtime_ns
        except OSError:
            return None
