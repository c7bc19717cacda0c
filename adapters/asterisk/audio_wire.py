"""AudioSocket's bytes and frames, without I/O: a kind, a length, a payload; nothing a stranger sends is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from kernel.errors import BadInput
from kernel.hearing import KeyDown, SoundEvent, SoundOver, Spoken

#: 16-bit samples at 8000 a second, 20 ms a frame.
FRAME_S, FRAME_BYTES = 0.02, 320
_HEAD = 3
#: Asterisk sends 320; a longer packetisation may come, more than 80 ms never does.
_MOST_AUDIO = 1280
_KEYS = frozenset(b"0123456789*#ABCD")


class Kind(IntEnum):
    """The kinds of app_audiosocket."""

    HANGUP = 0x00
    ID = 0x01
    #: One ASCII key.
    DTMF = 0x03
    #: Signed linear, 16 bit, 8000 a second.
    AUDIO = 0x10
    ERROR = 0xFF


#: The longest payload each kind may have.
_MOST = {Kind.HANGUP: 1, Kind.ID: 16, Kind.DTMF: 1, Kind.AUDIO: _MOST_AUDIO, Kind.ERROR: 1}


class WrongFrame(BadInput):
    """The peer does not speak AudioSocket as app_audiosocket does: the connection must be ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The first frame of a connection: whose call this is."""

    id: UUID


Frame = Named | SoundEvent


class AudioDecoder:
    """Bytes in any chunks, frames out. The id comes first, once; raises ``WrongFrame`` at the first fault."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._named = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete now."""
        self._rest += data
        frames: list[Frame] = []
        at = 0
        while len(self._rest) - at >= _HEAD:
            kind, size = self._head(at)
            if len(self._rest) - at < _HEAD + size:
                break
            frames.append(self._frame(kind, bytes(self._rest[at + _HEAD : at + _HEAD + size])))
            at += _HEAD + size
        del self._rest[:at]
        return frames

    def _head(self, at: int) -> tuple[Kind, int]:
        size = int.from_bytes(self._rest[at + 1 : at + _HEAD])
        try:
            kind = Kind(self._rest[at])
        except ValueError:
            raise WrongFrame("audio_kind", "an AudioSocket frame of an unknown kind") from None
        if size > _MOST[kind]:
            raise WrongFrame("audio_size", "an AudioSocket frame longer than its kind allows")
        if self._named is (kind is Kind.ID):
            raise WrongFrame("audio_order", "an AudioSocket connection names its call first, and once")
        return kind, size

    def _frame(self, kind: Kind, payload: bytes) -> Frame:
        match kind:
            case Kind.ID:
                if len(payload) != _MOST[Kind.ID]:
                    raise WrongFrame("audio_id", "an AudioSocket id has 16 bytes")
                self._named = True
                return Named(id=UUID(bytes=payload))
            case Kind.DTMF:
                if not payload or payload[0] not in _KEYS:
                    raise WrongFrame("audio_key", "an AudioSocket key is one a telephone has")
                return KeyDown(key=chr(payload[0]))
            case Kind.AUDIO:
                return Spoken(pcm=payload[: len(payload) & ~1])
            case Kind.HANGUP | Kind.ERROR:
                return SoundOver()


def audio_frame(pcm: bytes) -> bytes:
    """One frame of sound; 320 bytes of samples, or a shorter last piece."""
    return bytes((Kind.AUDIO,)) + len(pcm).to_bytes(2) + pcm


SILENCE = audio_frame(bytes(FRAME_BYTES))
#: Tells Asterisk that we are done: the application ends, the call stays ours.
GOODBYE = bytes((Kind.HANGUP, 0, 0))


def named_frame(id_: UUID) -> bytes:
    """The first frame of a connection, as Asterisk writes it; for tests and the bench."""
    return bytes((Kind.ID, 0, 16)) + id_.bytes
