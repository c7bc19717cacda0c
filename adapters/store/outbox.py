"""The outbox: which facts the broker has not confirmed yet. The facts themselves are the messages."""

from __future__ import annotations

import json

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import FACTS, OUTBOX


class SqlOutbox:
    """The facts behind one broker's cursor. ``name`` names the broker; one publisher a name.

    A broker that is new begins with the first fact there is. SQLAlchemy's errors pass through.
    """

    def __init__(self, engine: AsyncEngine, *, name: str = "mqtt") -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._name = name
        self._through: int | None = None

    async def unpublished(self, most: int) -> list[tuple[int, dict[str, object]]]:
        """Return up to ``most`` facts after the cursor with their ``seq``, oldest first."""
        async with self._reader.connect() as connection:
            if self._through is None:
                cursor = select(OUTBOX.c.published_through).where(OUTBOX.c.name == self._name)
                self._through = await connection.scalar(cursor) or 0
            page = select(FACTS.c.seq, FACTS.c.body).where(FACTS.c.seq > self._through).order_by(FACTS.c.seq)
            rows = (await connection.execute(page.limit(most))).all()
        return [(row.seq, json.loads(row.body)) for row in rows]

    async def published(self, seq: int) -> None:
        """Move the cursor: the broker has confirmed everything up to ``seq``."""
        async with self._engine.begin() as connection:
            moved = await connection.execute(
                update(OUTBOX).where(OUTBOX.c.name == self._name).values(published_through=seq)
            )
            if moved.rowcount == 0:
                await connection.execute(insert(OUTBOX).values(name=self._name, published_through=seq))
        self._through = seq
