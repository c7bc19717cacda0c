"""Keeps Asterisk's logs short: a few megabytes, whoever floods them, and its warnings no longer than a day."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import BinaryIO

import structlog

log = structlog.get_logger()

_EVERY_S = 30.0
#: Some 50,000 lines; a quiet county writes a few hundred bytes a day.
MOST_BYTES = 4 << 20


#: A line of Asterisk's begins so: [2026-11-23 02:28:33.752], in the machine's own time.
_DAY = slice(1, 20)
_OLDEST_S = 23 * 3600.0


class ShortLog:
    """Looks at one log now and then. With ``for_a_day`` no line of it is older; else what was in it is kept once."""

    def __init__(self, path: Path, most: int = MOST_BYTES, *, for_a_day: bool = False) -> None:
        self._path, self._most, self._for_a_day = path, most, for_a_day
        self._looked_at = -_EVERY_S

    def look(self, now: float, wall: float) -> None:
        """Empty the log when it is too long or old. ``now``: monotonic seconds, ``wall``: Unix seconds. Never raises.

        Asterisk appends (O_APPEND): emptied under it, it goes on at the beginning, and no signal is needed.
        """
        if now - self._looked_at < _EVERY_S:
            return
        self._looked_at = now
        try:
            size = 0 if self._path.is_symlink() else self._path.stat().st_size
            if not size or (size <= self._most and not (self._for_a_day and self._old(wall))):
                return
            with self._path.open("r+b") as whole:
                if not self._for_a_day:
                    self._keep(whole)
                whole.truncate(0)
        except FileNotFoundError:
            return
        except OSError as error:
            # A log is no reason to stop.
            log.warning("a log cannot be kept short", file=self._path.name, errno=error.errno)
        else:
            log.info("a log was too long or too old: begun anew", file=self._path.name)

    def _old(self, wall: float) -> bool:
        """Whether its first line is nearly a day old; one without a time counts as old."""
        with self._path.open("rb") as whole:
            began = whole.read(64).decode("ascii", "replace")[_DAY]
        try:
            return wall - time.mktime(time.strptime(began, "%Y-%m-%d %H:%M:%S")) > _OLDEST_S
        except (ValueError, OverflowError):
            return True

    def _keep(self, whole: BinaryIO) -> None:
        # The folder is Asterisk's own: a link in the copy's place must not be followed.
        copy = self._path.with_name(f"{self._path.name}.1")
        copy.unlink(missing_ok=True)
        with copy.open("xb") as kept:
            copy.chmod(0o640)
            shutil.copyfileobj(whole, kept)
