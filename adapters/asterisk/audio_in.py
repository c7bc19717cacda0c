"""The AudioSocket port: takes the PBX's connection for a call we expect, and nobody else's (SECURITY V14)."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4

import structlog

from adapters.asterisk.audio_wire import (
    FRAME_BYTES,
    FRAME_S,
    GOODBYE,
    SILENCE,
    AudioDecoder,
    Frame,
    Named,
    WrongFrame,
    audio_frame,
)
from kernel.hearing import KeyDown, NoSound, SoundEvent, SoundOver, Spoken

log = structlog.get_logger()

#: Frames that wait to be listened to: beyond it a turn has lost its listener, and old sound is worth nothing.
_MOST_WAITING = 250
#: Sound comes in real time; a loop of ours that stood still finds what came meanwhile. Five seconds of frames.
_MOST_BURST = 250
#: A full second behind, the tick gives up the lost time instead of sending a burst.
_GIVE_UP_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLimits:
    """How much patience and room strangers find."""

    #: How long an id waits for its call.
    id_life_s: float = 10.0
    #: How long a connection may take to name its call.
    name_wait_s: float = 2.0
    most_connections: int = 500


_LIMITS = AudioLimits()


class CallSound(asyncio.Protocol):
    """One call's sound for one turn: the caller's comes by ``next``, ours goes out a frame each 20 ms."""

    def __init__(self, port: AudioPort) -> None:
        self._port = port
        self._decoder = AudioDecoder()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Queue[SoundEvent] = asyncio.Queue()
        self._saying = memoryview(b"")
        self._named = False
        self._credit = float(_MOST_BURST)
        self._credited_at = 0.0
        self._name_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: connected. Nothing is sent before the call is named."""
        self._transport = cast("asyncio.Transport", transport)
        peer = (transport.get_extra_info("peername") or ("",))[0]
        if not self._port.admit(self, peer):
            self.abort()
            return
        loop = asyncio.get_running_loop()
        self._credited_at = loop.time()
        self._name_timer = loop.call_later(self._port.limits.name_wait_s, self.abort)

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes came."""
        try:
            for frame in self._decoder.feed(data):
                self._take(frame)
        except WrongFrame as error:
            log.warning("an AudioSocket connection was ended", code=error.code)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: gone; whoever listens hears of it."""
        del exc
        if self._name_timer is not None:
            self._name_timer.cancel()
        self._port.forget(self)
        self._waiting.put_nowait(SoundOver())

    @property
    def saying(self) -> bool:
        """Whether a prompt is still going out."""
        return len(self._saying) > 0

    def say(self, pcm: bytes) -> None:
        """Say this from the next frame on, in place of what is being said."""
        self._saying = memoryview(pcm)

    def hush(self) -> None:
        """Stop at once: at most one frame is on its way."""
        self._saying = memoryview(b"")

    async def next(self) -> SoundEvent:
        """The next thing that came: sound, a key, or the end."""
        return await self._waiting.get()

    def close(self) -> None:
        """Tell the PBX that we are done: it takes the call back to AGI."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(GOODBYE)
            self._transport.close()

    def abort(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()

    def beat(self) -> None:
        """Send 20 ms: of the prompt, or of an open line, without which app_audiosocket gives up after two seconds.

        Carriers, handsets and people take digital silence for a dead line.
        """
        if self._transport is None or self._transport.is_closing() or not self._named:
            return
        if self._saying:
            piece = bytes(self._saying[:FRAME_BYTES])
            self._saying = self._saying[FRAME_BYTES:]
            self._transport.write(audio_frame(piece.ljust(FRAME_BYTES, b"\0")))
        else:
            self._transport.write(self._port.open_line)

    def _take(self, frame: Frame) -> None:
        match frame:
            case Named(id=id_):
                if not self._port.claim(id_, self):
                    log.warning("an AudioSocket connection for no call of ours was ended")
                    self.abort()
                    return
                self._named = True
                if self._name_timer is not None:
                    self._name_timer.cancel()
            case Spoken() | KeyDown():
                self._spend()
                # A key is the caller's wish however far behind we are; how many there can be, the rate bounds.
                if isinstance(frame, KeyDown) or self._waiting.qsize() < _MOST_WAITING:
                    self._waiting.put_nowait(frame)
            case SoundOver():
                self._waiting.put_nowait(frame)

    def _spend(self) -> None:
        now = asyncio.get_running_loop().time()
        self._credit = min(_MOST_BURST, self._credit + (now - self._credited_at) / FRAME_S * 1.5)
        self._credited_at = now
        self._credit -= 1
        if self._credit < 0:
            raise WrongFrame("audio_rate", "sound comes faster than a telephone speaks")


class AudioPort:
    """Listens on loopback. Each expected call has a random id (122 bits) that works once, for ten seconds."""

    def __init__(self, port: int = 0, open_line: bytes = b"", limits: AudioLimits = _LIMITS) -> None:
        """``open_line``: samples of the faint sound a caller hears while we say nothing; default: silence."""
        self.port, self.limits = port, limits
        whole = len(open_line) - len(open_line) % FRAME_BYTES
        pieces = (open_line[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES))
        self._open_line = tuple(map(audio_frame, pieces)) or (SILENCE,)
        self._beats = 0
        self._server: asyncio.Server | None = None
        self._expected: dict[UUID, asyncio.Future[CallSound]] = {}
        self._open: set[CallSound] = set()
        self._beating: asyncio.Task[None] | None = None

    @property
    def open_line(self) -> bytes:
        """The frame that goes out now where nothing is said."""
        return self._open_line[self._beats % len(self._open_line)]

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    async def start(self) -> None:
        """Listen. Raises ``OSError`` when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: CallSound(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """End every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        for sound in tuple(self._open):
            sound.abort()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    def expect(self) -> tuple[UUID, asyncio.Future[CallSound]]:
        """A fresh id for one call, and the connection that will come for it. The caller of this cancels it in the end.

        The future fails with ``NoSound`` when nobody came in time.
        """
        loop = asyncio.get_running_loop()
        id_, coming = uuid4(), loop.create_future()
        self._expected[id_] = coming
        timer = loop.call_later(self.limits.id_life_s, _expire, coming)

        def over(_done: object) -> None:
            timer.cancel()
            self._expected.pop(id_, None)

        coming.add_done_callback(over)
        return id_, coming

    def admit(self, sound: CallSound, peer: str) -> bool:
        """Whether one more may connect: from this machine, somebody must be expected, and there must be room."""
        if not _is_loopback(peer) or len(self._open) >= self.limits.most_connections or not self._expected:
            return False
        self._open.add(sound)
        return True

    def claim(self, id_: UUID, sound: CallSound) -> bool:
        """Whether a call waits for this id. An id works once."""
        coming = self._expected.pop(id_, None)
        if coming is None or coming.done():
            return False
        coming.set_result(sound)
        return True

    def forget(self, sound: CallSound) -> None:
        """A connection is gone."""
        self._open.discard(sound)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for sound in tuple(self._open):
                sound.beat()
            self._beats += 1
            due += FRAME_S
            late = loop.time() - due
            if late > _GIVE_UP_S:
                due += late
            await asyncio.sleep(max(0.0, -late))


def _expire(coming: asyncio.Future[CallSound]) -> None:
    if not coming.done():
        coming.set_exception(NoSound("no_sound", "the PBX did not bring the call's sound in time"))
        # Whoever waited may have gone: then nobody reads this.
        coming.exception()


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
