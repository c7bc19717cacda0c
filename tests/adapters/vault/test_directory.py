"""The vault in a directory and its keys: modes, links, swaps, a kill in the middle, a key that is not there."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.vault.chunks import CHUNK, VaultDamaged
from adapters.vault.directory import DirectoryVault
from adapters.vault.key_file import FileKeys, open_keys
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, RecordingId

pytestmark = pytest.mark.integration

ONE = Piece(recording=RecordingId("ab" * 16), part=Part.AUDIO)
OTHER = Piece(recording=RecordingId("ac" * 16), part=Part.AUDIO)


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def vault(tmp_path: Path) -> DirectoryVault:
    return DirectoryVault(tmp_path / "vault", FileKeys([new_key()]))


def stored(tmp_path: Path, piece: Piece) -> Path:
    return tmp_path / "vault" / piece.recording[:2] / f"{piece.recording}.{piece.part.value}"


def test_given_a_recording_when_put_then_read_checked_listed_and_deleted(vault: DirectoryVault, tmp_path: Path) -> None:
    content = secrets.token_bytes(CHUNK + 1000)
    sealed = vault.put(ONE, [content[:5], content[5:]])
    assert (sealed.sha256, sealed.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert b"".join(vault.read(ONE)) == content
    assert b"".join(vault.read(ONE, CHUNK - 3, 10)) == content[CHUNK - 3 : CHUNK + 7]
    assert (vault.size(ONE), vault.check(ONE), list(vault.pieces())) == (len(content), sealed, [ONE])
    assert content[:64] not in stored(tmp_path, ONE).read_bytes()
    assert vault.delete(ONE)
    assert not vault.delete(ONE)
    assert not list(vault.pieces())


def test_given_the_vault_when_looked_at_then_only_its_owner_may_read(vault: DirectoryVault, tmp_path: Path) -> None:
    vault.put(ONE, [b"x"])
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "vault").rglob("*")}
    assert modes == {0}
    assert (tmp_path / "vault").stat().st_mode & 0o077 == 0


# "Swapping … detected": of whole files, and of a recording's parts.
def test_given_two_objects_swapped_when_read_then_refused(vault: DirectoryVault, tmp_path: Path) -> None:
    text = Piece(recording=ONE.recording, part=Part.TEXT)
    for piece in (ONE, OTHER, text):
        vault.put(piece, [b"content"])
    for piece in (OTHER, text):
        stored(tmp_path, piece).write_bytes(stored(tmp_path, ONE).read_bytes())
        with pytest.raises(VaultDamaged):
            vault.check(piece)


def test_given_every_bit_of_a_small_object_when_turned_then_refused(vault: DirectoryVault, tmp_path: Path) -> None:
    vault.put(ONE, [b"secret"])
    path = stored(tmp_path, ONE)
    whole = path.read_bytes()
    for bit in range(len(whole) * 8):
        turned = bytearray(whole)
        turned[bit // 8] ^= 1 << bit % 8
        path.write_bytes(turned)
        with pytest.raises(GuildhallError):
            vault.check(ONE)


# "Kill at any instant": a put that ends in the middle leaves the old object as it was.
def test_given_a_put_that_fails_in_the_middle_when_read_then_the_old_content_whole(vault: DirectoryVault) -> None:
    vault.put(ONE, [b"old"])

    def failing() -> Iterator[bytes]:
        yield secrets.token_bytes(3 * CHUNK)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        vault.put(ONE, failing())
    assert b"".join(vault.read(ONE)) == b"old"
    assert vault.sweep() == 0


def test_given_what_a_killed_put_left_when_swept_then_gone(vault: DirectoryVault, tmp_path: Path) -> None:
    vault.put(ONE, [b"old"])
    (stored(tmp_path, ONE).parent / ".partial-dead").write_bytes(b"half")
    assert (vault.sweep(), list(vault.pieces())) == (1, [ONE])


# SECURITY V06: opaque id, realpath inside the root, symlinks refused.
@pytest.mark.parametrize("hostile", ["../../etc/passwd", "", "AB" * 16, "ab" * 15 + "/.", "ab" * 16 + "\n", "a\0" * 16])
def test_given_a_name_that_is_not_ours_when_used_then_refused(vault: DirectoryVault, hostile: str) -> None:
    piece = Piece(recording=RecordingId(hostile), part=Part.AUDIO)
    with pytest.raises(BadInput):
        vault.put(piece, [b"x"])
    with pytest.raises((BadInput, GuildhallError)):
        list(vault.read(piece))


def test_given_links_in_the_vault_when_read_or_written_then_not_followed(vault: DirectoryVault, tmp_path: Path) -> None:
    vault.put(ONE, [b"mine"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stored(tmp_path, ONE).rename(elsewhere / "file")
    stored(tmp_path, ONE).symlink_to(elsewhere / "file")
    with pytest.raises(VaultDamaged, match="symbolic link"):
        list(vault.read(ONE))
    stored(tmp_path, OTHER).parent.mkdir()
    stored(tmp_path, OTHER).parent.rmdir()
    stored(tmp_path, OTHER).parent.symlink_to(elsewhere)
    with pytest.raises(OSError, match=r"directory|symbolic"):
        vault.put(OTHER, [b"x"])
    os.mkfifo(stored(tmp_path, ONE).parent / f"{'ab' * 15}ff.audio")
    with pytest.raises(VaultDamaged):
        list(vault.read(Piece(recording=RecordingId("ab" * 15 + "ff"), part=Part.AUDIO)))


def test_given_a_large_recording_when_sealed_and_read_then_memory_stays_small(vault: DirectoryVault) -> None:
    tracemalloc.start()
    try:
        vault.put(ONE, (b"\x55" * 65536 for _ in range(16 * 40)))
        assert vault.check(ONE).size == 40 * CHUNK
        assert tracemalloc.get_traced_memory()[1] < 8 * CHUNK
    finally:
        tracemalloc.stop()


# SECURITY V18: "first start generates; secrets file 0600; refuses to start with world-readable secrets".
def test_given_no_key_file_when_opened_then_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "recordings-key"
    key, wrapped = open_keys(path, None).new("n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_keys(path, None).unwrap(wrapped, "n") == key
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    path.chmod(0o640)
    with pytest.raises(GuildhallError, match="read by others"):
        open_keys(path, None)
    path.chmod(0o600)
    path.write_text("", encoding="ascii")
    with pytest.raises(GuildhallError, match="backup"):
        open_keys(path, None)


@pytest.mark.parametrize("bad", ["password", "AAAA", base64.b64encode(bytes(31)).decode(), "€"])
def test_given_a_key_that_is_none_when_opened_then_refused_without_repeating_it(bad: str, tmp_path: Path) -> None:
    with pytest.raises(GuildhallError) as refusal:
        open_keys(tmp_path / "unused", bad)
    assert bad not in str(refusal.value)


# A new master key is put before the old one; what the old one sealed stays readable until it is taken away.
def test_given_a_new_master_key_when_the_old_one_stays_or_goes_then_readable_or_a_clear_error(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    DirectoryVault(tmp_path / "vault", FileKeys([old])).put(ONE, [b"call"])
    both = DirectoryVault(tmp_path / "vault", open_keys(tmp_path / "unused", f"{new} {old}"))
    assert b"".join(both.read(ONE)) == b"call"
    with pytest.raises(GuildhallError, match="which is not here") as refusal:
        list(DirectoryVault(tmp_path / "vault", FileKeys([new])).read(ONE))
    assert refusal.value.code == "key_missing"


def test_given_a_number_when_digested_then_the_same_again_and_another_under_another_key() -> None:
    old, new = new_key(), new_key()
    one = FileKeys([old]).subject("01632960123")
    assert one == FileKeys([new, old]).subject("01632960123")
    assert one not in {FileKeys([new]).subject("01632960123"), FileKeys([old]).subject("01632960124")}
