"""The recordings' own process: seals what was filed, deletes what is due; the engine's loop never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters import log as logging_setup
from adapters.clock import SteadyClock
from adapters.store.engine import migrate, open_engine
from adapters.store.tables import RECORDING_SUBJECTS
from guildhall.recordings_wiring import run_recordings
from guildhall.settings import Settings

log = structlog.get_logger()

_DATABASE_AGAIN_S = 1.0
#: Looks for the tables before making them oneself.
_MIGRATE_EVERY = 15


async def work(settings: Settings) -> None:
    """Run until SIGTERM. A kill at any instant loses nothing: the catalogue is the queue."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None  # noqa: S101 - we are in it
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        database = open_engine(settings.store_url)
        try:
            await _prepared(settings, database)
            await run_recordings(settings, database, SteadyClock())
        finally:
            await database.dispose()


async def _prepared(settings: Settings, database: AsyncEngine) -> None:
    """Wait for the tables. The engine makes them; two who made them at once would trip over one another."""
    tries = 0
    while True:
        tries += 1
        try:
            async with database.connect() as connection:
                await connection.execute(select(RECORDING_SUBJECTS.c.call).limit(1))
        except Exception as error:  # noqa: BLE001 - drivers differ in what they raise for a table that is not there
            log.info("waiting for the database", error=type(error).__name__)
            if tries % _MIGRATE_EVERY == 0:
                await _migrated(settings)
            await asyncio.sleep(_DATABASE_AGAIN_S)
        else:
            return


async def _migrated(settings: Settings) -> None:
    try:
        await migrate(settings.store_url)
    except Exception:
        log.exception("the database cannot be prepared: recordings wait as files")


def main() -> None:
    """Start the worker."""
    settings = Settings()
    logging_setup.configure(settings.logs / "recordings.jsonl", settings.log_level, show_pii=settings.show_pii)
    asyncio.run(work(settings))


if __name__ == "__main__":
    main()
