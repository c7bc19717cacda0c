"""Ears: how loud, which tone, where silent. Proves what was heard on a call or kept in a recording.

Samples are 16-bit little-endian at 8000 a second unless ``rate`` says otherwise. Loudness is RMS in dB below full
scale: 0 is a full-scale square wave, a phone's tone here is about -15, silence ``SILENCE_DBFS``.
"""

from __future__ import annotations

import math
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import BadInput
from lab.g711 import RATE

#: What digital silence is given as, instead of minus infinity.
SILENCE_DBFS = -99.0
#: Below this a window counts as silent: A-law's own noise is near -72, quiet speech near -45.
QUIET_DBFS = -55.0
#: Tones are measured in blocks of 50 ms: 20 Hz wide, so that a gap in the tone does not cancel it.
_BLOCK_S = 0.05
_FULL_SCALE = 32768.0
_SAMPLE_BYTES = 2

Pcm = bytes | bytearray


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A sound, one string of samples a channel."""

    rate: int
    channels: tuple[bytes, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.channels[0]) / _SAMPLE_BYTES / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of silence, in seconds."""

    start: float
    seconds: float


def read_wav(path: Path) -> Heard:
    """Read a 16-bit PCM WAV file, its channels apart. Raises ``BadInput`` for another sample width."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != _SAMPLE_BYTES:
            raise BadInput("bad_sound", f"{path.name} is not a 16-bit WAV file")
        count, rate = file.getnchannels(), file.getframerate()
        samples = array("h", file.readframes(file.getnframes()))
    return Heard(rate=rate, channels=tuple(samples[number::count].tobytes() for number in range(count)))


def rms_dbfs(pcm: Pcm) -> float:
    """Loudness of the whole."""
    samples = _samples(pcm)
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    return max(SILENCE_DBFS, 10 * math.log10(power / _FULL_SCALE**2)) if power else SILENCE_DBFS


def energy_per_window(pcm: Pcm, *, window_s: float = 0.1, rate: int = RATE) -> list[float]:
    """Loudness of each window, in dB below full scale; a last incomplete window is left out."""
    size = round(window_s * rate) * _SAMPLE_BYTES
    return [rms_dbfs(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]


def tone_share(pcm: Pcm, hertz: float, *, rate: int = RATE) -> float:
    """How much of the sound's power is this tone: 1 is nothing else, 0 is not there.

    Of two equally loud tones each has about 0.5. Tones must stand 40 Hz or more apart.
    """
    samples = _samples(pcm)
    block = round(_BLOCK_S * rate)
    whole, tone = 0.0, 0.0
    for at in range(0, len(samples) - block + 1, block):
        piece = samples[at : at + block]
        whole += sum(sample * sample for sample in piece)
        tone += _goertzel(piece, hertz, rate) * 2 / block
    return min(1.0, tone / whole) if whole else 0.0


def hears(pcm: Pcm, hertz: float, *, rate: int = RATE, least_share: float = 0.2) -> bool:
    """Whether the tone is plainly there: at least this share of the power, and louder than ``QUIET_DBFS``."""
    return rms_dbfs(pcm) > QUIET_DBFS and tone_share(pcm, hertz, rate=rate) >= least_share


def silence_gaps(
    pcm: Pcm, *, at_least_s: float = 0.2, quiet_dbfs: float = QUIET_DBFS, rate: int = RATE, window_s: float = 0.02
) -> list[Gap]:
    """Where it is silent for at least so long, to one window's exactness."""
    gaps: list[Gap] = []
    start: float | None = None
    loudness = energy_per_window(pcm, window_s=window_s, rate=rate)
    for number, level in enumerate([*loudness, 0.0]):
        now = number * window_s
        if level < quiet_dbfs:
            start = now if start is None else start
        elif start is not None:
            if now - start >= at_least_s - window_s / 2:
                gaps.append(Gap(start=start, seconds=now - start))
            start = None
    return gaps


def _samples(pcm: Pcm) -> array[int]:
    return array("h", bytes(pcm[: len(pcm) & ~1]))


def _goertzel(samples: array[int], hertz: float, rate: int) -> float:
    """Power of one frequency (Goertzel 1958): a resonator tuned to it, read at the end."""
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    last, before = 0.0, 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    return last * last + before * before - turn * last * before
