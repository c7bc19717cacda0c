"""BERT's way of cutting a sentence into the pieces its models were taught: words, and parts of words.

Own forty lines: the library that does it (`tokenizers`) brings a client for a model hub and its twenty packages along.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
#: Longer words are unknown to BERT's own cutter as well.
_LONGEST_WORD = 100


class WordPieces:
    """The vocabulary of one model."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").split("\n")
        self._numbers = {piece: number for number, piece in enumerate(lines) if piece}

    def cut(self, sentence: str, longest: int) -> list[int]:
        """The numbers of its pieces, at most ``longest``, with the marks of beginning and end."""
        pieces = [piece for word in _words(sentence) for piece in self._pieces(word)][: longest - 2]
        return [self._numbers[piece] for piece in (_BEGIN, *pieces, _END)]

    def _pieces(self, word: str) -> list[str]:
        """The longest known beginning, then the longest known continuation, and so on."""
        found: list[str] = []
        at = 0
        while at < len(word):
            mark = "##" if at else ""
            end = next((end for end in range(len(word), at, -1) if mark + word[at:end] in self._numbers), None)
            if end is None or len(word) > _LONGEST_WORD:
                return [_UNKNOWN]
            found.append(mark + word[at:end])
            at = end
        return found


def _words(sentence: str) -> Iterator[str]:
    """Lower case, without accents; every punctuation mark is a word of its own."""
    word = ""
    for letter in unicodedata.normalize("NFD", sentence.lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn":
            continue
        # BERT counts the signs of ASCII as punctuation, and no others: `$` stands alone, `£` does not.
        alone = kind.startswith("P") or (letter.isascii() and kind.startswith("S"))
        if alone or letter.isspace():
            if word:
                yield word
            word = ""
            if alone:
                yield letter
        elif kind in {"Cc", "Cf"}:
            continue
        else:
            word += letter
    if word:
        yield word
