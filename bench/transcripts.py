"""How far a transcript is from what was said: word errors after the usual levelling, and words that had to be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from adapters.speech.word_errors import word_errors

#: Written in figures or in words, in one word or two: the same to a listener.
_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SAME = {str(number): word for number, word in enumerate(_FIGURES)} | {
    "16": "sixteen",
    "20": "twenty",
    "mister": "mr",
    "okay": "ok",
}
#: A shortened word is the whole word: nobody would correct it.
_SHORT = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\b(it|he|she|that|there|what)'s\b"), r"\1 is"),
    (re.compile(r"\bcannot\b"), "can not"),
)
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def words(text: str) -> list[str]:
    """Lower case, no marks, figures in words, nothing shortened."""
    text = text.lower().replace("\u2019", "'")
    for short, whole in _SHORT:
        text = short.sub(whole, text)
    return [_SAME.get(word, word) for word in _WORD.findall(text)]


def word_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Errors in a hundred words of (said, heard)."""
    wrong, count = 0, 0
    for said, heard in pairs:
        wrong += word_errors(words(said), words(heard))
        count += len(words(said))
    return 100 * wrong / max(1, count)


def found(wanted: Sequence[str], heard: str) -> tuple[int, int]:
    """(words of the wanted phrases that were heard, how many there are)."""
    there = words(heard)
    asked = [word for phrase in wanted for word in words(phrase)]
    return sum(word in there for word in asked), len(asked)
