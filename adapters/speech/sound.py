"""Telephone sound as the engines want it: numbers, 16000 a second, with a little silence around."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: Samples a second: of the telephone, and of the engines.
TELEPHONE_RATE, ENGINE_RATE = 8000, 16000
_FULL_SCALE = np.float32(32768)


def floats(pcm: bytes) -> Floats:
    """16-bit samples as numbers between -1 and 1."""
    return np.frombuffer(pcm[: len(pcm) & ~1], "<i2").astype(np.float32) / _FULL_SCALE


def for_engine(pcm: bytes, around_s: float) -> Floats:
    """Twice as many samples a second, and so much silence on both sides."""
    sound = floats(pcm)
    if not len(sound):
        return np.zeros(round(2 * around_s * ENGINE_RATE), dtype=np.float32)
    # Interpolation in the frequency domain: exact for a whole clip, and a telephone's upper half is empty anyway.
    padded = np.pad(sound, round(around_s * TELEPHONE_RATE))
    return (np.fft.irfft(np.fft.rfft(padded), n=2 * len(padded)) * 2).astype(np.float32)
