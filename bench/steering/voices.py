"""Speaks the sentences of a CSV file with British voices and sends them through a telephone: sound files to judge by.

python -m bench.steering.voices bench/steering/held_out.csv FOLDER   (setup/voice.sh first; 10 minutes of one core)
Then: guildhall steer evaluate FOLDER/clean.csv (or 20.csv, 10.csv: dB of noise beneath the speech).
"""

from __future__ import annotations

import csv
import sys
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapters.speech.kokoro import BRITISH, RATE, Kokoro
from guildhall.settings import Settings
from lab.g711 import A_LAW

Wave = npt.NDArray[np.float32]

_TELEPHONE = 8000
_LOW_HZ, _HIGH_HZ = 300, 3400
#: A telephone call's speech.
_RMS = 0.1
_CONDITIONS = {"clean": None, "20": 20.0, "10": 10.0}


def narrow(sound: npt.NDArray[np.floating], rate: int = RATE) -> Wave:
    """The telephone's band, at 8,000 samples a second."""
    shape = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / rate)
    shape[(hertz < _LOW_HZ) | (hertz > _HIGH_HZ)] = 0
    count = len(sound) * _TELEPHONE // rate
    found = np.fft.irfft(shape[: count // 2 + 1], count) * (_TELEPHONE / rate)
    return (found * _RMS / max(1e-9, float(np.sqrt((found**2).mean())))).astype(np.float32)


def noise(length: int, number: int, others: list[Wave]) -> Wave:
    """Even files: a room's hum and hiss (pink). Odd ones: five other people talking."""
    draw = np.random.default_rng(number)
    if number % 2 == 0 or len(others) < 5:  # noqa: PLR2004 - so many talk at once in the babble
        shape = np.fft.rfft(draw.standard_normal(3 * length))
        return narrow(np.fft.irfft(shape / np.sqrt(np.maximum(1, np.arange(len(shape)))), 3 * length))
    talk = [others[at] for at in draw.choice(len(others), 5, replace=False)]
    babble: Wave = np.sum([np.resize(one, length) for one in talk], axis=0).astype(np.float32)
    return babble


def through(sound: Wave, under: Wave | None, db: float | None) -> bytes:
    """With noise beneath, coded and decoded as the network does."""
    mixed = sound
    if under is not None and db is not None:
        under = np.resize(under, len(sound))
        mixed = sound + under * _RMS * 10 ** (-db / 20) / max(1e-9, float(np.sqrt((under**2).mean())))
    samples = np.clip(mixed * 32767, -32768, 32767).astype("<i2").tobytes()
    return bytes(A_LAW.decode(A_LAW.encode(samples)))


def _write(path: Path, samples: bytes) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_TELEPHONE)
        out.writeframes(samples)


def main(source: Path, folder: Path) -> None:
    """Make everything; what is there is not made again."""
    with source.open(encoding="utf-8", newline="") as read:
        rows = list(csv.DictReader(read))
    kokoro = Kokoro(Settings().models / "kokoro")
    spoken: list[Wave] = []
    (folder / "spoken").mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows):
        kept = folder / "spoken" / f"{number:04}.npy"
        if not kept.exists():
            np.save(kept, narrow(kokoro.speak(row["text"], BRITISH[number % len(BRITISH)])))
            print(f"{number + 1} of {len(rows)}", flush=True)
        spoken.append(np.load(kept))
    for name, db in _CONDITIONS.items():
        (folder / name).mkdir(exist_ok=True)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            listed = csv.writer(out, lineterminator="\n")
            listed.writerow(["file", "intent"])
            for number, row in enumerate(rows):
                others = spoken[:number] + spoken[number + 1 :]
                under = noise(len(spoken[number]), number, others) if db is not None else None
                _write(folder / name / f"{number:04}.wav", through(spoken[number], under, db))
                listed.writerow([f"{name}/{number:04}.wav", row["intent"]])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
