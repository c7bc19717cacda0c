"""G.711, the telephone's two codecs at 8000 samples a second, one byte a sample: A-law (PCMA) and µ-law (PCMU).

Own tables, because Python's ``audioop`` is gone in 3.13. The decoder is written from ITU-T G.711; the encoder is
the decoder's inverse: it picks the nearest level.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Callable
from functools import cache
from itertools import pairwise

#: Samples a second.
RATE = 8000
#: Samples, and bytes on the wire, of one 20 ms packet.
FRAME = 160


class Law:
    """One of the two codecs."""

    def __init__(self, name: str, payload_type: int, level_of: Callable[[int], int]) -> None:
        self.name = name
        #: RFC 3551 table 4.
        self.payload_type = payload_type
        self._levels = [level_of(code) for code in range(256)]
        samples = array("h", self._levels)
        self._low = bytes(sample & 0xFF for sample in samples)
        self._high = bytes((sample >> 8) & 0xFF for sample in samples)
        #: The byte that is silence: the smallest positive level.
        self.silence = bytes([min(range(256), key=lambda code: (self._levels[code] < 0, self._levels[code], -code))])

    def decode(self, payload: bytes | bytearray) -> bytearray:
        """16-bit little-endian samples. Two table look-ups in C, so that recording costs no loop in Python."""
        pcm = bytearray(2 * len(payload))
        pcm[0::2] = payload.translate(self._low)
        pcm[1::2] = payload.translate(self._high)
        return pcm

    def encode(self, pcm: bytes | bytearray) -> bytes:
        """From 16-bit little-endian samples."""
        table = _encoder(self)
        samples = array("H", bytes(pcm))
        return bytes([table[sample] for sample in samples])

    @property
    def levels(self) -> tuple[int, ...]:
        """The sample each of the 256 bytes stands for."""
        return tuple(self._levels)


@cache
def _encoder(law: Law) -> bytes:
    """The code for each of the 65536 samples, indexed by the sample read as unsigned."""
    codes = sorted(range(256), key=lambda code: (law.levels[code], code))
    borders = [(law.levels[low] + law.levels[high]) / 2 for low, high in pairwise(codes)]
    samples = (*range(0x8000), *range(-0x8000, 0))
    return bytes(codes[bisect(borders, sample)] for sample in samples)


def _a_law(code: int) -> int:
    code ^= 0x55  # every other bit is inverted on the wire
    segment, step = (code >> 4) & 7, code & 15
    size = (step * 2 + 1) << 3 if segment == 0 else (step * 2 + 33) << (segment + 2)
    return size if code & 0x80 else -size


def _mu_law(code: int) -> int:
    code ^= 0xFF  # all bits are inverted on the wire
    segment, step = (code >> 4) & 7, code & 15
    size = (((step * 2 + 33) << segment) - 33) << 2
    return -size if code & 0x80 else size


A_LAW = Law("PCMA", 8, _a_law)
MU_LAW = Law("PCMU", 0, _mu_law)
#: Best first: A-law is Europe's.
LAWS = (A_LAW, MU_LAW)
