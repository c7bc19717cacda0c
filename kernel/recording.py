"""The words about recordings: what is catalogued of one, its parts in the vault, and the lines of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from kernel.ids import AgentId, ContactId, QueueId, TenantId

#: Opaque: 32 hexadecimal digits. Nothing about the call can be read from it.
RecordingId = NewType("RecordingId", str)

NO_FIGURES: Mapping[str, object] = MappingProxyType({})


class RecordingState(StrEnum):
    """How far a recording got. Each step can be done again after a kill without harm."""

    #: Catalogued; its only audio are the PBX's files.
    FOUND = "found"
    #: Sealed in the vault and read back; the PBX's files may still be there.
    KEPT = "kept"
    #: Only in the vault.
    FILED = "filed"
    #: Its files cannot be used (``why`` says so); they stay where they are for a person to look at.
    BROKEN = "broken"
    #: Its deletion has begun.
    ERASING = "erasing"
    #: Gone; a row without personal data stays, so that the chain of the catalogue can still be checked.
    ERASED = "erased"


class Part(StrEnum):
    """What the vault holds of a recording."""

    AUDIO = "audio"
    PEAKS = "peaks"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One object in the vault."""

    recording: RecordingId
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What went into the vault: digest (hexadecimal SHA-256) and bytes of the plain content."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of a timeline without audio, and why. Times in Unix seconds."""

    start: float
    seconds: float
    why: str
    #: No silence stands in the file for it: what follows is heard so much earlier there.
    lost: bool = False

    def as_json(self) -> dict[str, object]:
        """The gap as programs see it."""
        return {"from": self.start, "seconds": round(self.seconds, 3), "why": self.why, "lost": self.lost}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One row of the catalogue: one join of a contact. Times in Unix seconds."""

    id: RecordingId
    call: ContactId
    #: As in the names of the PBX's files: the number of the offer.
    join: int
    council: TenantId
    queue: QueueId | None = None
    agent: AgentId | None = None
    began: float
    ended: float
    #: Of audio, measured on the untrimmed original.
    seconds: float
    #: ``call`` or ``consult``.
    kind: str = "call"
    #: How the contact ended (facts: ``end``), when that is known.
    outcome: str | None = None
    #: Why it is kept; the retention rule goes by it.
    purpose: str = "service"
    state: RecordingState = RecordingState.FOUND
    #: Of a broken one: what is wrong with its files.
    why: str | None = None
    #: Of the sealed audio.
    sha256: str | None = None
    size: int | None = None
    gaps: tuple[Gap, ...] = ()
    figures: Mapping[str, object] = field(default_factory=lambda: NO_FIGURES)
    #: The last day it is kept, ``2027-05-21``.
    keep_until: str
    #: The reason of a legal hold: nothing deletes it while there is one.
    hold: str | None = None
    #: Keyed digest of the caller's number: it can be asked for, not read.
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which recordings are asked for; None asks nothing. ``councils`` None means all of them."""

    councils: frozenset[TenantId] | None = frozenset()
    call: ContactId | None = None
    queue: QueueId | None = None
    agent: AgentId | None = None
    subject: str | None = None
    outcome: str | None = None
    #: Began at or after, and before; Unix seconds.
    since: float | None = None
    until: float | None = None
    least_s: float | None = None
    most_s: float | None = None
    states: frozenset[RecordingState] = frozenset({RecordingState.FOUND, RecordingState.KEPT, RecordingState.FILED})
    most: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to which recording. ``details`` holds no personal data."""

    t: float
    who: str
    role: str
    #: ``listen``, ``export``, ``erase``, ``hold``, ``release``, ``retention``, ``refused`` …
    action: str
    recording: RecordingId | None = None
    council: TenantId | None = None
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """What a check of a hash chain found. ``broken`` is the first row that does not hold, None when all do."""

    rows: int
    #: The last hash: note it elsewhere, and a chain rewritten as a whole is noticed too.
    head: str
    broken: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One of the PBX's files, checked. ``ended`` is when it was last written, Unix seconds."""

    name: str
    seconds: float
    rate: int
    channels: int
    ended: float
    #: Where the samples begin, bytes from the start of the file.
    offset: int
    #: False when the PBX never wrote the length into the header: it was killed. The samples are good all the same.
    finished: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """A sound's loudness over time, a row a channel: RMS in dB below full scale and peaks from 0 to 255."""

    window_s: float
    rms: tuple[tuple[float, ...], ...]
    peaks: tuple[bytes, ...]

    @property
    def windows(self) -> int:
        """How many windows every channel has."""
        return min((len(row) for row in self.rms), default=0)
