"""A store of facts as a service that is down left it."""

from __future__ import annotations

import asyncio

from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from guildhall.settings import Settings
from kernel.fact import Fact


def keep(settings: Settings, *facts: Fact) -> Settings:
    """Make the database that the settings name, with these facts in it."""

    async def store() -> None:
        await migrate(settings.store_url)
        engine = open_engine(settings.store_url)
        held = FactStore(engine, spill=settings.var / "spill.jsonl")
        writing = asyncio.create_task(held.run())
        for fact in facts:
            held.put(fact)
        await held.flush()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await engine.dispose()

    asyncio.run(store())
    return settings
