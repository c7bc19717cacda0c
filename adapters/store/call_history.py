"""The stored facts of one call, in their order, and which calls were filed since one looked last."""

from __future__ import annotations

import json

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import FACTS
from kernel.facts import RecordingFiled
from kernel.ids import ContactId

#: A call has a few dozen; one that was through a hundred offers some hundreds.
_MOST = 5000
_MOST_FILED = 500


class SqlCallHistory:
    """Reads facts by call. SQLAlchemy's errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)

    async def of(self, contact: ContactId) -> list[dict[str, object]]:
        """Its facts in their order; empty when there are none."""
        asked = select(FACTS.c.body).where(FACTS.c.call == contact).order_by(FACTS.c.seq).limit(_MOST)
        async with self._engine.connect() as connection:
            return [json.loads(body) for body in await connection.scalars(asked)]


class SqlFiledCalls:
    """Tells the calls whose audio was filed, each time those since the last time. The first look only marks the place.

    What was filed before is the sweep's: it asks for every contact that has files.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)
        self._seen: int | None = None

    async def newly_filed(self) -> list[ContactId]:
        """The calls, in their order; at most some hundreds a time."""
        async with self._engine.connect() as connection:
            if self._seen is None:
                self._seen = int(await connection.scalar(select(func.max(FACTS.c.seq))) or 0)
                return []
            asked = select(FACTS.c.seq, FACTS.c.call).where(FACTS.c.seq > self._seen, FACTS.c.ev == RecordingFiled.ev)
            rows = (await connection.execute(asked.order_by(FACTS.c.seq).limit(_MOST_FILED))).all()
        if rows:
            self._seen = int(rows[-1].seq)
        return list(dict.fromkeys(ContactId(row.call) for row in rows))
