"""Reads files of a folder that others may edit: regular, small, inside; never through a symbolic link."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kernel.located import MAX_BYTES, ConfigError, Place


def folders_in(folder: Path) -> Iterator[Path]:
    """Sub-folders by name. Raises ``ConfigError`` for a symbolic link."""
    return (path for path in entries_in(folder, folder) if path.is_dir())


def entries_in(folder: Path, root: Path) -> Iterator[Path]:
    """What is in ``folder``, by name. Raises ``ConfigError`` for a symbolic link."""
    if folder.is_symlink():
        raise ConfigError(_named(folder, root), "symlink", "a symbolic link is not followed", "copy the folder")
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(_named(folder, root), "unreadable", f"cannot be read ({error.strerror})") from None
    for path in entries:
        if path.is_symlink():
            raise ConfigError(_named(path, root), "symlink", "a symbolic link is not followed", "copy the file")
        yield path


def read_inside(path: Path, root: Path) -> tuple[bytes, str]:
    """Return a file's bytes and its name as errors show it. Raises ``ConfigError``."""
    place = _named(path, root)
    try:
        # Opened first, looked at after: what is checked is what is read. O_NONBLOCK: a FIFO must not stop us.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ConfigError(place, "symlink", "a symbolic link is not followed", "copy the file") from None
        if error.errno == errno.ENOENT:
            raise ConfigError(place, "missing_file", "the file is missing") from None
        raise ConfigError(place, "unreadable", f"cannot be read ({error.strerror})") from None
    # fdopen() would refuse a folder in words of its own.
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ConfigError(place, "not_a_file", "this is not a regular file")
    with os.fdopen(handle, "rb") as source:
        return source.read(MAX_BYTES + 1), place.file


def _named(path: Path, root: Path) -> Place:
    return Place(file=path.relative_to(root.parent).as_posix())
