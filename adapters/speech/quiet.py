"""What a caller hears while the menus listen: the faint noise of an open line, so that nobody takes it for dead."""

from __future__ import annotations

import array
import random
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path

_RATE = 8000
#: The longest a step may listen is half a minute; one file of a minute serves every length, played from within.
QUIET_S = 60
#: -63 dBFS: under what people call noise, above digital silence, which handsets and carriers cut to nothing. A-law's
#: finest steps are 16 apart: at a third of this it made of it -71, and of silence -72.
_LEVEL = 40
_TONE_S, _TONE_HZ_PERIOD = 0.4, 20
_TONE_LEVEL = 4000

#: One frame: what a leg plays as it is joined with its next partner (``xfersound`` in asterisk_conf/features.conf).
JOINED_S = 0.02

FOLDER = "_line"
#: Another sound gets another name: what is there is not written again.
QUIET = "open_line"


def quiet_for(seconds: float) -> str:
    """The name of an open line's noise of just that length: for a PBX that cannot begin in the middle of a sound."""
    return f"{QUIET}_{round(seconds * 1000)}"


def write_line_sounds(sounds: Path, lengths_s: Iterable[float] = ()) -> None:
    """Write ``_line/open_line.wav`` and ``_line/tone.wav`` (8 kHz, mono, 16 bit) there unless they are there.

    Also the noise of ``JOINED_S``, and in these lengths, seconds.
    """
    folder = sounds / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{QUIET}.wav", _noise(QUIET_S))
    for seconds in (JOINED_S, *lengths_s):
        _write(folder / f"{quiet_for(seconds)}.wav", _noise(seconds))
    # A square wave of 400 Hz: what is played when not even the words of a lost prompt can be spoken.
    half = _TONE_HZ_PERIOD // 2
    _write(
        folder / "tone.wav",
        (_TONE_LEVEL if (at // half) % 2 else -_TONE_LEVEL for at in range(int(_TONE_S * _RATE))),
    )


def _noise(seconds: float) -> Iterator[int]:
    # Seeded: the same file on every machine.
    noise = random.Random(22)  # noqa: S311 - noise, not a secret
    return (noise.randint(-_LEVEL, _LEVEL) for _ in range(round(seconds * _RATE)))


def _write(path: Path, samples: Iterable[int]) -> None:
    if path.exists():
        return
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(array.array("h", samples).tobytes())
    part.rename(path)
