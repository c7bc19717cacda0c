"""What to do with a meaning: go, ask "is that right?", ask "this or that?", or ask again; by what each costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from kernel.meaning import Guess, Meaning
from kernel.steering import Confirm, SteeringBook


class Way(StrEnum):
    """What comes next."""

    STRAIGHT = "straight"
    QUESTION = "question"
    CHOICE = "choice"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The way, and the intents it is about, best first."""

    way: Way
    intents: tuple[str, ...] = ()


def decide(book: SteeringBook, meaning: Meaning, known: Collection[str]) -> Plan:
    """The cheapest way. ``known``: intents this step leads anywhere with.

    Going straight costs (1-p)·wrong; a question costs itself and, when denied, asking again; a choice of two likewise.
    """
    guesses = [one for one in meaning.guesses if one.intent in known]
    # An intent that is not on offer here is no reason to take the next best.
    if not guesses or guesses[0] is not meaning.guesses[0]:
        return Plan(way=Way.AGAIN)
    costs, first = book.costs, guesses[0]
    second = guesses[1] if len(guesses) > 1 else Guess(intent="", sure=0.0)
    price = {
        Way.STRAIGHT: (1 - first.sure) * costs.wrong,
        Way.QUESTION: costs.question + (1 - first.sure) * costs.again,
        Way.CHOICE: costs.choice + (1 - first.sure - second.sure) * costs.again,
        Way.AGAIN: costs.again,
    }
    asked = _asked(book, first.intent)
    if asked is Confirm.ALWAYS:
        del price[Way.STRAIGHT]
    elif asked is Confirm.NEVER:
        del price[Way.QUESTION]
    if first.intent not in book.intents:
        price.pop(Way.QUESTION, None)  # there is no prompt that names it
    if not second.intent or not {first.intent, second.intent} <= book.intents.keys():
        del price[Way.CHOICE]
    way = min(price, key=lambda one: price[one])
    names = {Way.CHOICE: (first.intent, second.intent), Way.AGAIN: ()}
    return Plan(way=way, intents=names.get(way, (first.intent,)))


def _asked(book: SteeringBook, intent: str) -> Confirm:
    known = book.intents.get(intent)
    return (known.confirm if known is not None else None) or book.confirm


def sure_enough(book: SteeringBook, meaning: Meaning, known: Collection[str]) -> str | None:
    """The intent an urgent call goes to without a question: one that is worth a question at all."""
    top = meaning.guesses[0] if meaning.guesses else None
    if top is None or top.intent not in known:
        return None
    return top.intent if top.sure * book.costs.again >= book.costs.question else None
