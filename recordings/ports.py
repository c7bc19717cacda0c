"""What the recorder needs of the outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kernel.facts import Fact
from kernel.ids import ContactId


class AudioFolder(Protocol):
    """The files the PBX writes."""

    def of(self, contact: ContactId) -> Iterable[str]:
        """Names of a contact's files."""
        ...

    def seconds(self, name: str) -> float | None:
        """Length of a finished file in seconds; None while the PBX still writes it."""
        ...

    def delete(self, name: str) -> None:
        """Remove a file."""
        ...


class FactSink(Protocol):
    """Where facts go."""

    def publish(self, fact: Fact) -> None:
        """Tell the world."""
        ...


class Clock(Protocol):
    """Unix seconds that never run backwards."""

    def now(self) -> float:
        """Return the time."""
        ...
