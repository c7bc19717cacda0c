"""The real things of recordings, each with a fault that a test may switch on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.audio.workshop import Workshop
from adapters.store.audit_log import SqlAuditLog
from adapters.vault.directory import DirectoryVault, MasterKeys
from kernel.ids import ContactId
from kernel.recording import AuditEntry, Original, Piece, Recording, Sealed
from recordings.erasing import Eraser
from recordings.intake import Intake, Taken


class FaultyVault(DirectoryVault):
    """``full``: nothing more fits. ``opened``: what was read."""

    def __init__(self, folder: Path, keys: MasterKeys) -> None:
        super().__init__(folder, keys)
        self.full = False
        self.opened: list[Piece] = []

    def put(self, piece: Piece, content: Iterable[bytes]) -> Sealed:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().put(piece, content)

    def read(self, piece: Piece, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self.opened.append(piece)
        return super().read(piece, start, length)


class FaultyWorkshop(Workshop):
    """``mixes``: for which forms the sides change places, by ``exact``. ``stumbles_on``: at whose files it fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.mixes: frozenset[bool] = frozenset()
        self.stumbles_on: ContactId | None = None
        #: Each encoding's ``exact``.
        self.encoded: list[bool] = []

    def encode(self, sides: Sequence[Original], *, exact: bool = False) -> Iterator[bytes]:
        self.encoded.append(exact)
        if sides[0].name.startswith(f"{self.stumbles_on}-"):
            raise ZeroDivisionError
        return super().encode(sides[::-1] if exact in self.mixes else sides, exact=exact)


class FaultyIntake(Intake):
    """``trips_on``: the contact at which it fails."""

    trips_on: ContactId | None = None

    async def take_in(self, contact: ContactId) -> Taken:
        if contact == self.trips_on:
            raise ZeroDivisionError
        return await super().take_in(contact)


class FaultyEraser(Eraser):
    """``cut_off``: it is killed before the first file is gone."""

    cut_off = False

    def delete_all(self, recording: Recording) -> list[str]:
        if self.cut_off:
            raise OSError(5, "Input/output error")
        return super().delete_all(recording)


class FaultyAudit(SqlAuditLog):
    """``away``: no line can be written."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.away = False

    async def append(self, entry: AuditEntry) -> None:
        if self.away:
            raise OSError(5, "the database is away")
        await super().append(entry)
