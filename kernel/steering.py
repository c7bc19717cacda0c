"""What a council teaches its steering: intents with phrases, urgent words, small words, and what mistakes cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: What an agent says of a call that was about none of the intents, in words and on her keys.
NO_INTENT, NO_CODE = "none", "00"


class Confirm(StrEnum):
    """When the caller is asked whether she was understood."""

    ALWAYS = "always"
    #: Where the question costs less than the risk.
    BY_COST = "by_cost"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing callers want."""

    id: str
    #: The prompt that names it to the caller.
    says: str
    phrases: tuple[str, ...]
    urgent: bool = False
    #: It means: let me speak to a person.
    person: bool = False
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What each way costs, in one unit of the council's choice: minutes of callers and staff, say."""

    #: Sent to a wrong queue.
    wrong: float = 12.0
    #: Asked "is that right?".
    question: float = 1.0
    #: Asked "is it this or that?".
    choice: float = 1.5
    #: Asked to say it again, or sent to the menu.
    again: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsRule:
    """A council's rule that keeps what callers say to steering: how many days, and what for. Without one: nothing."""

    days: int
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SteeringBook:
    """All of it, for one council."""

    intents: Mapping[str, Intent]
    out_of_scope: tuple[str, ...] = ()
    #: Phrases that mean danger to life.
    danger: tuple[str, ...] = ()
    #: Phrases that mean haste.
    urgent: tuple[str, ...] = ()
    #: Language -> kind (``yes``, ``no``, ``first``, ``second``, ``more_time``, or a language's code) -> words.
    answers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    #: What a recogniser makes of our words -> what was said.
    heard_as: Mapping[str, str] = field(default_factory=dict)
    slang: Mapping[str, str] = field(default_factory=dict)
    #: Sentences that mean danger to life, taught as an intent's are: what is like them is danger, whatever its words.
    danger_like: tuple[str, ...] = ()
    #: Intent -> sentences of its callers that mean haste, taught apart from the rest of its phrases.
    urgent_like: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Names of places, which tell nothing of what is wanted.
    places: tuple[str, ...] = ()
    costs: Costs = field(default_factory=Costs)
    confirm: Confirm = Confirm.BY_COST
    #: Urgent from this probability of the urgent intents on.
    urgent_above: float = 0.25
    #: Danger from this probability of what is like ``danger_like`` on; below it, it counts among the urgent intents.
    danger_above: float = 0.5
    #: The least priority of an urgent call.
    urgent_priority: int = 10
    #: Languages the recogniser understands well enough.
    languages: tuple[str, ...] = ("en",)
    #: Two digits an agent dials -> the intent her call was about.
    codes: Mapping[str, str] = field(default_factory=dict)
    words: WordsRule | None = None

    def reason(self, told: str) -> str | None:
        """The intent an agent names by its id or code, ``none`` for none of them; None for a word we do not know."""
        if told in {NO_INTENT, NO_CODE}:
            return NO_INTENT
        named = self.codes.get(told, told)
        return named if named in self.intents else None
