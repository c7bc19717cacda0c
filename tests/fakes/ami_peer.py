"""A scripted AMI port: says what a test tells it to, and records every action it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

from adapters.asterisk.ami_link import AmiLink, AmiSettings
from adapters.asterisk.ami_wire import Frame

SECRET = "a-secret-of-the-tests-only"

Action = dict[str, str]
#: What to say to an action; None for nothing at all.
Script = Callable[[Action], bytes | None]


def message(*headers: tuple[str, str]) -> bytes:
    """Encode one AMI message as Asterisk does."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


def success(action: Action, *headers: tuple[str, str]) -> bytes:
    return message(("Response", "Success"), ("ActionID", action["ActionID"]), *headers)


def error(action: Action, text: str) -> bytes:
    return message(("Response", "Error"), ("ActionID", action["ActionID"]), ("Message", text))


def event(name: str, *headers: tuple[str, str]) -> bytes:
    return message(("Event", name), ("Privilege", "call,all"), *headers)


class AmiPeer:
    """Listens on a free port; ``script`` answers actions other than Login and Ping."""

    def __init__(self, script: Script | None = None) -> None:
        self.banner = b"Asterisk Call Manager/11.0.0\r\n"
        self.script: Script = script or success
        self.login: Script = lambda action: success(action, ("Message", "Authentication accepted"))
        #: True: hear everything, say nothing, as a stopped process does.
        self.frozen = False
        self.actions: list[Action] = []
        #: Everything heard, as it came.
        self.heard = b""
        self.connects = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        if self._server is not None:
            await self._server.wait_closed()

    def cut(self) -> None:
        """Cut every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, data: bytes) -> None:
        """Say something to the newest connection."""
        self._writers[-1].write(data)

    def names(self) -> list[str]:
        """The actions heard, without the pings."""
        return [action["Action"] for action in self.actions if action["Action"] != "Ping"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        self._writers.append(writer)
        if not self.frozen:
            writer.write(self.banner)
        try:
            await self._hear(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            raw = await reader.readuntil(b"\r\n\r\n")
            self.heard += raw
            lines = (line.split(": ", 1) for line in raw.decode().split("\r\n") if line)
            action = {name: value for name, value in lines}  # noqa: C416 - says what the pairs are
            self.actions.append(action)
            if not self.frozen:
                writer.write(self._answer(action) or b"")

    def _answer(self, action: Action) -> bytes | None:
        if action["Action"] == "Login":
            return self.login(action)
        if action["Action"] == "Ping":
            return success(action, ("Ping", "Pong"))
        return self.script(action)


class LinkUser:
    """Owns an AmiLink as the engine does and keeps what it was told, in order."""

    def __init__(
        self,
        peer: AmiPeer,
        *,
        wanted: frozenset[str] | None = None,
        dead_after_s: float = 3.0,
        tell_wait_s: float = 10.0,
        most_unsent: int = 1024 * 1024,
    ) -> None:
        settings = AmiSettings(
            host="127.0.0.1",
            port=peer.port,
            user="engine",
            secret=SECRET,
            ping_every_s=dead_after_s / 3,
            dead_after_s=dead_after_s,
            wanted_events=wanted,
            tell_wait_s=tell_wait_s,
            most_unsent=most_unsent,
        )
        #: An event at which ``on_event`` raises.
        self.fails_at = ""
        self.events: list[Frame] = []
        #: States and events' names in one order.
        self.seen: list[str] = []
        #: ``up`` and ``down`` in order.
        self.states: list[str] = []
        self.reasons: list[str] = []
        self.link = AmiLink(settings, on_event=self.on_event, on_up=self._on_up, on_down=self._on_down)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})

    def on_event(self, frame: Frame) -> None:
        self.events.append(frame)
        self.seen.append(frame.event)
        if frame.event == self.fails_at:
            raise RuntimeError

    def _on_up(self) -> None:
        self.states.append("up")
        self.seen.append("up")

    def _on_down(self, reason: str) -> None:
        self.states.append("down")
        self.reasons.append(reason)

    async def until_up(self, times: int = 1) -> None:
        await until(lambda: self.states.count("up") >= times and self.link.up)


async def until(condition: Callable[[], bool], *, within_s: float = 8.0) -> None:
    """Poll until the condition holds; fail at the deadline."""
    async with asyncio.timeout(within_s):
        # An Event would have to be set by the code under test.
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)
