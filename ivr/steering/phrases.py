"""Finds a council's phrases in what was said, and does not when they were denied: "it is not flooding"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr.steering.wording import plain

#: So many words before a phrase are looked at for a denial.
_REACH = 3
_DENIALS = frozenset(
    {"not", "no", "never", "isn't", "wasn't", "aren't", "ain't", "hasn't", "haven't", "don't", "nobody's"}
)
#: After these the denial is over: "no, it is flooding", "not just flooded but …".
_OVER = frozenset({"but", "just", "only", "and"})


def found_in(said: str, phrases: Iterable[str]) -> str | None:
    """The first of ``phrases`` whose words follow one another in ``said``, undenied."""
    # A comma ends what a "no" before it denies: "no, it is flooding".
    clauses = [plain(clause).split() for clause in _clauses(said)]
    return next((phrase for phrase in phrases if any(_fits(words, plain(phrase).split()) for words in clauses)), None)


def _clauses(said: str) -> Iterator[str]:
    clause = ""
    for letter in said:
        if letter in ",.;!?":
            yield clause
            clause = ""
        else:
            clause += letter
    yield clause


def _fits(words: list[str], phrase: list[str]) -> bool:
    length = len(phrase)
    return any(
        words[at : at + length] == phrase and not _denied(words[max(0, at - _REACH) : at])
        for at in range(len(words) - length + 1)
    )


def _denied(before: list[str]) -> bool:
    for word in reversed(before):
        if word in _OVER:
            return False
        if word in _DENIALS:
            return True
    return False
