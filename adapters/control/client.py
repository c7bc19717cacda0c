"""The command line's side of the door: ask the engine one thing and wait for the answer."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from adapters.control.address import short_address
from adapters.control.wire import REPLY_LIMIT, decode_outcome, encode_command
from kernel.commands import Asked, Outcome
from kernel.errors import BadInput

_DOWN = Outcome(ok=False, code="engine_down", message="the engine is not running: start it with 'make up'")
_FORBIDDEN = Outcome(
    ok=False, code="not_allowed", message="this user may not open the engine's socket: use the engine's user, or root"
)
_SLOW = Outcome(
    ok=False,
    code="timeout",
    message="the engine did not answer in time; it may still carry out the command: ask 'make status'",
)
_CUT = Outcome(
    ok=False, code="cut_off", message="the engine went away before it answered: ask 'make status', then try again"
)


def ask(path: Path, command: Asked, timeout: float = 20.0) -> Outcome:
    """Ask the engine at ``path``; an engine that is down, slow or gone is an ``Outcome`` too. ``timeout`` in seconds.

    Blocks. Never asks twice.
    """
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(timeout)
            with short_address(path) as address:
                door.connect(address)
            door.sendall(encode_command(command))
            return decode_outcome(_line(door, time.monotonic() + timeout))
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        return _DOWN
    except PermissionError:
        return _FORBIDDEN
    except TimeoutError:
        return _SLOW
    except OSError:
        return _CUT
    except BadInput as error:
        return Outcome(ok=False, code=error.code, message=error.message)


def _line(door: socket.socket, until: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        door.settimeout(left)
        chunk = door.recv(65536)
        if not chunk:
            raise ConnectionResetError
        received += chunk
        if len(received) > REPLY_LIMIT:
            raise BadInput("bad_reply", "the engine's reply is too long")
    return bytes(received)
