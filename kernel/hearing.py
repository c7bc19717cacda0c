"""What came of listening to a caller for one turn: words, keys, nothing, or ears that could not be had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import GuildhallError, Refused

_WORD = re.compile(r"\w+(?:'\w+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Speech as a recogniser wrote it down. Personal data: never logged."""

    #: Plain words; "" is speech that no engine could make words of.
    text: str
    #: Geometric mean of the tokens' probabilities, 0 to 1; engines differ, so compare within one engine only.
    confidence: float
    #: Which engine's words these are.
    engine: str
    #: Seconds from the end of speech being known to the text.
    took_s: float
    #: Other readings, best first, of the same or of another engine: the dialogue may ask "is it A or B?" of them.
    alternatives: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the words: a repr ends up in logs."""
        return f"Heard(engine={self.engine!r}, confidence={self.confidence:.2f}, took_s={self.took_s:.2f})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pressed:
    """The caller pressed keys instead. Personal data."""

    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingSaid:
    """Neither speech nor a key within the time."""

    #: Whether any packet of sound came from the caller at all: a handset that sends none is not a silent person.
    line_alive: bool = True


class Why(StrEnum):
    """Why nobody could listen."""

    #: Every worker is busy and the queue is full: this caller gets the menu.
    FULL = "full"
    #: No engine could be had: models missing, workers dead, all of them too slow.
    NO_ENGINE = "no_engine"
    #: The PBX gave us no sound: the audio port is not reached, or the connection tore.
    NO_SOUND = "no_sound"
    #: The question itself cannot be read from its file: nothing was said and nobody listened.
    NO_PROMPT = "no_prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """Nobody could listen: the flow goes on with keys. The caller is still there and the line is ours."""

    why: Why


#: What one turn of listening gives. A line that is gone raises ``kernel.errors.LineGone`` instead.
TurnEnd = Heard | Pressed | NothingSaid | Deaf


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Spoken:
    """Sound from the caller: 16-bit little-endian mono samples at 8000 a second."""

    pcm: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeyDown:
    """One key of the caller's telephone. Personal data."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOver:
    """No more sound comes: hung up, taken elsewhere, or torn. Which of them, the line tells."""


SoundEvent = Spoken | KeyDown | SoundOver


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read what was said."""

    text: str
    #: As in ``Heard``.
    confidence: float

    def __repr__(self) -> str:
        """Without the words."""
        return f"Reading(confidence={self.confidence:.2f})"


def plain(text: str) -> str:
    """The words alone, for comparing readings: no capitals, no marks but an apostrophe within a word."""
    return " ".join(_WORD.findall(text.lower().replace("\u2019", "'")))


class NoSound(GuildhallError):
    """The PBX gave us no sound of a call, or it tore. The caller may still be there."""


class SpeechFull(Refused):
    """All workers are busy and enough wait already: this caller gets the menu at once."""


class EngineFailed(GuildhallError):
    """An engine is not there, died, was too slow, or answered nonsense: another one, or the menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One turn: what is played, and how long and how patiently is listened."""

    #: Sound paths as the PBX sees them, without extension, in order.
    sounds: tuple[str, ...]
    #: Speech ends the prompt. Never during the legal notice; keys always do.
    barge_in: bool = True
    #: Seconds after the prompt in which speech must begin.
    no_input_s: float = 4.0
    #: Seconds of silence that end what is said, when the words sound complete.
    hangover_s: float = 0.8
    #: The same after "and", "my", "the": the caller looks for a word.
    long_hangover_s: float = 1.2
    #: Seconds after which we stop listening to one who does not stop.
    longest_s: float = 12.0
