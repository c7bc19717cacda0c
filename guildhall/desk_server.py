"""The desk's own process: its pages on loopback, beside the engine (docs/decisions/0009-desk-process.md)."""

from __future__ import annotations

import asyncio
import functools
import time

import structlog
import uvicorn

from adapters import log as logging_setup
from adapters.clock import SteadyClock
from adapters.control import client as control
from adapters.store.engine import open_engine
from desk.web.app import desk_app
from guildhall.desk_calls import DoorToCalls
from guildhall.desk_notes import DoorToNotes
from guildhall.desk_people import desk_people
from guildhall.desk_steering import DoorToSteering
from guildhall.desk_wiring import DoorToRecordings
from guildhall.free_ports import load_ports
from guildhall.recordings_wiring import StoredFacts, recordings_of
from guildhall.settings import Settings
from kernel.errors import GuildhallError

log = structlog.get_logger()

_KEY_AGAIN_S = 10.0
#: How long a page waits for the engine, seconds; the engine gives the PBX less.
_ENGINE_S = 5.0
#: A page asks for a handful at a time; more than this is no page (SECURITY V24).
_MOST_AT_ONCE = 64
_IDLE_S = 15
_MOST_HEADER = 16 * 1024


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM. Raises ``GuildhallError`` when no port was chosen."""
    ports = load_ports(settings.run / "ports.json")
    if ports is None or ports.http is None:
        raise GuildhallError("no_ports", "no ports were chosen yet: start with 'guildhall up'")
    database = open_engine(settings.store_url)
    try:
        facts = StoredFacts(database, settings, "desk")
        recordings = recordings_of(settings, database, SteadyClock(), facts)
        ask = functools.partial(control.ask, settings.control, timeout=_ENGINE_S)
        app = desk_app(
            DoorToRecordings(recordings),
            DoorToCalls(ask),
            DoorToSteering(settings, recordings),
            DoorToNotes(ask, recordings),
            desk_people(settings),
            now=time.monotonic,
            hosts=["127.0.0.1", "localhost", *settings.desk_hosts],
        )
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=ports.http,
            log_config=None,
            # A line a request would tell who listened to what, past the audit log and its rights.
            access_log=False,
            server_header=False,
            date_header=False,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_keep_alive=_IDLE_S,
            h11_max_incomplete_event_size=_MOST_HEADER,
            timeout_graceful_shutdown=2,
            lifespan="off",
        )
        log.info("serving the desk", port=ports.http)
        await uvicorn.Server(config).serve()
    finally:
        await database.dispose()


def main() -> None:
    """Start the desk."""
    settings = Settings()
    logging_setup.configure(settings.logs / "desk.jsonl", settings.log_level, show_pii=settings.show_pii)
    while True:
        try:
            asyncio.run(serve(settings))
        except GuildhallError as error:
            log.error("the desk cannot be served", code=error.code, reason=error.message)  # noqa: TRY400 - told whole
            time.sleep(_KEY_AGAIN_S)
        else:
            return


if __name__ == "__main__":
    main()
