"""Notes on contacts, in SQL: sealed, with a last moment, found by call and by subject; each reading is audited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import append_line, take_turn
from adapters.store.engine import reading
from adapters.store.tables import CONTACT_NOTES
from kernel.errors import GuildhallError
from kernel.ids import ContactId, TenantId
from kernel.notes import MOST_A_CALL, UNREADABLE, Note
from kernel.recording import AuditEntry

log = structlog.get_logger()

_AT = CONTACT_NOTES.c

#: Name and text -> sealed; name and sealed -> text.
Seal = Callable[[str, str], str]


class SqlContactNotes:
    """SQLAlchemy's errors pass through: what cannot be audited is not done."""

    def __init__(self, engine: AsyncEngine, seal: Seal, unseal: Seal) -> None:
        self._engine, self._reader = engine, reading(engine)
        self._seal, self._unseal = seal, unseal

    async def add(self, note: Note, entry: AuditEntry) -> bool:
        """Keep it, with its line in the audit log; then it is in the database. False: the call has all it may."""
        # In a thread: the master key may lie in a device that takes its time.
        sealed = await asyncio.to_thread(self._seal, _name(note.call), note.text)
        row = {name: getattr(note, name) for name in ("call", "council", "subject", "t", "keep_until", "by")}
        there = select(func.count()).select_from(CONTACT_NOTES).where(_AT.call == note.call)
        async with self._engine.begin() as connection:
            # One after the other: two at once would both see room for one.
            await take_turn(connection)
            if int(await connection.scalar(there) or 0) >= MOST_A_CALL:
                return False
            await connection.execute(insert(CONTACT_NOTES).values(**row, sealed=sealed))
            await append_line(connection, entry)
        return True

    async def take_back(self, call: ContactId, by: str, entry: AuditEntry) -> bool:
        """Delete the last note of this call that this person wrote; False: there is none."""
        last = select(func.max(_AT.id)).where(_AT.call == call, _AT.by == by)
        async with self._engine.begin() as connection:
            found = await connection.scalar(last)
            if found is None:
                return False
            await connection.execute(delete(CONTACT_NOTES).where(_AT.id == found))
            await append_line(connection, entry)
        return True

    async def heads(self, call: ContactId, now: float) -> list[dict[str, object]]:
        """Who noted something on a call and when."""
        return await note_heads(self._reader, call, now)

    async def read(
        self, call: ContactId, councils: Collection[TenantId] | None, now: float, entry: AuditEntry | None
    ) -> list[Note]:
        """The notes on a call at ``now``, oldest first, of these councils alone (None: of all).

        ``entry`` is written into the audit log before anything is opened, unless there is nothing to read; None: this
        reader's line stands there already.
        """
        which = [_AT.call == call, _AT.keep_until > now, *_whose(councils)]
        if entry is None:
            return await self._opened(await self._rows(*which))
        async with self._engine.begin() as connection:
            rows = (await connection.execute(select(CONTACT_NOTES).where(*which).order_by(_AT.id))).mappings().all()
            if rows:
                await append_line(connection, entry)
        return await self._opened(rows)

    async def of_subject(self, subject: str, councils: Collection[TenantId] | None) -> list[Note]:
        """Every note on a caller's contacts."""
        return await self._opened(await self._rows(_AT.subject == subject, *_whose(councils)))

    async def forget_subject(self, subject: str, councils: Collection[TenantId] | None) -> int:
        """Delete the notes on a caller's contacts; how many."""
        return await self._delete(_AT.subject == subject, *_whose(councils))

    async def prune(self, now: float) -> int:
        """Delete what is past its last moment; how many."""
        return await self._delete(_AT.keep_until <= now)

    async def _delete(self, *which: ColumnElement[bool]) -> int:
        async with self._engine.begin() as connection:
            return int((await connection.execute(delete(CONTACT_NOTES).where(*which))).rowcount)

    async def _rows(self, *which: ColumnElement[bool]) -> Sequence[Mapping[Any, Any]]:
        async with self._reader.connect() as connection:
            asked = select(CONTACT_NOTES).where(*which).order_by(_AT.id)
            return (await connection.execute(asked)).mappings().all()

    async def _opened(self, rows: Sequence[Mapping[Any, Any]]) -> list[Note]:
        return await asyncio.to_thread(lambda: [self._open(row) for row in rows])

    def _open(self, row: Mapping[Any, Any]) -> Note:
        fields: dict[str, Any] = {str(name): value for name, value in row.items()}
        try:
            text = self._unseal(_name(fields["call"]), fields.pop("sealed"))
        except GuildhallError as error:
            log.error("a note cannot be opened", code=error.code, call=fields["call"])  # noqa: TRY400 - the code says all
            text = UNREADABLE
        return Note(**fields, text=text)


async def note_heads(engine: AsyncEngine, call: ContactId, now: float) -> list[dict[str, object]]:
    """Who noted something on a call and when, oldest first: not what, so it takes no key and no audit line."""
    asked = select(_AT.id, _AT.by, _AT.t).where(_AT.call == call, _AT.keep_until > now).order_by(_AT.id)
    async with reading(engine).connect() as connection:
        rows = (await connection.execute(asked)).mappings().all()
    return [{"id": row["id"], "by": row["by"], "at": row["t"]} for row in rows]


def _whose(councils: Collection[TenantId] | None) -> list[ColumnElement[bool]]:
    return [] if councils is None else [_AT.council.in_(sorted(councils))]


def _name(call: str) -> str:
    return f"note-{call}"
