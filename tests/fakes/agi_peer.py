"""Asterisk's side of FastAGI, scripted: connects, gives the environment, answers each command as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TOKEN = "a-token-of-the-tests-only"

#: Command line without its line feed -> reply; None for silence.
Script = Callable[[str], bytes | None]


def environment(script: str, *args: str) -> bytes:
    lines = [
        "agi_network: yes",
        f"agi_network_script: {script}",
        "agi_channel: PJSIP/trunk-00000001",
        "agi_uniqueid: 1764000000.12",
        "agi_callerid: 01632960001",
        'agi_calleridname: Siân "O\'Neill"',
        "agi_accountcode: ",
        *(f"agi_arg_{number}: {arg}" for number, arg in enumerate(args, 1)),
    ]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n"


def parse_args(line: str) -> list[str]:
    """Split a command as Asterisk's ``parse_args`` (res_agi.c) does: quotes toggle, a backslash frees what follows."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for letter in line:
        if letter == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif letter in " \t" and not quoted and not escaped:
            between = True
        elif letter == "\\" and not escaped:
            escaped = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += letter
            escaped = False
    return words


class AgiPeer:
    """One call's AGI() application. ``commands`` is what it was told to do, TIMEOUT renewals included."""

    def __init__(self, port: int, script: Script | None = None) -> None:
        self.script: Script = script or (lambda _line: b"200 result=0\n")
        self.commands: list[str] = []
        #: True once the server closed the connection.
        self.closed = False
        #: The keys noted on the channel (asterisk_conf/keys.conf); None: this Asterisk notes none.
        self.noted: str | None = None
        self._port = port
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def connect(self, first: bytes) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(first)
        self._task = asyncio.create_task(self._obey(reader))

    def say(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        if self._task is not None:
            await asyncio.wait({self._task})

    def verbs(self) -> list[str]:
        """The commands without the renewals of the absolute timeout and the looks at the keys noted."""
        return [line for line in self.commands if "TIMEOUT(absolute)" not in line and not _looks(line)]

    async def _obey(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                command = line.decode().removesuffix("\n")
                self.commands.append(command)
                renews = command.startswith('SET VARIABLE "TIMEOUT(absolute)"')
                if _looks(command):
                    self.say(b"200 result=0\n" if self.noted is None else f"200 result=1 (k{self.noted})\n".encode())
                    continue
                self.say((b"200 result=1\n" if renews else self.script(command)) or b"")
        except ConnectionError:
            pass
        self.closed = True


def _looks(command: str) -> bool:
    return command == 'GET VARIABLE "GH_DTMF"'
