"""Watches the councils' folder, the journal and the notices: each change is brought into force by an errand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog

from guildhall.hours_board import notice_board
from guildhall.publishing import versions_of
from guildhall.settings import HOME, Settings
from kernel.errors import GuildhallError
from kernel.versions import in_force

log = structlog.get_logger()

_EVERY_S = 0.5
#: An editor writes more than once, and a person saves more than one file.
_QUIET_S = 1.0
#: A folder with more is refused by whoever reads it; looking must not cost more than that.
_MAX_FILES = 5000

Sight = frozenset[tuple[str, int, int]]


class Errand(Protocol):
    """Work under way in another process."""

    def poll(self) -> int | None:
        """Its exit status; None while it works."""


@dataclass(slots=True)
class Watch:
    """One look twice a second; the work itself is another process's (``guildhall/follow.py``)."""

    settings: Settings
    #: Starts an errand, ``edit``, ``due`` or ``notices``; what it returns tells by ``poll()`` whether it is done.
    start: Callable[[str], Errand]
    _sight: Sight | None = None
    _published: Sight | None = None
    _changed_at: float = 0.0
    _looked_at: float = 0.0
    _journal: tuple[int, int] = (0, 0)
    _due: list[float] = field(default_factory=list)
    _working: Errand | None = None
    _noticed: tuple[int, int] = (0, 0)
    #: Apart from the others: a publication may take minutes, and a closing at short notice five seconds.
    _noticing: Errand | None = None

    def look(self, now: float, wall: float) -> None:
        """Look, and start the work when there is some. ``now``: monotonic seconds; ``wall``: Unix seconds."""
        if now - self._looked_at < _EVERY_S:
            return
        self._looked_at = now
        if self._was_noticed():
            self._noticing = self.start("notices")
        if self._working is not None and self._working.poll() is None:
            return
        self._working = None
        if self._is_due(wall):
            self._working = self.start("due")
        elif self.settings.reload_on_edit and self._was_edited(now):
            self._working = self.start("edit")

    def _was_noticed(self) -> bool:
        if self._noticing is not None and self._noticing.poll() is None:
            return False
        try:
            told = notice_board(self.settings).path.stat()
        except OSError:
            return False
        before, self._noticed = self._noticed, (told.st_mtime_ns, told.st_size)
        return before != self._noticed

    def _was_edited(self, now: float) -> bool:
        sight = _sight(self.settings.dialplans)
        if self._published is None:
            # What was there at the start is `guildhall up`'s.
            self._published = self._sight = sight
        if sight != self._sight:
            self._sight, self._changed_at = sight, now
        if sight == self._published or now - self._changed_at < _QUIET_S:
            return False
        self._published = sight
        return True

    def _is_due(self, wall: float) -> bool:
        try:
            told = (self.settings.versions / "journal.jsonl").stat()
        except OSError:
            return False
        if self._journal != (told.st_mtime_ns, told.st_size):
            self._journal = (told.st_mtime_ns, told.st_size)
            try:
                pending = in_force(versions_of(self.settings).journal(), wall).pending
            except GuildhallError as error:
                log.error("the journal of versions cannot be read", code=error.code)  # noqa: TRY400 - the code says all
                pending = ()
            self._due = [one.at for one in pending]
        due = [at for at in self._due if at <= wall]
        self._due = [at for at in self._due if at > wall]
        return bool(due)


def errand(settings: Settings, what: str) -> Errand:
    """Start ``guildhall/follow.py``: reading and checking takes seconds, in which the keeper must keep."""
    with (settings.logs / "publish.out").open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - our own module and a fixed word
            [sys.executable, "-m", "guildhall.follow", what],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=HOME,
        )


def _sight(folder: Path) -> Sight:
    """Names, times and sizes of what a version would hold."""
    seen: list[tuple[str, int, int]] = []
    try:
        for path in folder.rglob("*"):
            if len(seen) > _MAX_FILES:
                break
            if path.name.startswith(".") or path.name.endswith("~") or "agi-bin" in path.parts:
                continue
            told = path.lstat()
            if not path.is_dir():
                seen.append((str(path), told.st_mtime_ns, told.st_size))
    except OSError:
        # A file that went while we looked: the next look sees the rest.
        return frozenset({("changing", 0, 0)})
    return frozenset(seen)
