"""One AGI session: a connection from Asterisk for one caller, its environment, and its commands one after another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

import structlog

from adapters.asterisk.agi_wire import AgiDecoder, AgiProtocolError, AgiReply, HangupSeen, encode_command
from kernel.errors import LineGone

log = structlog.get_logger()

#: The adapter's word for the port's: hung up, redirected away by AMI, or the peer closed; to a session all the same
#: (docs/asterisk.md rule 3).
AgiGone = LineGone

#: A command without a longer one of its own is answered in milliseconds; Asterisk frozen for so long has lost the call.
_ANSWER_WAIT_S = 15.0


class AgiConnection(asyncio.Protocol):
    """The bytes' side of a session; tells its owner when the environment is complete and when the line is gone."""

    def __init__(
        self,
        *,
        on_connected: Callable[[AgiConnection], None],
        on_environment: Callable[[AgiConnection], None],
        on_gone: Callable[[AgiConnection], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        #: Done when the line is no longer ours.
        self.gone: asyncio.Future[None] = loop.create_future()
        self.peer = ""
        self._on_connected = on_connected
        self._on_environment = on_environment
        self._on_gone = on_gone
        self._decoder = AgiDecoder()
        #: In the order asked. A cancelled command's future stays here until its reply has come, or every later reply
        #: would be taken for the one before (faults b, c).
        self._awaited: deque[asyncio.Future[AgiReply]] = deque()
        self._transport: asyncio.Transport | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What Asterisk said of the call; empty until it is complete."""
        return MappingProxyType(self._decoder.environment or {})

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: connected."""
        # TCP always gives one; uvloop's is none of asyncio's classes, so no isinstance.
        self._transport = cast("asyncio.Transport", transport)
        self.peer = (transport.get_extra_info("peername") or ("",))[0]
        self._on_connected(self)

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes came."""
        if self.gone.done():
            return
        before = self._decoder.environment
        try:
            replies = self._decoder.feed(data)
        except AgiProtocolError:
            self.abort()
            return
        if before is None and self._decoder.environment is not None:
            self._on_environment(self)
        for reply in replies:
            if isinstance(reply, HangupSeen):
                self._go()
                return
            if not self._awaited:
                # A reply nobody asked for: what belongs to what can no longer be told.
                self.abort()
                return
            future = self._awaited.popleft()
            if not future.done():
                future.set_result(reply)

    def eof_received(self) -> None:
        """Asyncio: the peer closed its side. Not a warning: health checks do so all day."""
        try:
            self._decoder.end()
        except AgiProtocolError as error:
            log.debug("a FastAGI peer closed early", reason=error.message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: gone."""
        del exc
        self._go()

    def ask(self, data: bytes) -> asyncio.Future[AgiReply]:
        """Write one command; the future is its reply. Raises ``AgiGone``."""
        if self.gone.done() or self._transport is None or self._transport.is_closing():
            raise _gone()
        future: asyncio.Future[AgiReply] = asyncio.get_running_loop().create_future()
        self._awaited.append(future)
        self._transport.write(data)
        return future

    def close(self) -> None:
        """End the session: Asterisk goes on in the dialplan."""
        if self._transport is not None:
            self._transport.close()
        self._go()

    def abort(self) -> None:
        """End the session at once, with unsent bytes."""
        if self._transport is not None:
            self._transport.abort()
        self._go()

    def _go(self) -> None:
        if self.gone.done():
            return
        self.gone.set_result(None)
        while self._awaited:
            future = self._awaited.popleft()
            if not future.done():
                future.set_exception(_gone())
        self._on_gone(self)


class AgiSession:
    """What a script gets: the call's environment and ``command``."""

    def __init__(self, connection: AgiConnection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        #: Loop time until which the PBX may still be busy with a command whose asker was cancelled.
        self._busy_until = 0.0

    @property
    def env(self) -> Mapping[str, str]:
        """What Asterisk said of the call (``agi_channel``, ``agi_uniqueid``, ``agi_callerid`` …): outside text."""
        return self._connection.environment

    @property
    def args(self) -> tuple[str, ...]:
        """The dialplan's arguments after the token, in order."""
        values: list[str] = []
        while (value := self.env.get(f"agi_arg_{len(values) + 2}")) is not None:
            values.append(value)
        return tuple(values)

    @property
    def is_gone(self) -> bool:
        """Whether the line is no longer ours."""
        return self._connection.gone.done()

    async def wait_gone(self) -> None:
        """Return when the line is no longer ours."""
        await asyncio.shield(self._connection.gone)

    async def command(self, command: str, *args: str, within_s: float = _ANSWER_WAIT_S) -> AgiReply:
        """Send one command and return its reply; the next one waits its turn.

        ``within_s``: seconds in which the reply must come. Raises ``BadInput``; ``AgiGone`` when the line is hung up,
        taken elsewhere, or silent for too long.
        """
        data = encode_command(command, *args)
        async with self._turn:
            now = asyncio.get_running_loop().time()
            until = max(now, self._busy_until) + within_s
            future = self._connection.ask(data)
            try:
                async with asyncio.timeout_at(until):
                    return await future
            except asyncio.CancelledError:
                self._busy_until = until
                raise
            except TimeoutError:
                self._connection.abort()
                raise _gone() from None


def _gone() -> LineGone:
    return AgiGone("line_gone", "the line is no longer in this session's hands")
