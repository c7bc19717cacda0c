"""What came of listening to a caller for one turn: words, keys, nothing, or ears that could not be had."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """Nobody could listen: the flow goes on with keys. The caller is still there and the line is ours."""

    why: Why


#: What one turn of listening gives. A line that is gone raises ``kernel.errors.LineGone`` instead.
TurnEnd = Heard | Pressed | NothingSaid | Deaf


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
