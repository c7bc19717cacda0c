"""A real softphone, baresip, as a child process: the witness that is not of our making."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kernel.errors import Refused
from lab.baresip_config import BaresipSettings, write_config
from lab.voice import read_telephone_wav

#: It lingers over 25 s on SIGTERM when the registrar is gone: asked politely, then ended.
_QUIT_S = 3.0
_START_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BaresipEvent:
    """What baresip said on its control port."""

    #: When it was read here, Unix seconds.
    at: float
    #: baresip's word: REGISTER_OK, CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED …
    kind: str
    #: The call's id, empty for events without call.
    call: str


class BaresipPhone:
    """One softphone with one account. Use it as ``async with``; end it before the PBX."""

    def __init__(self, settings: BaresipSettings) -> None:
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="lab-baresip-")
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._registered = False
        #: Everything it said, in order.
        self.events: list[BaresipEvent] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it; returns when it is registered.

        Raises ``BadInput`` for an unfit sound file, ``Refused`` when it is not installed, ends at once or is not
        registered in ten seconds; its own last words stand in the message.
        """
        program = shutil.which("baresip")
        if program is None:
            raise Refused("no_baresip", "baresip is not installed: apt-get install baresip-core")
        read_telephone_wav(self._settings.wav)
        self._settings.record_dir.mkdir(parents=True, exist_ok=True)
        folder, port = Path(self._folder.name), _free_tcp_port()
        write_config(self._settings, folder, port)
        with (folder / "output").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                program, "-f", str(folder), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            async with asyncio.timeout(_START_S):
                await self._connect(port)
                await self._until_registered()
        except TimeoutError:
            words = self._last_words()
            await self.stop()
            raise Refused("register_refused", f"baresip did not register in {_START_S:g} s: {words}") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it: asked first, killed after three seconds."""
        if self._process and self._process.returncode is None:
            self._command("quit")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _QUIT_S)
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._writer:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._folder.cleanup()

    def dial(self, number: str) -> None:
        """Call a number; what becomes of it comes as events."""
        self._command("dial", number)

    def pick_up(self) -> None:
        """Answer the ringing call of a phone that does not by itself."""
        self._command("accept")

    def hang_up(self) -> None:
        """End the current call."""
        self._command("hangup")

    def calls(self) -> dict[str, str]:
        """Each call's id with the last word said about its life, in order of their beginning."""
        kinds = ("CALL_INCOMING", "CALL_OUTGOING", "CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED")
        return {event.call: event.kind for event in self.events if event.kind in kinds}

    def recordings(self) -> tuple[list[Path], list[Path]]:
        """What was heard and what was said, a WAV a call, oldest first. Complete once the call is closed."""
        folder = self._settings.record_dir
        return sorted(folder.glob("dump-*-dec.wav")), sorted(folder.glob("dump-*-enc.wav"))

    async def wait(self, kind: str, timeout: float = 10.0, *, times: int = 1) -> BaresipEvent:  # noqa: ASYNC109 - a test states its deadline
        """Wait until it has said this so many times. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: len(self._said(kind)) >= times)
        return self._said(kind)[times - 1]

    def _said(self, kind: str) -> list[BaresipEvent]:
        return [event for event in self.events if event.kind == kind]

    async def _connect(self, port: int) -> None:
        assert self._process
        while True:
            if self._process.returncode is not None:
                raise Refused("baresip_ended", f"baresip ended at once: {self._last_words()}")
            with contextlib.suppress(OSError):
                reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                self._reading = asyncio.get_running_loop().create_task(self._read(reader))
                return
            await asyncio.sleep(0.05)

    async def _until_registered(self) -> None:
        """The event may have come before we were connected: so the state is asked for, too."""
        while not self._registered:
            if self._said("REGISTER_FAIL"):
                raise Refused("register_refused", f"baresip could not register: {self._last_words()}")
            self._command("reginfo")
            await asyncio.sleep(0.05)

    def _last_words(self) -> str:
        output = Path(self._folder.name) / "output"
        return " / ".join(output.read_text("utf-8", "replace").splitlines()[-4:])

    def _command(self, name: str, parameters: str = "") -> None:
        """One netstring of JSON, as ctrl_tcp takes them."""
        if self._writer and not self._writer.is_closing():
            text = json.dumps({"command": name, "params": parameters, "token": name}).encode()
            self._writer.write(b"%d:%s," % (len(text), text))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                text = await reader.readexactly(length + 1)
                await self._take(json.loads(text[:-1]))

    async def _take(self, message: dict[str, object]) -> None:
        if message.get("token") == "reginfo" and "OK " in str(message.get("data")):
            self._registered = True
        if message.get("event"):
            kind, call = str(message.get("type", "")), str(message.get("id", ""))
            self._registered = self._registered or kind == "REGISTER_OK"
            async with self._news:
                self.events.append(BaresipEvent(at=time.time(), kind=kind, call=call))
                self._news.notify_all()


def _free_tcp_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
