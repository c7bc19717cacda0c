"""Promises to ring back in SQL: one open one for a number of a council, and the number wiped when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import CALLBACKS

_OPEN, _OVER = "open", "over"


class SqlPromises:
    """The promises. SQLAlchemy's errors pass through: what cannot be kept is not promised."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = reading(engine)

    async def add(self, row: Mapping[str, Any]) -> bool:
        """Keep one; False when this number of this council has an open one."""
        wanted = select(CALLBACKS.c.contact).where(
            CALLBACKS.c.council == row["council"], CALLBACKS.c.number == row["number"], CALLBACKS.c.state == _OPEN
        )
        try:
            async with self._engine.begin() as connection:
                if (await connection.execute(wanted)).first() is not None:
                    return False
                await connection.execute(insert(CALLBACKS).values(**row, state=_OPEN))
        except IntegrityError:
            # Two calls of one number at the same instant: the index lets one of them in.
            return False
        return True

    async def open(self) -> list[Mapping[str, Any]]:
        """Those that are not over, the earliest first."""
        wanted = select(CALLBACKS).where(CALLBACKS.c.state == _OPEN).order_by(CALLBACKS.c.arrived)
        async with self._reader.connect() as connection:
            return [dict(row) for row in (await connection.execute(wanted)).mappings().all()]

    async def renamed(self, before: str, after: str) -> None:
        """It stands under another contact."""
        await self._set(before, {"contact": after})

    async def over(self, contact: str) -> None:
        """It is kept or given up: the number is forgotten."""
        await self._set(contact, {"state": _OVER, "number": None})

    async def _set(self, contact: str, values: Mapping[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(CALLBACKS).where(CALLBACKS.c.contact == contact).values(**values))
