"""The stored facts of one call, in their order."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import FACTS
from kernel.ids import ContactId

#: A call has a few dozen; one that was through a hundred offers some hundreds.
_MOST = 5000


class SqlCallHistory:
    """Reads facts by call. SQLAlchemy's errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)

    async def of(self, contact: ContactId) -> list[dict[str, object]]:
        """Its facts in their order; empty when there are none."""
        asked = select(FACTS.c.body).where(FACTS.c.call == contact).order_by(FACTS.c.seq).limit(_MOST)
        async with self._engine.connect() as connection:
            return [json.loads(body) for body in await connection.scalars(asked)]
