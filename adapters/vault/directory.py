"""A vault in a directory of this machine: one file an object, written whole or not at all, never through a link."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from adapters.vault.chunks import Shape, VaultDamaged, digest, open_range, read_shape, seal
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, RecordingId, Sealed

_ID = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(r"(?P<id>[0-9a-f]{32})\.(?P<part>audio|peaks|text)")
_PARTIAL = ".partial-"
_LOCK = ".lock"


class KeyKeeper(Protocol):
    """Makes data keys and gives them back; only it ever sees a master key."""

    def new(self, name: str) -> tuple[bytes, bytes]:
        """A fresh data key for an object, plain and wrapped."""
        ...

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The data key of an object."""
        ...


class MasterKeys(KeyKeeper, Protocol):
    """A house's keys: those of the vault, and the one under which callers' numbers are digested."""

    def subject(self, number: str) -> str:
        """A keyed digest of a caller's number, always the same one."""
        ...


class WriterLock:
    """One writer a vault: a lock on a file of this machine, gone with the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Take it, or have it already; False while another process has it."""
        if self._handle is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def let_go(self) -> None:
        """Let another one have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class DirectoryVault:
    """Sealed objects under ``root``. All methods block: call them from a thread."""

    def __init__(self, root: Path, keys: KeyKeeper) -> None:
        self._root = root
        self._keys = keys
        self._lock = WriterLock(root / _LOCK)

    def put(self, piece: Piece, content: Iterable[bytes]) -> Sealed:
        """Seal ``content`` under a fresh key; replaces what was there, all or nothing. ``OSError`` passes through."""
        name = piece_name(piece)
        key, wrapped = self._keys.new(name)
        with self._folder(piece, make=True) as folder:
            partial = f"{_PARTIAL}{secrets.token_hex(8)}"
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            try:
                with os.fdopen(handle, "wb") as out:
                    sealed = seal(content, out, name=name, key=key, wrapped=wrapped)
                    out.flush()
                    os.fsync(out.fileno())
                os.rename(partial, _file(piece), src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                os.unlink(partial, dir_fd=folder)
                raise
            os.fsync(folder)
        return sealed

    def size(self, piece: Piece) -> int:
        """Bytes of content. Raises ``GuildhallError`` when it is not there, ``VaultDamaged``."""
        with self._opened(piece) as (_, shape):
            return shape.size

    def read(self, piece: Piece, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Give a range of the content, at most 1 MiB at a time. Raises ``GuildhallError``, ``VaultDamaged``."""
        with self._opened(piece) as (source, shape):
            key = self._keys.unwrap(shape.wrapped, shape.name)
            yield from open_range(source, shape, key, start, length)

    def check(self, piece: Piece) -> Sealed:
        """Open the whole object and digest it. Raises ``GuildhallError``, ``VaultDamaged``."""
        return digest(self.read(piece))

    def delete(self, piece: Piece) -> bool:
        """Remove an object; False when there was none."""
        try:
            with self._folder(piece, make=False) as folder:
                os.unlink(_file(piece), dir_fd=folder)
                os.fsync(folder)
        except FileNotFoundError:
            return False
        return True

    def pieces(self) -> Iterator[Piece]:
        """Every object there is."""
        for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/*")):
            if match := _FILE.fullmatch(path.name):
                yield Piece(recording=RecordingId(match["id"]), part=Part(match["part"]))

    def claim(self) -> bool:
        """Become the one who writes, until this process ends; False while another one is."""
        return self._lock.take()

    def release(self) -> None:
        """Let another one write."""
        self._lock.let_go()

    def sweep(self) -> int:
        """Remove what a killed ``put`` left behind. Only for the one who writes, before it begins."""
        left = [path for path in self._root.glob(f"[0-9a-f][0-9a-f]/{_PARTIAL}*") if not path.is_symlink()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    @contextmanager
    def _opened(self, piece: Piece) -> Iterator[tuple[BinaryIO, Shape]]:
        name = piece_name(piece)
        try:
            with self._folder(piece, make=False) as folder:
                handle = os.open(_file(piece), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except FileNotFoundError:
            raise GuildhallError("not_in_vault", f"{name} is not in the vault") from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise VaultDamaged("vault_link", f"{name} is a symbolic link: not followed") from None
            raise
        with os.fdopen(handle, "rb") as source:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise VaultDamaged("vault_damaged", f"{name} is not a regular file")
            yield source, read_shape(source, found.st_size, name)

    @contextmanager
    def _folder(self, piece: Piece, *, make: bool) -> Iterator[int]:
        """The object's folder, held open: whoever swaps a folder for a link meanwhile changes nothing."""
        piece_name(piece)
        first = piece.recording[:2]
        if make:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        root = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(first, 0o700, dir_fd=root)
                    os.fsync(root)
            folder = os.open(first, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
        finally:
            os.close(root)
        try:
            yield folder
        finally:
            os.close(folder)


def piece_name(piece: Piece) -> str:
    """What errors and the seal call an object. Raises ``BadInput`` for an id that is not ours."""
    if not _ID.fullmatch(piece.recording):
        raise BadInput("bad_recording_id", "a recording's id is 32 hexadecimal digits")
    return f"{piece.recording}/{piece.part.value}"


def _file(piece: Piece) -> str:
    return f"{piece.recording}.{piece.part.value}"
