"""Speaks the sentences of a CSV file with British voices: sound files to judge steering by.

python -m bench.steering.voices bench/steering/held_out.csv FOLDER   (setup/voice.sh first; 10 minutes of one core)
Then: guildhall steer evaluate FOLDER --telephone (or --noise 20, --noise 10), which sends them through a line.
"""

from __future__ import annotations

import csv
import sys
import wave
from pathlib import Path

import numpy as np

from adapters.speech.kokoro import BRITISH, RATE, Kokoro
from guildhall.settings import Settings

_FULL_SCALE = 32767


def _write(path: Path, sound: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(sound, -1, 1) * _FULL_SCALE).astype("<i2").tobytes())
    part.replace(path)


def main(source: Path, folder: Path) -> None:
    """Make everything; what is there is not made again."""
    with source.open(encoding="utf-8", newline="") as read:
        rows = list(csv.DictReader(read))
    kokoro = Kokoro(Settings().models / "kokoro")
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows):
        kept = folder / f"{number:04}.wav"
        if not kept.exists():
            _write(kept, kokoro.speak(row["text"], BRITISH[number % len(BRITISH)]))
            print(f"{number + 1} of {len(rows)}", flush=True)
    with (folder / "spoken.csv").open("w", encoding="utf-8", newline="") as out:
        listed = csv.writer(out, lineterminator="\n")
        listed.writerow(["file", "intent"])
        listed.writerows([f"{number:04}.wav", row["intent"]] for number, row in enumerate(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
