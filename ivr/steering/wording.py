"""Puts a caller's words into plain ones: mishearings and slang of the council's list, places that tell nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernel.steering import SteeringBook

#: What a place's name becomes: all places are alike to an intent.
_ANY_PLACE = "our road"
_NOT_WORDS = re.compile(r"[^\w' ]+|_")
#: Sounds of thinking, which a recogniser writes down.
_FILLERS = frozenset({"er", "erm", "um", "uh", "hmm", "ah", "eh"})
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})


def plain(text: str) -> str:
    """Lower case, without punctuation but apostrophes, single spaces."""
    return " ".join(_NOT_WORDS.sub(" ", text.lower().translate(_APOSTROPHES)).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The council's lists, ready for use."""

    swaps: Mapping[str, str]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, book: SteeringBook) -> Wording:
        """Longest first, so that `blue badge holder` wins over `blue`; a place never wins over a word of the list."""
        swaps = {plain(place): _ANY_PLACE for place in book.places}
        swaps |= {plain(said): plain(meant) for said, meant in {**book.slang, **book.heard_as}.items()}
        return cls(swaps=swaps, pattern=_any_of(swaps))

    def plainly(self, text: str) -> str:
        """The caller's words as the classifier reads them."""
        words = [word for word in plain(text).split() if word not in _FILLERS]
        said = " ".join(words)
        return said if self.pattern is None else self.pattern.sub(lambda found: self.swaps[found[0]], said)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted((word for word in words if word), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b") if longest_first else None
