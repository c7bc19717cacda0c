"""A wire between Asterisk and the engine that loses the events it is told to lose, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.service import Service, eventually

_END = b"\r\n\r\n"


@dataclass(slots=True)
class Sieve:
    """Listens on ``port``. ``loses``: lines of which one in an event makes it vanish, such as ``Event: Hangup``."""

    port: int = 0
    loses: set[str] = field(default_factory=set)
    #: Events that vanished so far.
    lost: int = 0

    def _keeps(self, frame: bytes) -> bool:
        gone = not self.loses.isdisjoint(frame.decode(errors="replace").split("\r\n"))
        self.lost += gone
        return not gone


@asynccontextmanager
async def sieve(asterisk: int) -> AsyncIterator[Sieve]:
    """Stand between whoever connects and the AMI at this port."""
    made = Sieve()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", asterisk)
            up = asyncio.create_task(_copy(reader, far_writer))
            try:
                await _strain(made, far_reader, writer)
            finally:
                up.cancel()
                far_writer.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def strained(service: Service) -> AsyncIterator[Sieve]:
    """A service's engine, started anew behind such a wire; started once more without it in the end."""
    ports = service.settings.run / "ports.json"
    kept = ports.read_text(encoding="ascii")
    async with sieve(json.loads(kept)["ami"]) as wire:
        ports.write_text(json.dumps(json.loads(kept) | {"ami": wire.port}), encoding="ascii")
        await next_engine(service)
        yield wire
        ports.write_text(kept, encoding="ascii")
        await next_engine(service)


async def next_engine(service: Service) -> None:
    """Kill the engine; the keeper's next one reads the ports anew."""
    killed = service.pid("engine")
    os.kill(killed, signal.SIGKILL)

    async def up() -> bool:
        return service.pid("engine") != killed and str((await service.state())["engine"]) == "up"

    await eventually(up, within_s=20)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


async def _strain(sieve_: Sieve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # The greeting is one line, and not a frame.
    writer.write(await reader.readline())
    kept = b""
    while data := await reader.read(65536):
        *frames, kept = (kept + data).split(_END)
        writer.write(b"".join(frame + _END for frame in frames if sieve_._keeps(frame)))
