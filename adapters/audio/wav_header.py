"""The header of a WAV file, read with suspicion: what it claims is held against what the file holds."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO

from kernel.errors import BadInput
from kernel.recording import Original

#: Asterisk writes 44 bytes; other writers put chunks between. Beyond this nobody does.
_MOST_HEADER = 4096
_PCM = 1
_SAMPLE_BITS = 16
_RATES = range(8000, 48001)
_MOST_CHANNELS = 2
#: RIFF's own bound, and 74 hours of 8 kHz mono.
_MOST_BYTES = 1 << 32
_FORMAT_BYTES = 16
#: Nobody talks for longer; a file that does is a recorder that was never stopped.
_MOST_SECONDS = 24 * 3600


def check_original(path: Path) -> Original:
    """Read and check a file's header. Raises ``BadInput`` saying what is wrong, ``FileNotFoundError``, ``OSError``."""
    # Opened first, looked at after. A link is not followed and a FIFO does not stop us.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as source:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _bad("it is not a regular file")
        if found.st_size > _MOST_BYTES:
            raise _bad("it is larger than 4 GiB")
        rate, channels, offset, claimed = _read(source, found.st_size)
    held = found.st_size - offset
    if claimed > held:
        raise _bad("it claims more audio than it holds")
    frame = channels * _SAMPLE_BITS // 8
    # Asterisk writes the length when it closes the file; 0 before that.
    frames = (claimed or held) // frame
    if not frames:
        raise BadInput("empty_recording", "the recording is empty")
    if frames > _MOST_SECONDS * rate:
        raise _bad("it is longer than a day")
    return Original(
        name=path.name,
        seconds=frames / rate,
        rate=rate,
        channels=channels,
        ended=found.st_mtime,
        offset=offset,
        finished=claimed != 0,
    )


def _read(source: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """Rate, channels, where the samples begin, how many bytes of them are claimed."""
    head = source.read(_MOST_HEADER)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":  # noqa: PLR2004 - RIFF, a length, WAVE
        raise _bad("it is no WAV file")
    shape: tuple[int, int] | None = None
    at = 12
    while at + 8 <= min(len(head), size):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        at += 8
        if name == b"fmt ":
            shape = _shape(head[at : at + length])
        elif name == b"data":
            if shape is None:
                raise _bad("its format is not told before its samples")
            return *shape, at, length
        at += length + length % 2
    raise _bad("it holds no samples")


def _shape(text: bytes) -> tuple[int, int]:
    if len(text) < _FORMAT_BYTES:
        raise _bad("its format is cut short")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", text)
    if kind != _PCM or bits != _SAMPLE_BITS:
        raise _bad("its samples are not 16-bit PCM")
    if rate not in _RATES:
        raise _bad("its rate is not between 8 and 48 kHz")
    if not 1 <= channels <= _MOST_CHANNELS:
        raise _bad("it has neither one channel nor two")
    return rate, channels


def _bad(why: str) -> BadInput:
    return BadInput("bad_wav", f"the recording cannot be read: {why}")
