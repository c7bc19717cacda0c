"""Facts on their way to the database: in memory, and in a file beside it while the database is away."""

from __future__ import annotations

import os
from collections import deque
from itertools import islice
from pathlib import Path
from typing import NamedTuple


class Item(NamedTuple):
    """One fact on its way: ``writer`` and its count ``n`` name it for good, ``body`` is its JSON."""

    writer: str
    n: int
    body: str


class Backlog:
    """A queue whose older part may lie in a file. What is in the file is always older than what is in memory.

    Only one task takes from it; anyone on the same event loop may add. ``limit``: items kept in memory at most;
    it is reached only when neither database nor disk take anything.
    """

    def __init__(self, spill: Path, *, limit: int) -> None:
        self._spill = spill
        self._limit = limit
        self._memory: deque[Item] = deque()
        #: Everything before this byte of the file is stored. A life cut short starts again at 0: storing twice is
        #: harmless, since the store knows each writer's count.
        self._read_from = 0
        self._read_to = 0

    def add(self, item: Item) -> bool:
        """Keep the item; False when there is no room left and it was dropped."""
        if len(self._memory) >= self._limit:
            return False
        self._memory.append(item)
        return True

    @property
    def in_memory(self) -> int:
        """How many items are kept in memory."""
        return len(self._memory)

    def oldest(self, most: int) -> list[Item]:
        """Return the oldest items, the file's first. They stay until ``stored`` is called.

        Raises ``OSError`` when the file cannot be read.
        """
        self._read_to = self._read_from
        if self.spilled:
            found = self._read_spill(most)
            if found:
                return found
            self._forget_spill()
        return list(islice(self._memory, most))

    def stored(self, batch: list[Item]) -> None:
        """Forget the batch that ``oldest`` returned last. Raises ``OSError`` when the empty file cannot be removed."""
        if self._read_to > self._read_from:
            self._read_from = self._read_to
            if self._read_from >= self._spill.stat().st_size:
                self._forget_spill()
            return
        for _ in batch:
            self._memory.popleft()

    @property
    def spilled(self) -> bool:
        """Whether the file holds items that are not stored yet."""
        try:
            return self._spill.stat().st_size > self._read_from
        except OSError:
            return False

    def waiting(self) -> list[Item]:
        """Return what is in memory now, for ``write_out``."""
        return list(self._memory)

    def write_out(self, items: list[Item]) -> None:
        """Append items to the file, safe against power cuts: all or nothing. Blocks; run it in a thread.

        Raises ``OSError`` when the disk refuses.
        """
        self._spill.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._spill, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            # A line cut off by a power cut must not swallow the next one.
            start = b"\n" if size and os.pread(handle, 1, size - 1) != b"\n" else b""
            data = start + "".join(f"{item.writer} {item.n} {item.body}\n" for item in items).encode("ascii")
            try:
                while data:
                    data = data[os.write(handle, data) :]
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)

    def written_out(self, items: list[Item]) -> None:
        """Forget from memory what ``write_out`` has put into the file."""
        for _ in items:
            self._memory.popleft()

    def _read_spill(self, most: int) -> list[Item]:
        found: list[Item] = []
        with self._spill.open("rb") as lines:
            lines.seek(self._read_from)
            while len(found) < most and (line := lines.readline()):
                self._read_to += len(line)
                item = _parsed(line)
                if item is not None:
                    found.append(item)
        return found

    def _forget_spill(self) -> None:
        self._spill.unlink(missing_ok=True)
        self._read_from = self._read_to = 0


def _parsed(line: bytes) -> Item | None:
    """Read one line of the file; None for one cut off by a power cut."""
    parts = line.decode("ascii", "replace").rstrip("\n").split(" ", 2)
    if len(parts) != 3 or not parts[1].isdigit() or not parts[2].endswith("}"):  # noqa: PLR2004  # writer, n, body
        return None
    return Item(parts[0], int(parts[1]), parts[2])
