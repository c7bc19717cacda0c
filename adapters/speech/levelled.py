"""Brings a prompt to the loudness of all others."""

from __future__ import annotations

import array
import math
import sys
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

_FULL = 32767
#: Speech at -17.5 dBFS where somebody speaks, about -19 LUFS (`guildhall prompts measure`). By the whole file's RMS,
#: pauses and all, the shipped prompts were 4.9 LU apart.
_TARGET_RMS = _FULL * 10 ** (-17.5 / 20)
#: A window of 50 ms counts as speech within 10 dB of the mean of all that are not silent (after ITU-R BS.1770's gate).
_WINDOW, _GATE = 400, 0.1
#: About -60 dBFS: below it there is no speech. Every rendered file is checked.
_SILENCE_RMS = 33
#: From -9 dBFS on peaks are bent softly, so that none is above -3: 1 % of the samples of our voices. Without it
#: one click or plosive would decide how loud a sentence is.
_KNEE, _TOP = _FULL * 10 ** (-9 / 20), _FULL * 10 ** (-3 / 20)


def level_wave(path: Path) -> bool:
    """Scale a 16-bit mono WAV in place to the target loudness, without its constant. False when nobody speaks in it."""
    with wave.open(str(path), "rb") as source:
        parameters = source.getparams()
        samples = array.array("h", source.readframes(parameters.nframes))
    if sys.byteorder == "big":
        samples.byteswap()
    constant = sum(samples) / len(samples) if samples else 0.0
    loudness = _loudness(samples, constant)
    if loudness is None:
        return False
    gain = _TARGET_RMS / loudness
    levelled = array.array("h", (_bent((sample - constant) * gain) for sample in samples))
    if sys.byteorder == "big":
        levelled.byteswap()
    with wave.open(str(path), "wb") as out:
        out.setparams(parameters)
        out.writeframes(levelled.tobytes())
    return True


def _loudness(samples: Sequence[int], constant: float) -> float | None:
    """RMS of what is spoken; None where nobody speaks."""
    heard = [power for power in _powers(samples, constant) if power >= _SILENCE_RMS**2]
    if not heard:
        return None
    gate = _GATE * sum(heard) / len(heard)
    spoken = [power for power in heard if power >= gate]
    return math.sqrt(sum(spoken) / len(spoken))


def _powers(samples: Sequence[int], constant: float) -> Iterator[float]:
    for at in range(0, len(samples), _WINDOW):
        piece = samples[at : at + _WINDOW]
        yield (
            sum(sample * sample for sample in piece) / len(piece) - 2 * constant * sum(piece) / len(piece) + constant**2
        )


def _bent(sample: float) -> int:
    size = abs(sample)
    if size > _KNEE:
        size = _KNEE + (_TOP - _KNEE) * math.tanh((size - _KNEE) / (_TOP - _KNEE))
    return int(math.copysign(size, sample))
