"""A vault in an object store that speaks S3: sealed here, stored there; the store sees neither names nor sound."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError

from adapters.vault.chunks import CHUNK, TAG, Shape, VaultDamaged, digest, open_range, read_shape, seal
from adapters.vault.directory import KeyKeeper, WriterLock, piece_name
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, RecordingId, Sealed

_KEY = re.compile(r"[0-9a-f]{2}/(?P<id>[0-9a-f]{32})\.(?P<part>audio|peaks|text)")
#: Parts a large object is sent in; S3 takes no smaller ones.
_SENT = 5 << 20
#: Read with the header: most objects' first chunk lies whole in it.
_HEAD = 1 << 16
_TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)
_GONE = {"NoSuchKey", "NoSuchObject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where the store is. ``https`` unless the address says otherwise."""

    host: str
    bucket: str
    access: str
    secret: str = field(repr=False)
    tls: bool = True


def store_address(url: str) -> StoreAddress:
    """Read ``s3://ACCESS:SECRET@host:port/bucket``, or ``s3+http://`` without TLS. Raises ``BadInput``, without it."""
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in {"s3", "s3+http"} or not (parts.hostname and parts.username and parts.password and bucket):
        raise BadInput("bad_vault_url", "GUILDHALL_VAULT_URL reads s3://ACCESS:SECRET@host:port/bucket")
    return StoreAddress(
        host=parts.netloc.rpartition("@")[2],
        bucket=bucket,
        access=unquote(parts.username),
        secret=unquote(parts.password),
        tls=parts.scheme == "s3",
    )


class _Answer(Protocol):
    """What a GET gives."""

    def read(self) -> bytes: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


class ObjectVault:
    """Sealed objects in a bucket. All methods block: call them from a thread.

    A store that is away raises ``ConnectionError``: like a full disk it passes, and nothing is given up meanwhile.
    ``lock`` is a file of this machine: one worker writes; a second machine needs a bucket of its own.
    """

    def __init__(self, address: StoreAddress, keys: KeyKeeper, lock: Path) -> None:
        pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(total=2, backoff_factor=0.2), maxsize=4)
        self._store = Minio(
            address.host, access_key=address.access, secret_key=address.secret, secure=address.tls, http_client=pool
        )
        self._bucket = address.bucket
        self._keys = keys
        self._lock = WriterLock(lock)

    def put(self, piece: Piece, content: Iterable[bytes]) -> Sealed:
        """Seal ``content`` under a fresh key; replaces what was there, all or nothing."""
        name = piece_name(piece)
        key, wrapped = self._keys.new(name)
        # On this machine's disk only sealed: the store wants to know the length before the first byte.
        with tempfile.TemporaryFile() as spool:
            sealed = seal(content, spool, name=name, key=key, wrapped=wrapped)
            length = spool.tell()
            spool.seek(0)
            with _told():
                self._store.put_object(
                    self._bucket, _key(piece), spool, length, part_size=_SENT, num_parallel_uploads=1
                )
        return sealed

    def size(self, piece: Piece) -> int:
        """Bytes of content. Raises ``GuildhallError`` when it is not there, ``VaultDamaged``."""
        return self._opened(piece)[1].size

    def read(self, piece: Piece, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Give a range of the content, at most 1 MiB at a time. Raises ``GuildhallError``, ``VaultDamaged``."""
        source, shape = self._opened(piece)
        key = self._keys.unwrap(shape.wrapped, shape.name)
        yield from open_range(source, shape, key, start, length)  # type: ignore[arg-type]  # seek and read are all it needs

    def check(self, piece: Piece) -> Sealed:
        """Open the whole object and digest it. Raises ``GuildhallError``, ``VaultDamaged``."""
        return digest(self.read(piece))

    def delete(self, piece: Piece) -> bool:
        """Remove an object; False when there was none. A bucket that keeps versions must expire them itself."""
        piece_name(piece)
        with _told():
            try:
                self._store.stat_object(self._bucket, _key(piece))
            except S3Error as error:
                if error.code in _GONE:
                    return False
                raise
            self._store.remove_object(self._bucket, _key(piece))
        return True

    def pieces(self) -> Iterator[Piece]:
        """Every object there is."""
        with _told():
            for one in self._store.list_objects(self._bucket, recursive=True):
                if match := _KEY.fullmatch(one.object_name or ""):
                    yield Piece(recording=RecordingId(match["id"]), part=Part(match["part"]))

    def sweep(self) -> int:
        """Nothing: an upload that was cut off never becomes an object. The bucket's own rule clears its parts."""
        return 0

    def claim(self) -> bool:
        """Become the one who writes, until this process ends; False while another one of this machine is."""
        return self._lock.take()

    def release(self) -> None:
        """Let another one write."""
        self._lock.let_go()

    def _opened(self, piece: Piece) -> tuple[_Remote, Shape]:
        name = piece_name(piece)
        with _told():
            try:
                length = self._store.stat_object(self._bucket, _key(piece)).size or 0
            except S3Error as error:
                if error.code in _GONE:
                    raise GuildhallError("not_in_vault", f"{name} is not in the vault") from None
                raise
        if not length:
            raise VaultDamaged("vault_damaged", f"{name} is not what was sealed: it is empty")
        source = _Remote(self._store, self._bucket, _key(piece), length)
        return source, read_shape(source, length, name)  # type: ignore[arg-type]  # seek and read are all it needs


class _Remote:
    """An object as a file that can be sought and read: a ranged GET for each read beyond its begin."""

    def __init__(self, store: Minio, bucket: str, key: str, length: int) -> None:
        self._store, self._bucket, self._key, self._length = store, bucket, key, length
        self._at = 0
        self._head = self._get(0, min(_HEAD, length))

    def seek(self, at: int) -> int:
        self._at = at
        return at

    def read(self, size: int) -> bytes:
        end = min(self._at + size, self._length)
        begin, self._at = self._at, end
        if end <= len(self._head):
            return self._head[begin:end]
        return self._get(begin, end - begin) if end > begin else b""

    def _get(self, begin: int, length: int) -> bytes:
        with _told():
            answer = cast("_Answer", self._store.get_object(self._bucket, self._key, offset=begin, length=length))
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """The client's errors in our words; its own may hold the address with the access key."""
    try:
        yield
    except S3Error as error:
        raise ConnectionError(5, f"the object store refused: {error.code}") from None
    except (urllib3.exceptions.HTTPError, ServerError, InvalidResponseError) as error:
        raise ConnectionError(5, f"the object store does not answer: {type(error).__name__}") from None


def _key(piece: Piece) -> str:
    return f"{piece.recording[:2]}/{piece.recording}.{piece.part.value}"


#: One sealed chunk is one GET.
assert _HEAD < CHUNK + TAG  # noqa: S101 - the begin is not a whole long recording
