"""One AMI connection, guarded: a protocol for panoramisk's ``Manager`` that inherits none of its faults.

From panoramisk 1.4 we keep ``Manager`` as the opener of connections and the object engineers know; its own protocol,
ping, login, retry timer, dispatch by pattern and replay of unanswered actions are overridden (docs/decisions/0004).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

import structlog
from panoramisk import Manager

from adapters.asterisk.ami_wire import AmiDecoder, AmiProtocolError, Frame
from adapters.asterisk.mishap import kind_and_place

log = structlog.get_logger()

#: Actions that may wait for an answer at one time; 300 agents and 50 calls/s stay far below.
_MAX_WAITING = 20_000


class Waiter(Protocol):
    """Somebody who waits for the answer to one action."""

    #: Loop time after which the answer is given up.
    deadline: float

    def take(self, frame: Frame) -> bool | None:
        """Take a frame with its ActionID: True when that was the last, False for more, None if not its own."""
        ...

    def lose(self, code: str) -> None:
        """Learn that the answer will never come."""
        ...


class GuardedProtocol(asyncio.Protocol):
    """Frames to ``on_event`` in wire order, answers to their waiters, all in ``data_received``: no queue, no task."""

    def __init__(self, *, wanted: frozenset[str] | None, on_event: Callable[[Frame], None], most_unsent: int) -> None:
        """``most_unsent``: bytes a peer may leave unread before it is dropped."""
        loop = asyncio.get_running_loop()
        #: Done when the connection is lost, with the reason.
        self.lost: asyncio.Future[str] = loop.create_future()
        #: Done when the peer's greeting proved to be a PBX's.
        self.greeted: asyncio.Future[None] = loop.create_future()
        #: Loop time of the last byte heard.
        self.heard = loop.time()
        #: Events count only after the login: nobody else's words are taken for the PBX's.
        self.trusted = False
        self._loop = loop
        self._wanted = None if wanted is None else wanted | {"OriginateResponse"}
        self._decoder = AmiDecoder(self._wanted)
        self._on_event, self._most_unsent = on_event, most_unsent
        self._waiting: dict[str, Waiter] = {}
        self._transport: asyncio.Transport | None = None
        self._reason = "closed by the PBX"

    @property
    def sendable(self) -> bool:
        """Whether bytes sent now have a chance to arrive."""
        return self._transport is not None and not self._transport.is_closing() and not self.lost.done()

    @property
    def crowded(self) -> bool:
        """Whether too many answers are outstanding to ask for more."""
        return len(self._waiting) >= _MAX_WAITING

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: connected. TCP_NODELAY is set by asyncio and uvloop on every TCP transport (a test asserts it)."""
        # TCP always gives one; uvloop's is none of asyncio's classes, so no isinstance.
        self._transport = cast("asyncio.Transport", transport)
        self.heard = self._loop.time()

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes came."""
        self.heard = self._loop.time()
        try:
            frames = self._decoder.feed(data)
        except AmiProtocolError as error:
            self.drop(error.message)
            return
        if not self.greeted.done() and self._decoder.banner is not None:
            if not self._decoder.banner.startswith("Asterisk Call Manager/"):
                self.drop("the peer does not greet as an AMI port does")
                return
            self.greeted.set_result(None)
        for frame in frames:
            if self.lost.done():
                return
            self._route(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: gone. Every waiter learns now that its outcome is unknown; nothing is kept to be sent again."""
        del exc
        if self.lost.done():
            return
        self.trusted = False
        self.lost.set_result(self._reason)
        waiting, self._waiting = self._waiting, {}
        for waiter in waiting.values():
            self._contain(waiter.lose, "ami_lost")

    def send(self, data: bytes, waiters: dict[str, Waiter]) -> None:
        """Write ``data`` in one go and remember who waits for which ActionID."""
        assert self._transport is not None  # noqa: S101 - senders ask `sendable` first
        self._waiting.update(waiters)
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._most_unsent:
            self.drop("the PBX reads nothing")

    def forget(self, action_id: str) -> None:
        """Stop waiting: a late answer is dropped."""
        self._waiting.pop(action_id, None)

    def give_up_overdue(self, now: float) -> None:
        """Tell every waiter whose deadline has passed."""
        overdue = [key for key, waiter in self._waiting.items() if waiter.deadline <= now]
        for key in overdue:
            self._contain(self._waiting.pop(key).lose, "ami_timeout")

    def drop(self, reason: str) -> None:
        """End the connection at once and forget unsent bytes. Waiters are told before this returns."""
        if not self.lost.done():
            self._reason = reason
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    def close(self) -> None:
        """End the connection for good (panoramisk's name for it)."""
        self.drop("stopped")

    def _route(self, frame: Frame) -> None:
        action_id = frame.get("ActionID")
        waiter = self._waiting.get(action_id) if action_id else None
        if waiter is not None:
            over = self._contain(waiter.take, frame)
            if over is not None:
                if over:
                    self._waiting.pop(action_id, None)
                return
        event = frame.event
        if event and self.trusted and (self._wanted is None or event in self._wanted):
            self._contain(self._on_event, frame)

    def _contain(self, told: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - passes on what the callee returns
        """Call outside code; its exception is logged and the link lives on."""
        try:
            return told(*args)
        except Exception as error:  # noqa: BLE001 - one bad handler must not cost the link to the PBX (fault 4)
            # `error`, not `exception`: a traceback ends in the exception's text.
            log.error("a handler of AMI messages failed", **kind_and_place(error))  # noqa: TRY400 - see above
            return True


class GuardedManager(Manager):  # type: ignore[misc] # panoramisk publishes no types
    """panoramisk's Manager, asked only to open the connection; what it would do by itself is done by ``AmiLink``."""

    def __init__(self, host: str, port: int, protocol_factory: Callable[[], GuardedProtocol]) -> None:
        super().__init__(
            host=host, port=port, loop=asyncio.get_running_loop(), protocol_factory=protocol_factory, log=log
        )

    def connection_made(self, f: asyncio.Future[Any]) -> None:
        """No login and no ping from here, and no retry timer that outlives ``close`` (fault 10)."""
        if not f.cancelled() and f.exception() is None:
            self.protocol = f.result()[1]
            self.protocol.factory = self

    def connection_lost(self, exc: Exception | None) -> None:
        """No reconnect from here: ``AmiLink.run`` supervises."""

    def dispatch(self, event: Frame) -> list[str]:
        """No patterns: 4 microseconds each an event, and their exceptions dropped the link (fault 4)."""
        raise NotImplementedError

    def send_action(self, action: object, as_list: bool | None = None, **kwargs: object) -> None:  # noqa: FBT001 - panoramisk's signature
        """Not encoded by our encoder, so never sent: use ``AmiLink.ask`` (faults 5, 7, 9)."""
        raise NotImplementedError
