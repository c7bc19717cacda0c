"""The engine's side of the door: one request, one reply, over a unix socket of mode 0600 in a folder of mode 0700."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from adapters.control.address import short_address
from adapters.control.wire import REPLY_LIMIT, REQUEST_LIMIT, decode_command, encode_outcome
from kernel.commands import Asked, Outcome
from kernel.errors import GuildhallError, Refused

#: A client that says nothing is closed after this, seconds (P23: idle clients cost nobody anything).
_IDLE_S = 10.0
#: How long the engine may take for an answer, seconds.
_ANSWER_S = 15.0

log = structlog.get_logger()

Ask = Callable[[Asked], Awaitable[Outcome]]


class ControlServer:
    """Opens the door at ``path`` and hands every command to ``ask``.

    Whoever may open the socket may do all: the file's owner, and root.
    """

    def __init__(self, path: Path, ask: Ask) -> None:
        self._path = path
        self._ask = ask
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the door.

        Raises ``Refused`` when another engine answers there or the folder is shared, ``OSError`` when it cannot be
        made.
        """
        _close_folder(self._path.parent)
        door = _bound(self._path)
        self._server = await asyncio.start_unix_server(self._meet, sock=door, limit=REQUEST_LIMIT)

    async def stop(self) -> None:
        """Close the door, end the conversations, remove the socket."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for client in list(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)
        try:
            # Accepted in the moment the door was closed: nobody would end this conversation.
            if self._server is not None:
                await self._converse(reader, writer)
        except (OSError, TimeoutError):
            # The client left, or never spoke.
            pass
        except asyncio.CancelledError:
            # Only stop() cancels. The task ends here; Python 3.11's streams trip over one that ends as cancelled.
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(_IDLE_S):
                    line = await reader.readuntil()
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                # What follows is the rest of the same line: answer and hang up.
                too_long = Outcome(ok=False, code="too_long", message=f"at most {REQUEST_LIMIT} bytes a request")
                writer.write(encode_outcome(too_long))
                await writer.drain()
                return
            writer.write(await self._reply(line))
            async with asyncio.timeout(_IDLE_S):
                await writer.drain()

    async def _reply(self, line: bytes) -> bytes:
        try:
            command = decode_command(line)
            async with asyncio.timeout(_ANSWER_S):
                reply = encode_outcome(await self._ask(command))
        except GuildhallError as error:
            return encode_outcome(Outcome(ok=False, code=error.code, message=error.message))
        except TimeoutError:
            message = "the engine did not answer in time; it may still carry out the command: look at its state"
            return encode_outcome(Outcome(ok=False, code="timeout", message=message))
        except Exception:
            log.exception("command_failed")
            return encode_outcome(Outcome(ok=False, code="failed", message="the engine failed; its log says why"))
        if len(reply) > REPLY_LIMIT:
            return encode_outcome(Outcome(ok=False, code="too_long", message="the answer is too long for one reply"))
        return reply


def _close_folder(folder: Path) -> None:
    """Give the folder to its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_mode & stat.S_ISVTX:
        # /tmp and the like belong to everybody: closing one would break the machine.
        raise Refused("shared_folder", "the control socket needs a folder of its own, not one shared by all users")
    folder.chmod(0o700)


def _bound(path: Path) -> socket.socket:
    """Make the socket file, mode 0600 from its first moment; replace one that a killed engine has left behind."""
    with short_address(path) as address:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(address)
                except ConnectionRefusedError:
                    path.unlink()
                else:
                    raise Refused("already_running", "another engine answers at this socket: stop it first")
        door = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            door.bind(address)
        except OSError:
            door.close()
            raise
        finally:
            os.umask(before)
    return door
