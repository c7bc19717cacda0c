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

    def grows(self, contact: ContactId) -> bool:
        """Whether a file of this contact holds more than a header."""
        return any(self.files[name] != 0.0 for name in self.of(contact))

    def delete(self, name: str) -> None:
        """Remove a file."""
        _plain(name)
        if name in self.files:
            del self.files[name]
            self.deleted.append(name)


def _plain(name: str) -> None:
    if "/" in name or name in {"", ".", ".."}:
        raise BadInput("bad_name", "a recording is named by its file name alone")
