"""Short-notice changes of hours on disk: an append-only, hash-chained file, read again whenever it changed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from kernel.chain import GENESIS, digest, link
from kernel.errors import BadInput
from kernel.ids import TenantId, checked_id
from kernel.notices import Notice

Row = dict[str, object]


class NoticeBoard:
    """One file. Lines are only added: a notice, or that one was taken back, each with who and when."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._notices: tuple[Notice, ...] = ()

    def notices(self) -> tuple[Notice, ...]:
        """Those that were not taken back, in the order asked; the file is read again only when it changed.

        Raises ``BadInput`` when the file was changed otherwise than by adding.
        """
        try:
            told = self.path.stat()
        except FileNotFoundError:
            return ()
        sight = (told.st_mtime_ns, told.st_size)
        if sight != self._seen:
            self._notices = _standing(self._rows()[0])
            self._seen = sight
        return self._notices

    def put(self, notice: Notice) -> Notice:
        """Add one, durably; its id is given here."""
        with self._alone():
            rows, head = self._rows()
            numbered = replace(notice, id=f"n{len(rows) + 1}")
            self._add(_row(numbered), len(rows) + 1, head)
        return numbered

    def take_back(self, notice: str, *, by: str, t: float) -> Notice:
        """End one before its time. Raises ``BadInput`` when there is none of that id."""
        with self._alone():
            rows, head = self._rows()
            found = next((one for one in _standing(rows) if one.id == notice), None)
            if found is None:
                raise BadInput("no_notice", "there is no such notice in force: see 'guildhall hours list'")
            self._add({"kind": "taken_back", "id": notice, "by": by, "t": t}, len(rows) + 1, head)
        return found

    def history(self) -> tuple[Row, ...]:
        """Every line, as it was written. Raises ``BadInput`` when the chain does not hold."""
        return tuple(self._rows()[0])

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("a") as lock:
            self._share(lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _share(self, file: TextIO) -> None:
        """Root's file in the engine's folder: by telephone it is the engine that writes it."""
        if os.geteuid() == 0:
            folder = self.path.parent.stat()
            os.fchown(file.fileno(), folder.st_uid, folder.st_gid)

    def _add(self, body: Row, seq: int, head: str) -> None:
        body = {**body, "seq": seq}
        flat = _flat(body)
        with self.path.open("a", encoding="utf-8") as out:
            self._share(out)
            out.write(json.dumps({**body, "hash": link(head, digest(flat))}, ensure_ascii=True) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def _rows(self) -> tuple[list[Row], str]:
        rows: list[Row] = []
        head = GENESIS
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                row: Row = json.loads(line)
                told = row.pop("hash")
                head = link(head, digest(_flat(row)))
                holds = told == head and row["seq"] == number
            except (ValueError, KeyError, TypeError, AttributeError):
                holds = False
            if not holds:
                raise BadInput("bad_notices", f"{self.path}:{number}: was changed, or a line is missing")
            rows.append(row)
        return rows, head


def _flat(row: Mapping[str, object]) -> Row:
    """A chain's digest takes text and numbers only."""
    return {name: json.dumps(value, sort_keys=True) for name, value in row.items()}


def _row(notice: Notice) -> Row:
    return {
        "kind": "notice",
        "id": notice.id,
        "tenant": notice.tenant,
        "hours": notice.hours,
        "begins": notice.begins.timestamp(),
        "ends": notice.ends.timestamp(),
        "open": notice.open,
        "why": notice.why,
        "by": notice.by,
        "t": notice.t,
        "said": dict(notice.said),
    }


def _standing(rows: list[Row]) -> tuple[Notice, ...]:
    gone = {row["id"] for row in rows if row["kind"] == "taken_back"}
    return tuple(_notice(row) for row in rows if row["kind"] == "notice" and row["id"] not in gone)


def _notice(row: Row) -> Notice:
    said = row["said"]
    return Notice(
        id=str(row["id"]),
        tenant=TenantId(checked_id(str(row["tenant"]), "a council")),
        hours=str(row["hours"]),
        begins=datetime.fromtimestamp(float(str(row["begins"])), UTC),
        ends=datetime.fromtimestamp(float(str(row["ends"])), UTC),
        open=row["open"] is True,
        why=str(row["why"]),
        by=str(row["by"]),
        t=float(str(row["t"])),
        said={str(language): str(text) for language, text in said.items()} if isinstance(said, dict) else {},
    )
