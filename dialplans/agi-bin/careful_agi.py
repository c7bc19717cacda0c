"""pyst2's AGI with four of its faults mended, and a FastAGI server for scripts that Asterisk cannot run itself."""

from __future__ import annotations

import socketserver
import sys
from collections.abc import Callable
from typing import Any, TextIO

from asterisk.agi import AGI, AGIAppError, AGIHangup, AGIResultHangup, AGIUsageError

#: Seconds without a word from Asterisk: longer than any prompt, so that a lost connection ends.
_SILENCE_S = 120.0


class _Lines:
    """Asterisk's lines. A hang-up is told as one: pyst2 takes `HANGUP`, and the end, for a number and trips over it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def readline(self) -> str:
        """Return the next line. Raises ``AGIResultHangup`` when the caller has gone."""
        line = self._stream.readline()
        if not line or line.strip() == "HANGUP":
            raise AGIResultHangup("the caller hung up")
        return line


class _Nowhere:
    """Takes what is written and keeps nothing."""

    def write(self, text: str) -> None:
        """Forget it."""


class CarefulAgi(AGI):  # type: ignore[misc]  # pyst2 publishes no types
    """One caller, with every method of pyst2's AGI: answer, stream_file, wait_for_digit and the rest."""

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        # pyst2 tells stderr all it hears: Asterisk's log would hold callers' numbers and keys.
        super().__init__(_Lines(stdin), stdout, _Nowhere())

    def send_command(self, command: str, *words: Any) -> None:  # noqa: ANN401 - as pyst2 has it
        """Send one command. Raises ``AGIUsageError`` for a word with a line break: it would begin a second command."""
        if any(sign in str(word) for word in (command, *words) for sign in "\r\n\0"):
            raise AGIUsageError("a line break may not stand in an AGI command")
        super().send_command(command, *words)

    def _quote(self, string: object) -> str:
        """Quote one word; pyst2 leaves a quotation mark in it as it is, and what follows becomes a further word."""
        return '"' + str(string).replace("\\", "\\\\").replace('"', '\\"') + '"'


def serve(script: Callable[[CarefulAgi], None], port: int) -> None:
    """Answer FastAGI calls on loopback for ever, a process a call (pyst2 sets a signal handler: no threads)."""

    class Call(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(_SILENCE_S)
            with self.request.makefile("rw", encoding="utf-8", errors="replace", newline="\n") as lines:
                run(script, lines, lines)

    class Server(socketserver.ForkingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", port), Call) as server:
        print(f"waiting for AGI(agi://127.0.0.1:{server.server_address[1]}/)", flush=True)
        server.serve_forever()


def run(script: Callable[[CarefulAgi], None], stdin: TextIO, stdout: TextIO) -> None:
    """Serve one caller; one who hangs up is no error."""
    try:
        script(CarefulAgi(stdin, stdout))
    except (AGIHangup, ConnectionError, TimeoutError):
        return
    except AGIAppError:
        # Asterisk answers -1 to both.
        print("a command failed, or the caller hung up during it", file=sys.stderr)
