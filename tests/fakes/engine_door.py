"""An engine behind its real door, for the command line: it keeps what it was asked and answers what it was told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.control.server import ControlServer
from kernel.commands import Asked, Outcome


class EngineDoor:
    """``outcome`` is its next answers; ``asked`` all it heard."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.asked: list[Asked] = []

    async def ask(self, command: Asked) -> Outcome:
        """Meets the server's ``Ask``."""
        self.asked.append(command)
        return self.outcome


@contextmanager
def open_door(path: Path, outcome: Outcome) -> Iterator[EngineDoor]:
    """Open it at ``path``, in a thread: the command line blocks while it waits for the answer."""
    engine, loop = EngineDoor(outcome), asyncio.new_event_loop()
    server = ControlServer(path, engine.ask)
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield engine
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
