"""The database at the engine's start: brought up to date and asked for the last words, but never waited for (law 5)."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import migrate
from adapters.store.fact_history import FactHistory, LastWords

log = structlog.get_logger()

#: A store that is slow or away must not keep callers waiting.
_STORE_PATIENCE_S = 1.0
_MIGRATE_PATIENCE_S = 3.0
_MIGRATE_AGAIN_S = 5.0


async def last_words(database: AsyncEngine) -> LastWords | None:
    """What an earlier engine said last; None when there is nothing, or it cannot be told in good time."""
    try:
        async with asyncio.timeout(_STORE_PATIENCE_S):
            return await FactHistory(database).last_words()
    except Exception:
        log.exception("the store cannot be read at the start: going on without it")
        return None


async def prepare(url: str) -> bool:
    """Bring the database up to date. One that is away must not keep calls from being answered (law 5)."""
    try:
        async with asyncio.timeout(_MIGRATE_PATIENCE_S):
            await migrate(url)
    except Exception:
        log.exception("the database cannot be prepared: calls go on, facts wait in the spill file")
        return False
    return True


async def prepare_later(url: str) -> None:
    """A database that was away at the start is brought up to date when it comes: until then nothing can be stored."""
    while not await prepare(url):  # noqa: ASYNC110 - nobody tells when a database comes back
        await asyncio.sleep(_MIGRATE_AGAIN_S)
