"""One contract for both vaults: a directory, and an object store that speaks S3 (moto's server, over HTTP)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from adapters.vault.chunks import CHUNK, VaultDamaged
from adapters.vault.directory import DirectoryVault
from adapters.vault.key_file import FileKeys
from adapters.vault.object_store import ObjectVault, StoreAddress, store_address
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, RecordingId
from lab.service import eventually
from recordings.ports import Vault
from tests.fakes.open_sockets import free_port

pytestmark = pytest.mark.contract

ONE = Piece(recording=RecordingId("0a" * 16), part=Part.AUDIO)
PEAKS = Piece(recording=ONE.recording, part=Part.PEAKS)
KEYS = FileKeys([base64.b64encode(bytes(range(32))).decode()])


class Store:
    """A real server of the protocol, as a process of its own, with one bucket."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(  # noqa: S603 - fixed words, a port of ours
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.address = StoreAddress(
            host=f"127.0.0.1:{self.port}", bucket="vault", access="guildhall", secret=secrets.token_hex(16), tls=False
        )
        self.client = Minio(
            self.address.host, access_key=self.address.access, secret_key=self.address.secret, secure=False
        )

    def begun(self) -> bool:
        try:
            if not self.client.bucket_exists("vault"):
                self.client.make_bucket("vault")
        except (HTTPError, MinioException, OSError):
            return False
        return True

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    store = Store()
    try:
        asyncio.run(wait_for(store))
        yield store
    finally:
        store.end()


async def wait_for(store: Store) -> None:
    def up() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", store.port)) == 0 and store.begun()

    await eventually(up, within_s=60)


@pytest.fixture(params=["directory", "s3"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    """An empty vault of each kind."""
    if request.param == "directory":
        yield DirectoryVault(tmp_path / "vault", KEYS)
        return
    store: Store = request.getfixturevalue("store")
    found = ObjectVault(store.address, KEYS, tmp_path / "lock")
    yield found
    for piece in list(found.pieces()):
        found.delete(piece)


def test_given_a_vault_when_put_then_read_in_ranges_checked_listed_and_deleted(vault: Vault) -> None:
    content = secrets.token_bytes(2 * CHUNK + 1000)
    sealed = vault.put(ONE, [content[:5], content[5:]])
    assert (sealed.sha256, sealed.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert b"".join(vault.read(ONE)) == content
    for start, length in ((0, 10), (CHUNK - 3, 6), (2 * CHUNK, 2000), (len(content) - 1, 5), (len(content), 5)):
        assert b"".join(vault.read(ONE, start, length)) == content[start : start + length]
    assert (vault.size(ONE), vault.check(ONE)) == (len(content), sealed)
    vault.put(PEAKS, [])
    assert set(vault.pieces()) == {ONE, PEAKS}
    assert b"".join(vault.read(PEAKS)) == b""
    assert (vault.delete(ONE), vault.delete(ONE)) == (True, False)
    assert set(vault.pieces()) == {PEAKS}


def test_given_an_object_when_put_again_or_half_then_the_whole_last_one(vault: Vault) -> None:
    vault.put(ONE, [b"old"])
    vault.put(ONE, [b"new"])

    def failing() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        vault.put(ONE, failing())
    assert b"".join(vault.read(ONE)) == b"new"
    assert vault.sweep() == 0


def test_given_nothing_there_or_a_name_that_is_not_ours_when_read_then_a_clear_error(vault: Vault) -> None:
    for ask in (vault.size, vault.check, lambda piece: list(vault.read(piece))):
        with pytest.raises(GuildhallError, match="not in the vault"):
            ask(ONE)
    for hostile in ("../" * 8, "0a" * 15 + "\0a", "0a,&" * 8, ""):
        piece = Piece(recording=RecordingId(hostile), part=Part.AUDIO)
        # `delete` did not look at the name: the directory's vault went where it led.
        for use in (vault.size, vault.delete, lambda one: vault.put(one, [b"x"])):
            with pytest.raises(BadInput):
                use(piece)


def test_given_one_writer_when_another_comes_then_it_waits(vault: Vault) -> None:
    assert vault.claim()
    assert vault.claim()


# Issue 6: "truncation and swapping detected": the store is trusted with nothing.
def test_given_a_store_that_changes_swaps_or_cuts_when_read_then_refused(store: Store, tmp_path: Path) -> None:
    vault = ObjectVault(store.address, KEYS, tmp_path / "lock")
    vault.put(ONE, [secrets.token_bytes(CHUNK + 10)])
    vault.put(PEAKS, [b"peaks"])
    keys = sorted(one.object_name or "" for one in store.client.list_objects("vault", recursive=True))
    stored = [store.client.get_object("vault", key).read() for key in keys]
    turned = stored[0][:-5] + bytes([stored[0][-5] ^ 1]) + stored[0][-4:]
    for bad in (turned, stored[0][: CHUNK - 200], stored[1], b"", b"junk"):
        place(store, keys[0], bad)
        with pytest.raises(VaultDamaged):
            vault.check(ONE)
    assert b"peaks" not in stored[1]


def place(store: Store, key: str, content: bytes) -> None:
    store.client.put_object("vault", key, io.BytesIO(content), len(content))


# A store that is away passes like a full disk: OSError, so that the pipeline waits without end; no secret in it.
def test_given_a_store_that_is_away_when_asked_then_it_passes(tmp_path: Path) -> None:
    away = Store()
    away.end()
    vault = ObjectVault(away.address, KEYS, tmp_path / "lock")
    with pytest.raises(OSError, match="does not answer") as refusal:
        vault.put(ONE, [b"x"])
    assert away.address.secret not in str(refusal.value)
    assert away.address.secret not in repr(away.address)


@pytest.mark.parametrize("url", ["s3://host/bucket", "http://a:b@host/bucket", "s3://a:b@host", "s3://a:b@/bucket"])
def test_given_an_address_that_is_none_when_read_then_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadInput) as refusal:
        store_address(url)
    assert "host" in refusal.value.message
    assert "a:b" not in refusal.value.message


def test_given_an_address_when_read_then_its_parts() -> None:
    found = store_address("s3+http://key:se%2Fcret@store.example:9000/calls")
    assert (found.host, found.bucket, found.secret, found.tls) == ("store.example:9000", "calls", "se/cret", False)
