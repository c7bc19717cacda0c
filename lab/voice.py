"""What a phone says: a sound file, a tone or silence, cut into 20 ms frames of its codec."""

from __future__ import annotations

import math
import wave
from array import array
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kernel.errors import BadInput
from lab.g711 import FRAME, RATE, Law

#: A WAV file (8000 Hz, mono, 16 bit), a tone in Hz, or None for silence.
Sound = Path | str | int | None

#: Peak of a tone: about -12 dB below full scale, loud and clear of clipping.
_PEAK = 8000
_MONO_16_BIT = (1, 2, RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Frames to send, one each 20 ms. An endless voice begins again after its last frame; others end in silence."""

    frames: tuple[bytes, ...]
    silence: bytes
    endless: bool

    def frame(self, number: int) -> bytes:
        """The frame to send as the ``number``-th since it began to speak."""
        if self.endless:
            return self.frames[number % len(self.frames)]
        return self.frames[number] if number < len(self.frames) else self.silence


@lru_cache(maxsize=64)
def voice_of(sound: Sound, law: Law) -> Voice:
    """Make a sound ready to send; kept, so that 200 phones with one voice encode it once.

    Raises ``BadInput`` when the file is not what a telephone plays.
    """
    silence = law.silence * FRAME
    if sound is None:
        return Voice(frames=(silence,), silence=silence, endless=True)
    pcm = tone(sound) if isinstance(sound, int) else read_telephone_wav(Path(sound))
    code = law.encode(pcm)
    frames = tuple(code[at : at + FRAME].ljust(FRAME, law.silence) for at in range(0, len(code), FRAME))
    return Voice(frames=frames, silence=silence, endless=isinstance(sound, int))


def tone(hertz: int, seconds: float = 1.0) -> bytes:
    """A sine as 16-bit samples. One second of a whole number of Hz joins itself without a click."""
    turn = 2 * math.pi * hertz / RATE
    return array("h", [round(_PEAK * math.sin(turn * at)) for at in range(round(seconds * RATE))]).tobytes()


def read_telephone_wav(path: Path) -> bytes:
    """The samples of an 8000 Hz mono 16-bit WAV file, at most ten minutes. Raises ``BadInput`` for any other."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != _MONO_16_BIT:
            raise BadInput("bad_sound", f"{path.name} is not a mono 16-bit WAV file of exactly 8000 samples a second")
        return file.readframes(600 * RATE)


def write_telephone_wav(path: Path, pcm: bytes | bytearray) -> None:
    """Write samples as an 8000 Hz mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
