"""A folder of recordings in memory: meets ``recordings.ports.AudioFolder``."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.errors import BadInput
from kernel.ids import ContactId, checked_id


class AudioTape:
    """Names with lengths; a test writes, lets grow and finishes them."""

    def __init__(self) -> None:
        #: Name -> seconds; None while the PBX still writes it.
        self.files: dict[str, float | None] = {}
        self.deleted: list[str] = []
        #: Bytes of a file that is being written, and the files in which somebody is heard.
        self.writing: dict[str, int] = {}
        self.loud: set[str] = set()
        #: When a file was last written, Unix seconds.
        self.times: dict[str, float] = {}
        #: Raised by the next ``seconds``.
        self.trouble: OSError | None = None

    def of(self, contact: ContactId) -> Iterable[str]:
        """Names of a contact's files."""
        checked_id(contact, "a contact")
        return sorted(name for name in self.files if name.startswith(f"{contact}-") and name.endswith(".wav"))

    def seconds(self, name: str) -> float | None:
        """Length of a finished file in seconds."""
        _plain(name)
        if self.trouble is not None:
            raise self.trouble
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.files[name]

    def held(self, name: str) -> int:
        """Bytes of audio in a file so far; 0 when it is gone."""
        _plain(name)
        if self.trouble is not None:
            raise self.trouble
        if name not in self.files:
            return 0
        seconds = self.files[name]
        # As the tests' real folder has it: one that is still written holds a second.
        return self.writing.get(name, int((1.0 if seconds is None else seconds) * 16000))

    def written(self, name: str) -> float:
        """When a file was last written, Unix seconds."""
        _plain(name)
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.times.get(name, 1.0)

    def dead(self, name: str) -> bool:
        """Whether nothing at all can be heard in what a file holds so far."""
        _plain(name)
        return name not in self.loud

    def delete(self, name: str) -> None:
        """Remove a file."""
        _plain(name)
        if name in self.files:
            del self.files[name]
            self.deleted.append(name)


def _plain(name: str) -> None:
    if "/" in name or name in {"", ".", ".."}:
        raise BadInput("bad_name", "a recording is named by its file name alone")
