"""Whose call it was: a keyed digest of the caller's number by contact. The number itself is never stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import RECORDING_SUBJECTS, RECORDINGS
from kernel.ids import ContactId

log = structlog.get_logger()

#: As facts are: calls come in bunches, one transaction is enough for them.
_EVERY_S = 0.5
#: A database that is away for long: the oldest go.
_MOST_WAITING = 20_000


class SqlSubjects:
    """``put`` from the engine's loop, ``run`` beside it; ``of`` and ``forget`` anywhere."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._waiting: dict[ContactId, str] = {}

    def put(self, contact: ContactId, subject: str) -> None:
        """Remember it until the next write."""
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        self._waiting[contact] = subject

    async def run(self) -> None:
        """Write what waits, for ever."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - whatever the driver throws, the next time is half a second away
                # Only the kind: a driver's text may hold the row. An end of this task would be noticed by nobody, and
                # every later call missing from its caller's archive.
                log.warning("subjects cannot be stored", error=type(error).__name__, waiting=len(self._waiting))

    async def flush(self) -> None:
        """Write what waits. SQLAlchemy's errors pass through; nothing is lost by them."""
        if not self._waiting:
            return
        batch = dict(self._waiting)
        async with self._engine.begin() as connection:
            known = select(RECORDING_SUBJECTS.c.call).where(RECORDING_SUBJECTS.c.call.in_(list(batch)))
            there = set(await connection.scalars(known))
            rows = [{"call": call, "subject": subject} for call, subject in batch.items() if call not in there]
            if rows:
                await connection.execute(insert(RECORDING_SUBJECTS), rows)
        for contact in batch:
            self._waiting.pop(contact, None)

    async def of(self, contact: ContactId) -> str | None:
        """The subject of a contact; None when the number was withheld or is not known."""
        async with self._reader.connect() as connection:
            found = await connection.scalar(
                select(RECORDING_SUBJECTS.c.subject).where(RECORDING_SUBJECTS.c.call == contact)
            )
        return None if found is None else str(found)

    async def calls(self, subject: str) -> Sequence[ContactId]:
        """The contacts of a subject."""
        asked = select(RECORDING_SUBJECTS.c.call).where(RECORDING_SUBJECTS.c.subject == subject)
        async with self._reader.connect() as connection:
            return [ContactId(call) for call in await connection.scalars(asked.order_by(RECORDING_SUBJECTS.c.call))]

    async def prune(self, before: float) -> int:
        """Remove those whose call began before (Unix seconds) and left no recording; how many. Ids begin with it."""
        recorded = select(RECORDINGS.c.call).where(RECORDINGS.c.call.is_not(None))
        gone = delete(RECORDING_SUBJECTS).where(
            RECORDING_SUBJECTS.c.call < f"c{before:.0f}", RECORDING_SUBJECTS.c.call.not_in(recorded)
        )
        async with self._engine.begin() as connection:
            return int((await connection.execute(gone)).rowcount)

    async def forget(self, contact: ContactId) -> None:
        """Remove a contact's subject."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(RECORDING_SUBJECTS).where(RECORDING_SUBJECTS.c.call == contact))
