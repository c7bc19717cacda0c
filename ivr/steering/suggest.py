"""Phrases suggested from calls that were misunderstood, where a council keeps what callers say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.steering.review import NONE, Scored
from ivr.steering.wording import plain
from kernel.ids import ContactId
from kernel.steered_words import KeptWords
from kernel.steering import SteeringBook

#: What stands in the place of a hidden number; a phrase with a hole teaches nothing.
_HIDDEN = "[number]"
#: More words are a story, not a phrase.
_MOST_WORDS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A sentence to teach. Personal data until an engineer has read it."""

    #: ``w`` and the number of the kept words.
    id: str
    intent: str
    understood: str
    text: str = field(repr=False)
    #: How many calls said the same.
    calls: int


def suggestions(scored: Iterable[Scored], words: Iterable[KeptWords], book: SteeringBook) -> list[Suggestion]:
    """Sentences of calls whose matter is known and was not understood; those said most often first."""
    wrong = {
        one.call: one
        for one in scored
        if one.about is not None and one.understood is not None and one.about != one.understood and _taught(one, book)
    }
    known = {plain(phrase) for one in book.intents.values() for phrase in one.phrases}
    known |= {plain(phrase) for phrase in book.out_of_scope}
    found: dict[tuple[str, str], tuple[KeptWords, set[ContactId]]] = {}
    for said in words:
        call, text = wrong.get(said.call), plain(said.text)
        if call is None or _HIDDEN in said.text or text in known or len(text.split()) > _MOST_WORDS:
            continue
        found.setdefault((text, str(call.about)), (said, set()))[1].add(said.call)
    ranked = sorted(found.items(), key=lambda pair: (-len(pair[1][1]), pair[1][0].id))
    return [
        Suggestion(
            id=f"w{said.id}",
            intent=intent,
            understood=str(wrong[said.call].understood),
            text=said.text,
            calls=len(calls),
        )
        for (_, intent), (said, calls) in ranked
    ]


def _taught(one: Scored, book: SteeringBook) -> bool:
    return one.about == NONE or one.about in book.intents


def judged_by(scored: Iterable[Scored], words: Iterable[KeptWords]) -> list[tuple[str, str]]:
    """Sentences with what they were about, to judge a change by: of calls with one kept sentence and a known matter."""
    matter: Mapping[ContactId, str] = {one.call: one.about for one in scored if one.about is not None}
    said: dict[ContactId, list[KeptWords]] = {}
    for one in words:
        said.setdefault(one.call, []).append(one)
    return [(own[0].text, matter[call]) for call, own in said.items() if call in matter and len(own) == 1]
