"""The recordings' own process: seals what was filed, deletes what is due; the engine's loop never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import structlog

from adapters import log as logging_setup
from adapters.clock import SteadyClock
from adapters.store.engine import migrate, open_engine
from guildhall.recordings_wiring import run_recordings
from guildhall.settings import Settings

log = structlog.get_logger()

#: Calls go before copies: nice(2), and what ffmpeg starts is nicer still.
_NICE = 10
_DATABASE_AGAIN_S = 5.0


async def work(settings: Settings) -> None:
    """Run until SIGTERM. A kill at any instant loses nothing: the catalogue is the queue."""
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None  # noqa: S101 - we are in it
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await _prepared(settings)
        database = open_engine(settings.store_url)
        try:
            await run_recordings(settings, database, SteadyClock())
        finally:
            await database.dispose()


async def _prepared(settings: Settings) -> None:
    while True:
        try:
            await migrate(settings.store_url)
        except Exception:
            log.exception("the database cannot be prepared: recordings wait as files")
            await asyncio.sleep(_DATABASE_AGAIN_S)
        else:
            return


def main() -> None:
    """Start the worker."""
    settings = Settings()
    os.nice(_NICE)
    logging_setup.configure(settings.logs / "recordings.jsonl", settings.log_level, show_pii=settings.show_pii)
    asyncio.run(work(settings))


if __name__ == "__main__":
    main()
