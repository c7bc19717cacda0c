"""Letters of a sentence as numbers: hashed pieces of words. No model file is needed, and misspellings stay near."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

#: A power of two: a collision costs little among some thousand pieces.
WIDTH = 2048
_SHORTEST, _LONGEST = 2, 5


def pieces(sentences: Sequence[str]) -> Matrix:
    """A row of counts a sentence; the logarithm tames what is said twice."""
    rows = np.zeros((len(sentences), WIDTH), np.float32)
    for row, sentence in zip(rows, sentences, strict=True):
        for word in sentence.split():
            padded = f" {word} "
            for length in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
                for at in range(len(padded) - length + 1):
                    code = zlib.crc32(padded[at : at + length].encode())
                    # Half of all pieces count below zero: two that collide then cancel as often as they add up.
                    row[code % WIDTH] += 1.0 if code & 0x80000000 else -1.0
    tamed: Matrix = np.sign(rows) * np.log1p(np.abs(rows))
    return tamed


def weights(rows: Matrix) -> Matrix:
    """How telling each piece is: rare ones are (inverse document frequency)."""
    seen = np.count_nonzero(rows, axis=0)
    telling: Matrix = (np.log((1 + len(rows)) / (1 + seen)) + 1).astype(np.float32)
    return telling
