"""The recordings that recognition is measured on, sent through a telephone; they lie outside the product."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import BadInput
from lab.g711 import RATE
from lab.telephone import Samples, babble, band, read_sound, through_telephone

#: Where the recordings lie: a folder with ``vctk/`` and ``commands/``.
FOLDER = "GUILDHALL_SPEECH_DATA"
_TALKERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One recording as it arrives at the switchboard, and what was said in it."""

    name: str
    pcm: bytes
    #: The words, or the phrases that must be among them.
    said: tuple[str, ...]


def folder() -> Path:
    """The recordings. Raises ``BadInput`` when none are named."""
    named = os.environ.get(FOLDER, "")
    if not named or not Path(named).is_dir():
        raise BadInput(
            "no_recordings",
            f"set {FOLDER} to the folder that holds vctk/ and commands/: they do not ship with Guildhall",
        )
    return Path(named)


class Sentences:
    """Read sentences with their words; noise is a kitchen for even ones, five other talkers for odd ones."""

    def __init__(self, place: Path, every: int = 1) -> None:
        with (place / "vctk" / "transcripts.csv").open(encoding="utf-8", newline="") as file:
            rows = [(row["utterance"], row["text"]) for row in csv.DictReader(file)]
        self._rows = [row for row in rows if (place / "vctk" / f"{row[0]}.wav").is_file()]
        self._place, self._every = place, every
        noise, rate = read_sound(place / "commands" / "kitchen_noise.wav")
        self._kitchen = band(noise, rate)

    def clips(self, snr_db: float | None) -> Iterator[Clip]:
        """Every sentence, clean for None, else with noise so far below the talker."""
        for number in range(0, len(self._rows), self._every):
            name, text = self._rows[number]
            sound, rate = self._sound(number)
            noise = None if snr_db is None else self._noise(number, len(sound) * RATE // rate)
            yield Clip(name=name, pcm=through_telephone(sound, rate, noise=noise, snr_db=snr_db), said=(text,))

    def _sound(self, number: int) -> tuple[Samples, int]:
        return read_sound(self._place / "vctk" / f"{self._rows[number % len(self._rows)][0]}.wav")

    def _noise(self, number: int, length: int) -> Samples:
        if number % 2:
            return babble([band(*self._sound(number + 7 * other + 3)) for other in range(1, _TALKERS + 1)])
        # Elsewhere in the kitchen for each sentence, the same place in every run.
        begin = number * 633_520 % max(1, len(self._kitchen) - length)
        return self._kitchen[begin : begin + length]


def commands(place: Path, every: int = 1) -> Iterator[Clip]:
    """Raw recordings of people who order, with the phrases that must be heard; no transcript is known."""
    labels = json.loads((place / "commands" / "labels.json").read_text("utf-8"))
    for name, label in sorted(labels.items())[::every]:
        sound, rate = read_sound(place / "commands" / name)
        phrases = tuple(str(phrase) for phrase in label["slots"].values())
        yield Clip(name=name, pcm=through_telephone(sound, rate), said=phrases)
