"""The audit log of recordings: lines are added, chained and checked; none is ever changed or taken out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import RECORDING_AUDIT
from kernel.chain import GENESIS, ChainCheck, digest, link
from kernel.recording import AuditEntry, ChainState

#: Any fixed number: on PostgreSQL those who write a chain take turns. SQLite's BEGIN IMMEDIATE does that by itself.
CHAIN_LOCK = 0x636861696E
_PAGE = 500
_COVERED = ("seq", "t", "who", "role", "action", "recording", "council", "details")


class SqlAuditLog:
    """The log in SQL. SQLAlchemy's errors pass through: what cannot be logged is not done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = reading(engine)

    async def append(self, entry: AuditEntry) -> None:
        """Add a line; it is in the database when this returns."""
        async with self._engine.begin() as connection:
            await append_line(connection, entry)

    async def lines(self, *, recording: str | None = None, most: int = 1000) -> list[dict[str, Any]]:
        """The newest lines, oldest first; of one recording when it is named."""
        wanted = select(RECORDING_AUDIT).order_by(RECORDING_AUDIT.c.seq.desc()).limit(most)
        if recording is not None:
            wanted = wanted.where(RECORDING_AUDIT.c.recording == recording)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return [dict(row) for row in reversed(rows)]

    async def verify(self, anchor: str | None = None) -> ChainState:
        """Check the whole chain, row by row; ``anchor`` is a head noted earlier that must be in it."""
        check = ChainCheck(anchor)
        async for row in self._rows():
            if not check.take(row["seq"], row["prev"], row["hash"], digest({name: row[name] for name in _COVERED})):
                break
        return check.state()

    async def _rows(self) -> AsyncIterator[Mapping[str, Any]]:
        seen: int | None = None
        while True:
            page = select(RECORDING_AUDIT).order_by(RECORDING_AUDIT.c.seq).limit(_PAGE)
            if seen is not None:
                page = page.where(RECORDING_AUDIT.c.seq > seen)
            async with self._reader.connect() as connection:
                rows = (await connection.execute(page)).mappings().all()
            for row in rows:
                seen = row["seq"]
                yield dict(row)
            if len(rows) < _PAGE:
                return


async def take_turn(connection: AsyncConnection) -> None:
    """Wait until no one else writes a chain; until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})"))


async def append_line(connection: AsyncConnection, entry: AuditEntry) -> None:
    """Add a line inside a transaction: what it tells of and the line happen together or not at all."""
    await take_turn(connection)
    last = select(RECORDING_AUDIT.c.seq, RECORDING_AUDIT.c.hash).order_by(RECORDING_AUDIT.c.seq.desc()).limit(1)
    before = (await connection.execute(last)).first()
    row: dict[str, Any] = {
        "seq": 1 if before is None else before.seq + 1,
        "t": float(entry.t),
        "who": entry.who[:64],
        "role": entry.role[:32],
        "action": entry.action[:32],
        "recording": entry.recording,
        "council": entry.council,
        "details": entry.details,
    }
    previous = GENESIS if before is None else before.hash
    await connection.execute(insert(RECORDING_AUDIT).values(**row, prev=previous, hash=link(previous, digest(row))))
