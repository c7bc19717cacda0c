"""The AMI link: one supervised connection to the PBX, events out in wire order, actions in, nothing ever sent twice."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog

from adapters.asterisk.ami_guard import GuardedManager, GuardedProtocol, Waiter
from adapters.asterisk.ami_pace import ReconnectPace
from adapters.asterisk.ami_waiters import ListReply, OneReply, ToldReply, lost
from adapters.asterisk.ami_wire import Frame, Headers, encode_action
from adapters.asterisk.mishap import kind_and_place
from kernel.errors import BadInput, Refused

log = structlog.get_logger()

Answer = TypeVar("Answer")

_CONNECT_WAIT_S = 3.0
#: Greeting and login together. Asterisk answers a wrong secret after 1.0 s (measured); a frozen one still accepts TCP.
_LOGIN_WAIT_S = 5.0
#: When a wait of ours ends so much late, we stood still, not the PBX: its words are still unread.
_OWN_GAP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiSettings:
    """Where the PBX's AMI is and how closely it is watched."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    ping_every_s: float = 1.0
    #: A peer of which nothing was heard for so long is frozen.
    dead_after_s: float = 3.0
    #: How long a told action's reply is awaited.
    tell_wait_s: float = 10.0
    #: Unsent bytes after which the peer is taken for dead: it reads nothing. An action is some 200 bytes.
    most_unsent: int = 1024 * 1024
    #: Names of the events to pass on; None means all.
    wanted_events: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.ping_every_s < self.dead_after_s:
            raise BadInput("ami_settings", "ping_every_s must be above 0 and below dead_after_s")


class _Asker(Waiter, Protocol[Answer]):
    future: asyncio.Future[Answer]


