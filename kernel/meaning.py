"""What was meant by what a caller said: intents with how sure we are, urgency, small words of the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Urgency(StrEnum):
    """How much haste the words themselves ask for. Never read from a voice or a mood."""

    NONE = "none"
    #: The call goes before others, whatever its queue.
    URGENT = "urgent"
    #: Life may be at stake: the caller is told to hang up and dial 999.
    DANGER = "danger"


class Answer(StrEnum):
    """An answer to a question of ours."""

    YES = "yes"
    NO = "no"
    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One intent, and the calibrated probability that it is what was meant."""

    intent: str
    sure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a caller meant. It holds none of her words: phrases named here are the council's own."""

    #: Best first; what is missing to 1 is that she wants none of them.
    guesses: tuple[Guess, ...] = ()
    urgency: Urgency = Urgency.NONE
    #: Why it is urgent: a phrase of the council's list, or an intent with its probability.
    because: str = ""
    answer: Answer | None = None
    #: She asks for a person, in whatever words.
    wants_person: bool = False
    #: She asks for more time, or says that she hears badly.
    wants_time: bool = False
    #: A language she asks for by name, two letters.
    wants_language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A phrase of the council that is near what was said."""

    intent: str
    phrase: str
    #: Cosine, -1 to 1.
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A meaning with its reasons, for engineers."""

    meaning: Meaning
    nearest: tuple[Near, ...] = ()
    #: Probability that it is one of the urgent intents.
    urgent: float = 0.0
    #: What was classified: the caller's words after mishearings and slang were put right. Personal data.
    read_as: str = field(default="", repr=False)
