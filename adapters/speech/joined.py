"""Two engines' readings as one list: first the one with the fewest errors to be expected, by all of them together.

Minimum Bayes risk (Goel and Byrne 2000): a reading is worth what the others, as likely as they are, would forgive it.
So words that both engines heard win over the surest words of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from adapters.speech.word_errors import word_errors
from kernel.hearing import Reading, plain

#: An engine tells how likely its reading is a token. A word has this many of them, and the end is one.
_TOKENS_A_WORD, _END = 1.3, 1.0
#: Chosen on every other sentence of docs/speech.md: engines are surer than they are right, and where each has words of
#: its own the second's, which takes longer over them, are right more often.
_TOO_SURE = 1.5
_VOICES = (0.47, 0.53)
_LEAST = 1e-9


def joined(
    engine: str, first: Sequence[Reading], other: str, second: Sequence[Reading]
) -> tuple[str, tuple[Reading, ...]]:
    """The engine whose reading is best, and both engines' readings, each words once, best first."""
    if not first or not second:
        return (engine, tuple(first)) if first else (other, tuple(second))
    said: dict[str, tuple[Reading, str]] = {}
    share: dict[str, float] = {}
    for name, readings, voice in zip((engine, other), (first, second), _VOICES, strict=True):
        for reading, part in zip(readings, _shares(readings), strict=True):
            words = plain(reading.text)
            said.setdefault(words, (reading, name))
            share[words] = share.get(words, 0.0) + voice * part
    split = {words: words.split() for words in said}

    def expected(words: str) -> float:
        return sum(part * word_errors(split[other], split[words]) for other, part in share.items())

    # Rounded: what differs in the last digit is as good, and then the likelier one is better.
    ranked = sorted(said, key=lambda words: (round(expected(words), 6), -share[words]))
    return said[ranked[0]][1], tuple(said[words][0] for words in ranked)


def _shares(readings: Sequence[Reading]) -> list[float]:
    """How likely each reading is to be the right one of its engine's; together 1."""
    logs = [
        math.log(max(_LEAST, one.confidence)) * (_END + _TOKENS_A_WORD * len(plain(one.text).split())) / _TOO_SURE
        for one in readings
    ]
    likely = [math.exp(one - max(logs)) for one in logs]
    return [one / sum(likely) for one in likely]
