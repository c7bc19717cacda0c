"""The shape of `intents.yaml`, and how a council's own is laid over the shared one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from adapters.files.shapes import Language, Name
from kernel.located import ConfigError, Located
from kernel.schema import Count, Id, Schema, YesNo, did_you_mean
from kernel.steering import NO_CODE, Confirm, Costs, Intent, SteeringBook, WordsRule

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Phrases = Annotated[tuple[Phrase, ...], Field(max_length=2000)]
#: Two to teach, "about a dozen" to teach well.
_FEWEST = 2


def _decimal(value: object) -> object:
    """Text such as ``0.25`` or ``12``; not ``1e3`` and not ``nan``."""
    if isinstance(value, str):
        whole, _, part = value.partition(".")
        if not (whole + part).isascii() or not (whole + part).isdigit():
            raise ValueError("a number is expected, like 3 or 0.25")
        return float(value)
    return value


Amount = Annotated[float, BeforeValidator(_decimal), Field(ge=0, le=1000)]
Share = Annotated[float, BeforeValidator(_decimal), Field(gt=0, lt=1)]


class IntentShape(Schema):
    """One intent; a council may add phrases to a shared one, and say anew what is said of it."""

    phrases: Phrases = ()
    #: Default: ``intent_<id>``.
    says: Id | None = None
    urgent: YesNo | None = None
    person: YesNo | None = None
    confirm: Confirm | None = None


class CostsShape(Schema):
    """What each way costs, in a unit of the council's choice."""

    wrong: Amount = Costs().wrong
    question: Amount = Costs().question
    choice: Amount = Costs().choice
    again: Amount = Costs().again


class UrgencyShape(Schema):
    """Phrases of danger to life, and of haste."""

    danger: Phrases = ()
    urgent: Phrases = ()
    #: Whole sentences, taught as an intent's are.
    danger_like: Phrases = ()
    urgent_like: dict[Name, Phrases] = Field(default_factory=dict)
    #: Urgent from this probability of the urgent intents on.
    above: Share | None = None
    #: Danger from this probability of what is like ``danger_like`` on.
    danger_above: Share | None = None
    priority: Annotated[Count, Field(le=100)] | None = None


class WordsShape(Schema):
    """Keeps what callers say to steering: personal data, so with a purpose and a last day."""

    days: Annotated[Count, Field(ge=1, le=90)]
    purpose: Annotated[str, StringConstraints(min_length=5, max_length=200)]


class IntentsFile(Schema):
    """``intents.yaml``."""

    intents: dict[Name, IntentShape] = Field(default_factory=dict)
    out_of_scope: Phrases = ()
    urgency: UrgencyShape = UrgencyShape()
    answers: dict[Language, dict[Name, Phrases]] = Field(default_factory=dict)
    heard_as: dict[Phrase, Phrase] = Field(default_factory=dict)
    slang: dict[Phrase, Phrase] = Field(default_factory=dict)
    places: Phrases = ()
    costs: CostsShape | None = None
    confirm: Confirm | None = None
    languages: tuple[Language, ...] | None = None
    #: Intent -> two digits: `*43` and them on an agent's phone say what her call was about.
    codes: dict[Name, Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]] = Field(default_factory=dict)
    #: In a council's own file only: each answers for what it keeps.
    words: WordsShape | None = None


def steering_meant(shared: IntentsFile, own: IntentsFile) -> SteeringBook:
    """The shared file with a council's own laid over it: phrases add up, settings of the council win."""
    first, second = shared.urgency, own.urgency
    costs = own.costs or shared.costs or CostsShape()
    return SteeringBook(
        intents={name: _intent(name, shared, own) for name in {**shared.intents, **own.intents}},
        out_of_scope=shared.out_of_scope + own.out_of_scope,
        danger=first.danger + second.danger,
        urgent=first.urgent + second.urgent,
        danger_like=first.danger_like + second.danger_like,
        urgent_like={
            name: first.urgent_like.get(name, ()) + second.urgent_like.get(name, ())
            for name in {**first.urgent_like, **second.urgent_like}
        },
        answers={
            language: {**shared.answers.get(language, {}), **own.answers.get(language, {})}
            for language in {**shared.answers, **own.answers}
        },
        heard_as={**shared.heard_as, **own.heard_as},
        slang={**shared.slang, **own.slang},
        places=shared.places + own.places,
        costs=Costs(wrong=costs.wrong, question=costs.question, choice=costs.choice, again=costs.again),
        confirm=own.confirm or shared.confirm or Confirm.BY_COST,
        urgent_above=second.above or first.above or SteeringBook(intents={}).urgent_above,
        danger_above=second.danger_above or first.danger_above or SteeringBook(intents={}).danger_above,
        urgent_priority=_first(second.priority, first.priority, SteeringBook(intents={}).urgent_priority),
        languages=own.languages or shared.languages or ("en",),
        codes={code: name for name, code in {**shared.codes, **own.codes}.items()},
        words=None if own.words is None else WordsRule(days=own.words.days, purpose=own.words.purpose),
    )


