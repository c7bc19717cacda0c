"""The folder where the PBX writes recordings: names, lengths, deletion; nothing outside it is ever touched."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterable
from pathlib import Path

from adapters.audio.dead_sound import is_dead
from kernel.errors import BadInput
from kernel.ids import ContactId, checked_id

#: A WAV of only a header: MixMonitor opened it and no audio came.
_HEADER_BYTES = 44


class DirectoryOfAudio:
    """Recordings in one directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, contact: ContactId) -> Iterable[str]:
        """Names of a contact's files."""
        checked_id(contact, "a contact")
        # scandir, not glob: this runs in the engine's loop, and the folder holds thousands on a busy day.
        begin = f"{contact}-"
        try:
            with os.scandir(self._folder) as entries:
                names = [one for one in entries if one.name.startswith(begin) and one.name.endswith(".wav")]
                return sorted(one.name for one in names if not one.is_symlink())
        except FileNotFoundError:
            return []

    def seconds(self, name: str) -> float | None:
        """Length in seconds; None while the header does not yet say what the file holds."""
        path = self._path(name)
        size = path.stat().st_size
        if size <= _HEADER_BYTES:
            return 0.0
        try:
            with wave.open(str(path), "rb") as audio:
                held = audio.getnframes() * audio.getsampwidth() * audio.getnchannels()
                # Asterisk writes the length into the header when it closes the file.
                return audio.getnframes() / audio.getframerate() if 0 < held <= size else None
        except (wave.Error, EOFError):
            return None

    def held(self, name: str) -> int:
        """Bytes of audio in a file so far; 0 when it is gone."""
        try:
            return max(0, self._path(name).stat().st_size - _HEADER_BYTES)
        except FileNotFoundError:
            return 0

    def written(self, name: str) -> float:
        """When a file was last written, Unix seconds. Raises ``OSError`` for one that is gone."""
        return self._path(name).stat().st_mtime

    def dead(self, name: str) -> bool:
        """Whether nothing at all can be heard in what a file holds so far; reads until something can be."""
        with self._path(name).open("rb") as source:
            source.seek(_HEADER_BYTES)
            return is_dead(source)

    def delete(self, name: str) -> None:
        """Remove a file."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if name in {"", ".", ".."} or "/" in name:
            raise BadInput("bad_name", "a recording is named by its file name alone")
        return self._folder / name
