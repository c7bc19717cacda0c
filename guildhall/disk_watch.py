"""Watches the disk that recordings are written to: nearly full is an alarm within seconds, and again while it lasts."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import NoReturn

import structlog

from kernel.facts import AlarmRaised
from recordings.ports import Clock, FactSink

log = structlog.get_logger()

#: P5: an alarm within ten seconds.
_EVERY_S = 5.0
#: One that lasts is told again after so long.
_AGAIN_S = 600.0


class DiskWatch:
    """``run`` it beside the worker."""

    def __init__(self, folder: Path, facts: FactSink, clock: Clock, *, least_gb: float) -> None:
        self._folder, self._facts, self._clock = folder, facts, clock
        self._least_gb = least_gb
        self._told_at: float | None = None

    async def run(self) -> NoReturn:
        """Look for ever."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY_S)

    def look(self) -> None:
        """Look once."""
        try:
            free = shutil.disk_usage(self._folder).free / 1e9
        except FileNotFoundError:
            # Asterisk makes it at its first start.
            return
        now = self._clock.now()
        if free >= self._least_gb:
            self._told_at = None
        elif self._told_at is None or now - self._told_at >= _AGAIN_S:
            self._told_at = now
            log.error("ALARM: the disk of recordings is nearly full", free_gb=round(free, 2))
            self._facts.publish(AlarmRaised(t=now, what="disk_low", detail=f"{free:.2f}GB"))