def check_intents(tree: Located, file: IntentsFile, shared: Mapping[str, IntentShape]) -> Iterator[ConfigError]:
    """What the schema cannot tell: intents nobody can learn, names of none, and one phrase that means two things."""
    for name, shape in file.intents.items():
        both = (*shape.phrases, *(shared[name].phrases if name in shared else ()))
        if len(both) < _FEWEST:
            place = tree.at(("intents", name))
            yield ConfigError(place, "few_phrases", f"intent '{name}' has too few phrases", "give about a dozen")
    known = {**shared, **file.intents}
    for name in sorted(file.urgency.urgent_like.keys() - known.keys()):
        place = tree.at(("urgency", "urgent_like", name))
        yield ConfigError(place, "unknown_intent", f"unknown intent '{name}'", did_you_mean(name, known))
    meant: dict[str, str] = {}
    for where, phrases, meaning in _taught(file):
        for at, phrase in enumerate(phrases):
            plain = " ".join(phrase.lower().split())
            if meant.setdefault(plain, meaning) != meaning:
                yield ConfigError(tree.at((*where, at)), "two_meanings", f"this phrase is {meant[plain]} as well")


def _taught(file: IntentsFile) -> Iterator[tuple[tuple[str, ...], Phrases, str]]:
    """Every list of phrases that is taught: its place, the phrases, what they mean."""
    for name, shape in file.intents.items():
        yield ("intents", name, "phrases"), shape.phrases, f"intent '{name}'"
    for name, phrases in file.urgency.urgent_like.items():
        yield ("urgency", "urgent_like", name), phrases, f"intent '{name}'"
    yield ("urgency", "danger_like"), file.urgency.danger_like, "danger to life"
    yield ("out_of_scope",), file.out_of_scope, "out of scope"


def check_codes(tree: Located, file: IntentsFile, shared: IntentsFile, *, is_shared: bool) -> Iterator[ConfigError]:
    """Codes of intents that are not there, two intents with one code, and a rule on words that is nobody's."""
    intents, taken = {**shared.intents, **file.intents}, {NO_CODE: "none of them"}
    for name, code in {**shared.codes, **file.codes}.items():
        place = tree.at(("codes", name)) if name in file.codes else tree.at(("codes",))
        if name not in intents:
            yield ConfigError(place, "unknown_intent", f"unknown intent '{name}'", did_you_mean(name, intents))
        if taken.setdefault(code, name) != name:
            yield ConfigError(place, "code_twice", f"code {code} is '{taken[code]}' as well", "give another one")
    if is_shared and file.words is not None:
        message = "what is kept of callers' words is each council's own decision"
        yield ConfigError(tree.at(("words",)), "nobodys_rule", message, "write it in the council's own intents.yaml")


def _intent(name: str, shared: IntentsFile, own: IntentsFile) -> Intent:
    layers = [one.intents[name] for one in (own, shared) if name in one.intents]
    return Intent(
        id=name,
        says=next((one.says for one in layers if one.says is not None), f"intent_{name}"),
        phrases=tuple(phrase for one in reversed(layers) for phrase in one.phrases),
        urgent=next((one.urgent for one in layers if one.urgent is not None), False),
        person=any(one.person for one in layers),
        confirm=next((one.confirm for one in layers if one.confirm is not None), None),
    )


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)
