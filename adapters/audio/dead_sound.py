"""Whether anything at all can be heard in telephone sound."""

from __future__ import annotations

import sys
from array import array
from typing import BinaryIO

#: Of 32,768: -60 dBFS. A-law's own noise stays below 16.
_DEAD_PEAK = 32
_BLOCK = 1 << 17


def is_dead(source: BinaryIO) -> bool:
    """Whether the 16-bit samples from here on are silence; reads until something can be heard. ``OSError`` passes."""
    while block := source.read(_BLOCK):
        samples = array("h", block[: len(block) // 2 * 2])
        if sys.byteorder == "big":
            samples.byteswap()
        if samples and (max(samples) > _DEAD_PEAK or min(samples) < -_DEAD_PEAK):
            return False
    return True
