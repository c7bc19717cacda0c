"""What the recorder and those who keep recordings need of the outside; of calls under way: ``live_ports.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from kernel.facts import Fact
from kernel.ids import ContactId, QueueId
from kernel.recording import (
    AuditEntry,
    ChainState,
    Loudness,
    Original,
    Piece,
    Recording,
    RecordingId,
    Sealed,
    Wanted,
)
from kernel.recording_rule import RecordingRule
from recordings.core.keeping import RetentionRules


class AudioFolder(Protocol):
    """The files the PBX writes."""

    def of(self, contact: ContactId) -> Iterable[str]:
        """Names of a contact's files."""
        ...

    def seconds(self, name: str) -> float | None:
        """Length of a finished file in seconds; None while the PBX still writes it."""
        ...

    def held(self, name: str) -> int:
        """Bytes of audio in a file so far, finished or not; 0 when it is gone."""
        ...

    def written(self, name: str) -> float:
        """When a file was last written, Unix seconds. Raises ``OSError`` for one that is gone."""
        ...

    def dead(self, name: str) -> bool:
        """Whether nothing at all can be heard in what a file holds so far."""
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


class Workshop(Protocol):
    """Sound: the PBX's originals, and what is made of them. All of it blocks; the worker calls it from a thread."""

    def names(self) -> Iterable[str]:
        """The originals there are."""
        ...

    def check(self, name: str) -> Original:
        """What an original holds. Raises ``BadInput`` for a bad one, ``FileNotFoundError``, ``OSError``."""
        ...

    def delete(self, name: str) -> None:
        """Remove an original; one that is gone is no error."""
        ...

    def encode(self, sides: Sequence[Original], *, exact: bool = False) -> Iterator[bytes]:
        """Join the sides, a channel each, and encode them; ``exact``: without loss. Raises ``GuildhallError``."""
        ...

    def loudness(self, sides: Sequence[Original]) -> Loudness:
        """How loud the originals are over time."""
        ...

    def samples(self, side: Original, start: float, seconds: float) -> bytes:
        """A stretch of an original's samples, by seconds from its beginning."""
        ...

    def dead(self, side: Original) -> bool:
        """Whether nothing at all can be heard on a side."""
        ...

    def listen(self, encoded: Iterable[bytes], channels: int, seconds: float) -> Loudness:
        """How loud an encoded sound is over time; decodes all of it."""
        ...

    def convert(self, encoded: Iterable[bytes], form: str, seconds: float) -> Iterator[bytes]:
        """An encoded sound as ``opus``, ``mp3`` or ``wav``."""
        ...

    def stop(self) -> None:
        """End what is being worked on; it fails there. From any thread."""
        ...


class Scribe(Protocol):
    """Somebody who writes down what is said."""

    def words(self, pcm: bytes) -> str:
        """The words of 16-bit samples at 8000 a second; blocks. Raises ``GuildhallError`` when nobody can write."""
        ...


class Vault(Protocol):
    """Sealed objects. All of it blocks; raises ``GuildhallError`` for what is not there or not what was sealed."""

    def put(self, piece: Piece, content: Iterable[bytes]) -> Sealed:
        """Seal content, all or nothing; replaces what was there."""
        ...

    def size(self, piece: Piece) -> int:
        """Bytes of content."""
        ...

    def read(self, piece: Piece, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """A range of the content."""
        ...

    def check(self, piece: Piece) -> Sealed:
        """Open all of it and digest it."""
        ...

    def delete(self, piece: Piece) -> bool:
        """Remove an object; False when there was none."""
        ...

    def pieces(self) -> Iterable[Piece]:
        """Every object there is."""
        ...

    def sweep(self) -> int:
        """Remove what a kill left half written; how many there were."""
        ...

    def claim(self) -> bool:
        """Become the one who writes, until this process ends; False while another one is."""
        ...


class Catalogue(Protocol):
    """What is known of every recording. Each method is one step that happens whole or not at all."""

    async def register(self, recording: Recording) -> bool:
        """Add a recording; False when its join is there already."""
        ...

    async def get(self, recording: RecordingId) -> Recording | None:
        """One recording; None when there is none, or no longer."""
        ...

    async def find(self, wanted: Wanted) -> list[Recording]:
        """The recordings asked for, newest first."""
        ...

    async def work(self, now: float, most: int) -> list[Recording]:
        """What the worker has to do now."""
        ...

    async def next_due(self) -> float | None:
        """When there is work next."""
        ...

    async def keep(
        self, recording: RecordingId, sealed: Sealed, figures: Mapping[str, object], not_before: float
    ) -> bool:
        """Say that the vault holds it; False when it was not waiting for that. ``not_before``: its next step."""
        ...

    async def filed(self, recording: RecordingId) -> None:
        """Say that the originals are gone."""
        ...

    async def broken(self, recording: RecordingId, why: str) -> None:
        """Say that its originals cannot be used."""
        ...

    async def postpone(self, recording: RecordingId, why: str, not_before: float) -> int:
        """Try again later; how often it was tried."""
        ...

    async def hold(self, recording: RecordingId, reason: str | None, entry: AuditEntry) -> bool:
        """Put a legal hold on it, or take it off."""
        ...

    async def begin_erasing(self, recording: RecordingId, entry: AuditEntry) -> bool:
        """Begin its deletion; False when it is held, or gone."""
        ...

    async def erased(self, recording: RecordingId, certificate: AuditEntry) -> bool:
        """Forget what it told; the certificate goes into the audit log with it."""
        ...

    async def due(self, today: str, most: int = 500) -> list[Recording]:
        """Recordings whose last day is over and that nothing holds."""
        ...

    async def verify(self, anchor: str | None = None) -> ChainState:
        """Check the chain."""
        ...


class AuditLog(Protocol):
    """Who did what; lines are only ever added."""

    async def append(self, entry: AuditEntry) -> None:
        """Add a line; it is stored when this returns."""
        ...

    async def verify(self, anchor: str | None = None) -> ChainState:
        """Check the chain."""
        ...


class Subjects(Protocol):
    """Whose calls were whose: keyed digests of callers' numbers."""

    async def of(self, contact: ContactId) -> str | None:
        """The subject of a contact; None when the number was withheld or is not known."""
        ...

    async def calls(self, subject: str) -> Sequence[ContactId]:
        """The contacts of a subject."""
        ...

    async def forget(self, contact: ContactId) -> None:
        """Remove a contact's subject."""
        ...

    async def prune(self, before: float) -> int:
        """Remove those of calls that began before and left no recording; how many."""
        ...


class Rules(Protocol):
    """The councils' rules of one moment."""

    @property
    def retention(self) -> RetentionRules:
        """How long what is kept."""
        ...

    @property
    def queues(self) -> Mapping[QueueId, RecordingRule]:
        """What each queue records, and what for."""
        ...


class CallHistory(Protocol):
    """The stored facts of one contact."""

    async def of(self, contact: ContactId) -> list[dict[str, object]]:
        """Its facts in their order; empty when there are none."""
        ...


class FiledCalls(Protocol):
    """Which calls were filed since one looked last."""

    async def newly_filed(self) -> list[ContactId]:
        """Those calls; each is told once in a process."""
        ...
