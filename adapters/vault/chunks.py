"""The format of a sealed object: 1 MiB chunks under AES-256-GCM, each bound to its object, its place and the end.

``GHVAULT1 | length of the wrapped key, 2 bytes | wrapped key | chunk | chunk | …``; a chunk is up to 1 MiB of content
and its 16 bytes of tag. The nonce is the chunk's number: a data key seals exactly one object once, so that no nonce
comes twice under a key (NIST SP 800-38D 8.2.1). The associated data is the object's name, the number and whether it is
the last: a chunk swapped, repeated, left out or taken from another object does not open, nor does one cut short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.errors import GuildhallError
from kernel.recording import Sealed

MAGIC = b"GHVAULT1"
CHUNK = 1 << 20
TAG = 16
KEY_BYTES = 32
_NONCE_BYTES = 12
#: A wrapped key is some 70 bytes; a key service's may be longer.
_MOST_WRAPPED = 4096


class VaultDamaged(GuildhallError):
    """A sealed object is not what was sealed: changed, cut, swapped, or under another key."""


def _damaged(name: str) -> VaultDamaged:
    return VaultDamaged("vault_damaged", f"{name} is not what was sealed: it was changed, cut short or swapped")


def _associated(name: str, number: int, *, last: bool) -> bytes:
    return f"{name}\n{number}\n{int(last)}".encode("ascii")


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


def seal(  # noqa: PLR0913 - an object, its key, and the format's one number
    content: Iterable[bytes], out: BinaryIO, *, name: str, key: bytes, wrapped: bytes, chunk: int = CHUNK
) -> Sealed:
    """Write a sealed object; ``key`` must be fresh. Holds two chunks in memory at most. ``OSError`` passes through.

    ``chunk``: bytes of content sealed together. It is not written into the object: whoever opens it must know.
    """
    cipher = AESGCM(key)
    out.write(MAGIC + len(wrapped).to_bytes(2, "big") + wrapped)
    seen, size = hashlib.sha256(), 0
    number, waiting = 0, bytearray()
    for piece in content:
        seen.update(piece)
        size += len(piece)
        waiting += piece
        # One full chunk is kept back until more comes: it may be the last.
        while len(waiting) > chunk:
            full = bytes(waiting[:chunk])
            del waiting[:chunk]
            out.write(cipher.encrypt(_nonce(number), full, _associated(name, number, last=False)))
            number += 1
    out.write(cipher.encrypt(_nonce(number), bytes(waiting), _associated(name, number, last=True)))
    return Sealed(sha256=seen.hexdigest(), size=size)


def digest(content: Iterable[bytes]) -> Sealed:
    """What ``seal`` would say of this content; reads all of it."""
    seen, size = hashlib.sha256(), 0
    for piece in content:
        seen.update(piece)
        size += len(piece)
    return Sealed(sha256=seen.hexdigest(), size=size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where things lie in a sealed object, from its header and its length."""

    name: str
    wrapped: bytes
    begin: int
    length: int
    #: Bytes of content sealed together.
    chunk: int

    @property
    def chunks(self) -> int:
        """How many there are; even empty content has one."""
        return max(1, -(-(self.length - self.begin) // (self.chunk + TAG)))

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.length - self.begin - self.chunks * TAG


def read_shape(source: BinaryIO, length: int, name: str, *, chunk: int = CHUNK) -> Shape:
    """Read the header of an object of ``length`` bytes, sealed by ``chunk`` bytes. Raises ``VaultDamaged``."""
    source.seek(0)
    head = source.read(len(MAGIC) + 2)
    size = int.from_bytes(head[-2:], "big")
    if len(head) < len(MAGIC) + 2 or not head.startswith(MAGIC) or size > _MOST_WRAPPED:
        raise _damaged(name)
    wrapped = source.read(size)
    shape = Shape(name=name, wrapped=wrapped, begin=len(head) + size, length=length, chunk=chunk)
    if len(wrapped) < size or (length - shape.begin) - (shape.chunks - 1) * (chunk + TAG) < TAG:
        raise _damaged(name)
    return shape


def open_range(source: BinaryIO, shape: Shape, key: bytes, start: int, length: int | None) -> Iterator[bytes]:
    """Give ``length`` bytes of content from ``start``, chunk by chunk; None gives the rest. Raises ``VaultDamaged``.

    The last chunk is opened first, whatever is asked for: an object that was cut short gives nothing at all.
    """
    cipher = AESGCM(key)
    end = shape.size if length is None else min(shape.size, start + max(0, length))
    last = shape.chunks - 1
    tail = _open(source, shape, cipher, last)
    at = max(0, start)
    while at < end:
        number = at // shape.chunk
        begin = number * shape.chunk
        opened = tail if number == last else _open(source, shape, cipher, number)
        yield opened[at - begin : end - begin]
        at = begin + shape.chunk


def _open(source: BinaryIO, shape: Shape, cipher: AESGCM, number: int) -> bytes:
    source.seek(shape.begin + number * (shape.chunk + TAG))
    sealed = source.read(shape.chunk + TAG)
    try:
        return cipher.decrypt(_nonce(number), sealed, _associated(shape.name, number, last=number == shape.chunks - 1))
    except InvalidTag:
        raise _damaged(shape.name) from None