class AmiLink:
    """``run`` it as a task; ``on_up`` and ``on_down`` frame the times in which events flow and actions may be sent.

    All three callbacks are called synchronously, ``on_event`` inside the read itself: they must not block. Their
    exceptions are logged and contained. After ``on_up`` take a snapshot: what happened while down was not seen.
    """

    def __init__(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Frame], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._protocol: GuardedProtocol | None = None
        #: Random, because OriginateResponse reaches every AMI client: another's ActionID must not look like ours.
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        # A secret that cannot be sent should fail at the start, not at each login.
        self._login(self._next_id())

    @property
    def up(self) -> bool:
        """Whether the link is logged in."""
        return self._protocol is not None and self._protocol.sendable

    async def run(self) -> None:
        """Keep the link up for ever; cancel to stop."""
        loop = asyncio.get_running_loop()
        pace = ReconnectPace(random.random)
        while True:
            await asyncio.sleep(pace.before_next(loop.time()))
            pace.knocked(loop.time())
            life = _Life()
            await self._live(life)
            pace.ended(lived_s=loop.time() - life.up_at if life.up_at else 0.0, refused=life.refused)
            log.warning("the AMI link is down", reason=life.reason)

    async def ask(self, action: str, headers: Headers, *, timeout_s: float = 5.0) -> Frame:
        """Send one action and return its reply.

        Raises ``BadInput`` (not encodable) and ``Refused`` (link down: ``ami_down``; Asterisk's Error: ``ami_error``)
        when nothing happened; ``OutcomeUnknown`` on loss or time-out: it may have happened, and is never sent again.
        """
        return await self._ask(OneReply(headers, math.inf), action, headers, timeout_s)

    async def ask_list(self, action: str, headers: Headers, *, timeout_s: float = 10.0) -> list[Frame]:
        """Send one action that is answered by a list and return its events. Raises as ``ask``."""
        return await self._ask(ListReply(headers, math.inf), action, headers, timeout_s)

    def tell(
        self,
        actions: Sequence[tuple[str, Headers]],
        on_reply: Callable[[int, Frame | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order, waiting for nothing.

        ``on_reply(index, reply)`` is called synchronously with each reply, an Error too; with None when the outcome
        is unknown (link lost, or 10 s without an answer). Raises ``BadInput`` or ``Refused`` before anything is sent.
        """
        protocol = self._ready()
        deadline = asyncio.get_running_loop().time() + self._settings.tell_wait_s
        waiters: dict[str, Waiter] = {}
        written = []
        for index, (action, headers) in enumerate(actions):
            action_id = self._next_id()
            written.append(encode_action(action, headers, action_id))
            waiters[action_id] = ToldReply(index, on_reply, deadline)
        protocol.send(b"".join(written), waiters)

    async def _ask(self, waiter: _Asker[Answer], action: str, headers: Headers, timeout_s: float) -> Answer:
        protocol = self._ready()
        action_id = self._next_id()
        protocol.send(encode_action(action, headers, action_id), {action_id: waiter})
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter.future
        except TimeoutError:
            raise lost("ami_timeout") from None
        finally:
            protocol.forget(action_id)

    def _ready(self) -> GuardedProtocol:
        protocol = self._protocol
        if protocol is None or not protocol.sendable:
            raise Refused("ami_down", "the link to the PBX is down; nothing was sent")
        if protocol.crowded:
            raise Refused("ami_busy", "too many answers of the PBX are outstanding; nothing was sent")
        return protocol

    def _next_id(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"

    def _login(self, action_id: str) -> bytes:
        words = {"Username": self._settings.user, "Secret": self._settings.secret, "Events": "on"}
        return encode_action("Login", words, action_id)

    async def _live(self, life: _Life) -> None:
        """One connection, from the first packet to its loss."""
        made: list[GuardedProtocol] = []

        def make() -> GuardedProtocol:
            settings = self._settings
            made.append(
                GuardedProtocol(
                    wanted=settings.wanted_events, on_event=self._on_event, most_unsent=settings.most_unsent
                )
            )
            return made[-1]

        try:
            async with asyncio.timeout(_CONNECT_WAIT_S):
                await GuardedManager(self._settings.host, self._settings.port, make).connect()
            if await self._enter(made[-1], life):
                await self._watch(made[-1])
            life.reason = life.reason or made[-1].lost.result()
        except (OSError, TimeoutError):
            life.reason = "cannot connect"
        finally:
            for protocol in made:
                protocol.close()
            if self._protocol is not None:
                self._protocol = None
                _contain(self._on_down, life.reason or "stopped")

    async def _enter(self, protocol: GuardedProtocol, life: _Life) -> bool:
        """See the greeting, then log in; the secret is shown to nothing that does not greet as a PBX does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LOGIN_WAIT_S
        answered: asyncio.Future[bool] = loop.create_future()

        def on_reply(_index: int, reply: Frame | None) -> None:
            accepted = reply is not None and reply.get("Response") == "Success"
            life.refused = reply is not None and not accepted
            if accepted:
                # Here and not after an await: events in the same chunk must find the link up.
                life.up_at = loop.time()
                protocol.trusted = True
                self._protocol = protocol
                _contain(self._on_up)
            if not answered.done():
                answered.set_result(accepted)

        either: set[asyncio.Future[Any]] = {protocol.greeted, protocol.lost}
        await asyncio.wait(either, timeout=_LOGIN_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        if protocol.greeted.done() and protocol.sendable:
            action_id = self._next_id()
            protocol.send(self._login(action_id), {action_id: ToldReply(0, on_reply, deadline)})
            await asyncio.wait({answered}, timeout=deadline - loop.time())
        if answered.done() and answered.result():
            return True
        protocol.drop("the PBX refused the login" if life.refused else "no greeting or no answer to the login")
        return False

    async def _watch(self, protocol: GuardedProtocol) -> None:
        """Ping, and drop a peer that went silent, until the connection is lost."""
        loop = asyncio.get_running_loop()
        every, dead_after = self._settings.ping_every_s, self._settings.dead_after_s
        next_ping = loop.time()
        while not protocol.lost.done():
            wake = max(min(next_ping, protocol.heard + dead_after), loop.time())
            await asyncio.wait({protocol.lost}, timeout=wake - loop.time())
            now = loop.time()
            if now - wake > _OWN_GAP_S:
                protocol.heard = now
            protocol.give_up_overdue(now)
            if now - protocol.heard >= dead_after:
                protocol.drop("the PBX is silent")
            elif now >= next_ping and protocol.sendable:
                next_ping = now + every
                action_id = self._next_id()
                ping = ToldReply(0, None, now + dead_after)
                protocol.send(encode_action("Ping", {}, action_id), {action_id: ping})


class _Life:
    """What became of one connection."""

    __slots__ = ("reason", "refused", "up_at")

    def __init__(self) -> None:
        self.reason = ""
        self.refused = False
        self.up_at: float | None = None


def _contain(told: Callable[..., None], *args: object) -> None:
    try:
        told(*args)
    except Exception as error:  # noqa: BLE001 - the owner's mishap must not end the supervision of the link
        # `error`, not `exception`: a traceback ends in the exception's text.
        log.error("a handler of the AMI link's state failed", **kind_and_place(error))  # noqa: TRY400 - see above
