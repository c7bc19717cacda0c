"""The hold music: four soft chords, made here so that no licence and no download stands between a caller and sound."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

_RATE = 8000
_CHORD_S = 4.0
#: C major, A minor, F major, G major around middle C, in Hz (equal temperament, A4 = 440).
_CHORDS = ((261.63, 329.63, 392.0), (220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (196.0, 246.94, 293.66))
#: Peak of full scale: about -18 dBFS, well below speech, so that prompts stand out.
_LEVEL = 0.12


def _chord(notes: tuple[float, ...]) -> array.array[int]:
    frames = int(_RATE * _CHORD_S)
    samples = array.array("h")
    for n in range(frames):
        # A raised-cosine swell: no click where two chords meet.
        swell = 0.5 - 0.5 * math.cos(2 * math.pi * n / frames)
        tone = sum(math.sin(2 * math.pi * hz * n / _RATE) for hz in notes) / len(notes)
        samples.append(int(32767 * _LEVEL * swell * tone))
    return samples


def write_hold_music(folder: Path) -> Path:
    """Write ``hold.wav`` (16 s, 8 kHz, mono, 16 bit) into ``folder`` unless it is there; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "hold.wav"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        for notes in _CHORDS:
            out.writeframes(_chord(notes).tobytes())
    return part.rename(path)
