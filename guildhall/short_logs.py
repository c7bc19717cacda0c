"""Keeps Asterisk's log short: at most two files of a few megabytes, whoever floods it."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

log = structlog.get_logger()

_EVERY_S = 30.0
#: Some 50,000 lines; a quiet county writes a few hundred bytes a day.
MOST_BYTES = 4 << 20


class ShortLog:
    """Looks at one log now and then. What was in it is kept once, in a file with ``.1`` behind its name."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self._path, self._most = path, most
        self._looked_at = -_EVERY_S

    def look(self, now: float) -> None:
        """Empty the log when it is too long. ``now``: monotonic seconds. Never raises: a log is no reason to stop."""
        if now - self._looked_at < _EVERY_S:
            return
        self._looked_at = now
        try:
            if self._path.is_symlink() or self._path.stat().st_size <= self._most:
                return
            # Asterisk appends (O_APPEND): emptied under it, it goes on at the beginning, and no signal is needed.
            # The folder is its own: a link in the copy's place must not be followed.
            copy = self._path.with_name(f"{self._path.name}.1")
            copy.unlink(missing_ok=True)
            with self._path.open("r+b") as whole, copy.open("xb") as kept:
                copy.chmod(0o640)
                shutil.copyfileobj(whole, kept)
                whole.truncate(0)
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("a log cannot be kept short", file=self._path.name, errno=error.errno)
        else:
            log.info("a log was too long: begun anew", file=self._path.name)
