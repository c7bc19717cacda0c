"""The sealed format: what goes in comes out, and nothing that was changed opens. With chunks of 64 bytes."""

from __future__ import annotations

import io
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.vault.chunks import MAGIC, TAG, Shape, VaultDamaged, open_range, read_shape, seal

pytestmark = pytest.mark.unit

NAME, KEY, WRAPPED = "ab/audio", secrets.token_bytes(32), b"wrapped" * 5
SMALL = 64
HEAD = len(MAGIC) + 2 + len(WRAPPED)
contents = st.binary(max_size=5 * SMALL)
fast = settings(deadline=None, max_examples=150)


def sealed(content: bytes, *, piece: int = 17, name: str = NAME) -> bytes:
    out = io.BytesIO()
    pieces = (content[at : at + piece] for at in range(0, len(content), piece))
    seal(pieces, out, name=name, key=KEY, wrapped=WRAPPED, chunk=SMALL)
    return out.getvalue()


def shape_of(stored: bytes, name: str = NAME) -> Shape:
    return read_shape(io.BytesIO(stored), len(stored), name, chunk=SMALL)


def opened(stored: bytes, start: int = 0, length: int | None = None, *, name: str = NAME, key: bytes = KEY) -> bytes:
    source = io.BytesIO(stored)
    return b"".join(open_range(source, shape_of(stored, name), key, start, length))


@fast
@given(contents, st.integers(1, 200))
def test_given_any_content_when_sealed_in_any_pieces_then_it_opens_the_same(content: bytes, piece: int) -> None:
    stored = sealed(content, piece=piece)
    assert opened(stored) == content
    assert shape_of(stored).size == len(content)


@fast
@given(contents, st.integers(0, 6 * SMALL), st.integers(0, 6 * SMALL))
def test_given_any_range_when_read_then_exactly_that(content: bytes, start: int, length: int) -> None:
    assert opened(sealed(content), start, length) == content[start : start + length]


# "One turned bit detected": wherever it is.
@fast
@given(contents, st.data())
def test_given_one_bit_turned_anywhere_when_opened_then_refused_or_the_key_is_another(
    content: bytes, data: st.DataObject
) -> None:
    stored = bytearray(sealed(content))
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << bit % 8
    in_wrapped_key = HEAD - len(WRAPPED) <= bit // 8 < HEAD
    if in_wrapped_key:
        assert shape_of(bytes(stored)).wrapped != WRAPPED
    else:
        with pytest.raises(VaultDamaged):
            opened(bytes(stored))


# "Truncation … detected": at any byte, also at the edge of a chunk, and before anything is given out.
@fast
@given(contents, st.data())
def test_given_an_object_cut_anywhere_when_any_range_is_read_then_nothing_comes_out(
    content: bytes, data: st.DataObject
) -> None:
    stored = sealed(content)
    cut = data.draw(st.integers(0, len(stored) - 1))
    start = data.draw(st.integers(0, len(content)))
    with pytest.raises(VaultDamaged):
        opened(stored[:cut], start, 1 + len(content))


@fast
@given(st.binary(min_size=1, max_size=3 * SMALL), st.binary(min_size=1, max_size=2 * (SMALL + TAG)))
def test_given_something_appended_when_opened_then_refused(content: bytes, more: bytes) -> None:
    with pytest.raises(VaultDamaged):
        opened(sealed(content) + more)


def test_given_two_chunks_swapped_or_one_repeated_when_opened_then_refused() -> None:
    stored = sealed(bytes(range(256)))
    cut = [stored[HEAD + n * (SMALL + TAG) : HEAD + (n + 1) * (SMALL + TAG)] for n in range(4)]
    for order in ([1, 0, 2, 3], [0, 0, 2, 3], [0, 1, 3, 2], [3, 1, 2, 0]):
        with pytest.raises(VaultDamaged):
            opened(stored[:HEAD] + b"".join(cut[n] for n in order))
    with pytest.raises(VaultDamaged):
        opened(stored[:HEAD] + b"".join(cut[1:]))


# "AAD = recording id + chunk number + last flag": another recording's object under this one's name does not open.
def test_given_an_object_under_anothers_name_or_key_when_opened_then_refused() -> None:
    stored = sealed(b"the call", name="cd/audio")
    assert opened(stored, name="cd/audio") == b"the call"
    with pytest.raises(VaultDamaged):
        opened(stored)
    with pytest.raises(VaultDamaged):
        opened(stored, name="cd/audio", key=secrets.token_bytes(32))


@pytest.mark.parametrize("junk", [b"", b"GHVAULT1", b"GHVAULT1\xff\xff", b"RIFF" * 20, b"GHVAULT1\x00\x05abc"])
def test_given_another_file_when_opened_then_a_clear_error(junk: bytes) -> None:
    with pytest.raises(VaultDamaged, match="not what was sealed"):
        opened(junk)


def test_given_the_same_content_twice_when_sealed_then_every_chunk_has_its_own_nonce() -> None:
    stored = sealed(b"\0" * SMALL * 4)
    parts = {stored[HEAD + n * (SMALL + TAG) : HEAD + (n + 1) * (SMALL + TAG)] for n in range(4)}
    assert len(parts) == 4
