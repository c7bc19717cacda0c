"""The facts of steered calls of a stretch of time, call by call, a page at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import FACTS

#: What tells where a call went and what it was about.
_KINDS = ("call", "arrive", "steer", "transfer", "answer", "reason")
#: Calls a question.
_PAGE = 200


class SqlSteeredCalls:
    """Reads. SQLAlchemy's errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)

    async def between(self, since: float, until: float) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield each call's facts in order; calls that steering first spoke of within this time (Unix seconds)."""
        steered = select(FACTS.c.call).where(FACTS.c.ev == "steer", FACTS.c.t >= since, FACTS.c.t < until)
        async with self._engine.connect() as connection:
            calls = list(dict.fromkeys(await connection.scalars(steered.order_by(FACTS.c.seq))))
        for at in range(0, len(calls), _PAGE):
            page = calls[at : at + _PAGE]
            asked = select(FACTS.c.call, FACTS.c.body).where(FACTS.c.call.in_(page), FACTS.c.ev.in_(_KINDS))
            async with self._engine.connect() as connection:
                rows = (await connection.execute(asked.order_by(FACTS.c.seq))).all()
            told: dict[str, list[dict[str, Any]]] = {str(call): [] for call in page}
            for row in rows:
                told[row.call].append(json.loads(row.body))
            for facts in told.values():
                yield facts
