"""The least of AMI, for what our own engine is measured against: frames in, actions out, no checks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping

from guildhall.settings import Settings

Frame = Mapping[str, str]


class Ami(asyncio.Protocol):
    """One session of the engine's own user. ``on_event`` is called inside the read."""

    def __init__(self, settings: Settings, on_event: Callable[[Frame], None]) -> None:
        self._settings, self._on_event = settings, on_event
        self._kept = b""
        self._transport: asyncio.Transport | None = None

    async def open(self) -> None:
        """Connect and log in."""
        ports = json.loads((self._settings.run / "ports.json").read_text(encoding="ascii"))
        secret = (self._settings.secrets / "ami").read_text(encoding="ascii").strip()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", ports["ami"])
        self.send(("Login", {"Username": "guildhall", "Secret": secret}))

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    def send(self, *actions: tuple[str, Mapping[str, str]]) -> None:
        """Write these actions in one go."""
        text = "".join(
            f"Action: {name}\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"
            for name, headers in actions
        )
        if self._transport is not None:
            self._transport.write(text.encode())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: connected."""
        self._transport = transport  # type: ignore[assignment]  # TCP gives a Transport; uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes came."""
        *frames, self._kept = (self._kept + data).split(b"\r\n\r\n")
        for frame in frames:
            if b"Event: " in frame:
                lines = (line.partition(": ") for line in frame.decode(errors="replace").split("\r\n"))
                self._on_event({name: value for name, _, value in lines})
