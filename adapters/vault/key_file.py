"""Master keys in a file of this machine or in the environment: they wrap the data key of each recording.

Keys in a device of the house meet the same port: ``adapters/vault/hsm.py``.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.vault.chunks import KEY_BYTES, VaultDamaged
from kernel.errors import GuildhallError

_ID_BYTES = 8
_NONCE_BYTES = 12


class FileKeys:
    """Wraps data keys with the first master key; unwraps with whichever was used. More than one: an old key stays.

    Raises ``GuildhallError`` for a key that is no 32 bytes in base64.
    """

    def __init__(self, keys: list[str]) -> None:
        found = [_decoded(text) for text in keys]
        if not found:
            raise GuildhallError("no_key", "there is no master key for the recordings")
        self._current = _name(found[0])
        self._keys = {_name(key): key for key in found}

    def new(self, name: str) -> tuple[bytes, bytes]:
        """Make a data key for the object ``name``; return it plain and wrapped."""
        key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._keys[self._current]).encrypt(nonce, key, name.encode("ascii"))
        return key, self._current + nonce + sealed

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Give the data key back. Raises ``GuildhallError`` when the master key is not here, ``VaultDamaged``."""
        master, nonce = wrapped[:_ID_BYTES], wrapped[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        if master not in self._keys:
            raise GuildhallError(
                "key_missing",
                f"{name} was sealed with the master key {master.hex()}, which is not here: add it as a further line of "
                "the key file, or to GUILDHALL_RECORDINGS_KEY",
            )
        try:
            return AESGCM(self._keys[master]).decrypt(nonce, wrapped[_ID_BYTES + _NONCE_BYTES :], name.encode("ascii"))
        except (InvalidTag, ValueError):
            raise VaultDamaged("vault_damaged", f"the key of {name} was changed or belongs to another object") from None

    def subject(self, number: str) -> str:
        """A keyed digest of a caller's number: the same for the same number, and not to be guessed without the key.

        It goes by the last key of the list, the oldest, so that it stays the same when a new one is put before it.
        """
        oldest = self._keys[list(self._keys)[-1]]
        return hmac.new(oldest, b"subject\n" + number.encode("utf-8"), hashlib.sha256).hexdigest()


def open_keys(path: Path, given: str | None) -> FileKeys:
    """The master keys: ``given`` (the environment's, divided by white space) or those of the file, made at first use.

    Raises ``GuildhallError`` when others may read the file, or when it holds no key.
    """
    if given:
        return FileKeys(given.split())
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise GuildhallError(
            "open_secret", f"{path} can be read by others: chmod 600 it, and think about who has seen it"
        )
    keys = path.read_text(encoding="ascii", errors="replace").split()
    if not keys:
        # Never made anew: the old one may be in a backup, and without it every recording is lost.
        raise GuildhallError("no_key", f"{path} is empty: put the master key back from its backup")
    return FileKeys(keys)


def _make(path: Path) -> None:
    """Write a new key whole or not at all; whoever comes first wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise GuildhallError(
            "bad_key", f"a master key is {KEY_BYTES} random bytes in base64: head -c 32 /dev/urandom | base64"
        )
    return key


def _name(key: bytes) -> bytes:
    """What a key is called in the objects it wrapped: tells keys apart, tells nothing of them."""
    return hashlib.sha256(b"guildhall master key\n" + key).digest()[:_ID_BYTES]
