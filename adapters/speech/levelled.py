"""Brings a prompt to the loudness of all others."""

from __future__ import annotations

import array
import math
import sys
import wave
from pathlib import Path

_FULL = 32767
#: Speech at -20 dBFS RMS sits where a telephone call's speech is; peaks stay under -3 dBFS.
_TARGET_RMS = _FULL * 10 ** (-20 / 20)
_PEAK_LIMIT = _FULL * 10 ** (-3 / 20)
#: About -60 dBFS: below it there is no speech. Every rendered file is checked.
_SILENCE_RMS = 33


def level_wave(path: Path) -> bool:
    """Scale a 16-bit mono WAV in place to the target loudness. False when it holds no speech."""
    with wave.open(str(path), "rb") as source:
        parameters = source.getparams()
        samples = array.array("h", source.readframes(parameters.nframes))
    if sys.byteorder == "big":
        samples.byteswap()
    rms = math.sqrt(sum(sample * sample for sample in samples) / len(samples)) if samples else 0.0
    if rms < _SILENCE_RMS:
        return False
    peak = max(map(abs, samples))
    gain = min(_TARGET_RMS / rms, _PEAK_LIMIT / peak)
    levelled = array.array("h", (int(sample * gain) for sample in samples))
    if sys.byteorder == "big":
        levelled.byteswap()
    with wave.open(str(path), "wb") as out:
        out.setparams(parameters)
        out.writeframes(levelled.tobytes())
    return True
