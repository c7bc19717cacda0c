"""Secrets: generated at the first start, one file each, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from kernel.errors import GuildhallError

#: 24 random bytes, 32 characters of A-Z a-z 0-9 _ -: above the 20 characters we ask for, and no syntax anywhere.
_BYTES = 24
#: SECURITY V12.
LEAST_CHARACTERS = 20
_PIN_DIGITS = 8


def pin(folder: Path, name: str, owner: tuple[int, int] | None = None) -> str:
    """Return the PIN ``name``, eight digits for a telephone's keys, made now when it is not there yet.

    Raises ``GuildhallError`` as ``secret``. Whoever asks for it must count wrong guesses: it is short.
    """
    text = _kept(folder, name, owner, lambda: f"{secrets.randbelow(10**_PIN_DIGITS):0{_PIN_DIGITS}d}")
    if not (text.isdecimal() and text.isascii() and len(text) >= _PIN_DIGITS):
        raise GuildhallError("weak_pin", f"{folder / name} holds no PIN of {_PIN_DIGITS} digits: delete it")
    return text


def secret(folder: Path, name: str, owner: tuple[int, int] | None = None) -> str:
    """Return the secret ``name``, made now when it is not there yet.

    Raises ``GuildhallError`` when others may read the file (whoever read it may have used it), or when what stands in
    it is too short to be one: a start that was cut off leaves an empty file, and an empty password lets anybody in.
    """
    text = _kept(folder, name, owner, lambda: secrets.token_urlsafe(_BYTES))
    if len(text) < LEAST_CHARACTERS or not text.isascii():
        raise GuildhallError("weak_secret", f"{folder / name} holds no usable secret: delete it and start again")
    return text


def _kept(folder: Path, name: str, owner: tuple[int, int] | None, make: Callable[[], str]) -> str:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(make() + "\n")
        if owner is not None:
            os.chown(folder, *owner)
            os.chown(path, *owner)
    if path.stat().st_mode & 0o077:
        raise GuildhallError("open_secret", f"{path} can be read by others: delete it and start again, or chmod 600 it")
    return path.read_text(encoding="utf-8", errors="replace").strip()
