"""Deletion: audio, text, waveform and the PBX's files go, then the catalogue forgets, with a certificate."""

from __future__ import annotations

import asyncio

import structlog

from kernel.recording import AuditEntry, Part, Piece, Recording
from recordings.core.keeping import day_of
from recordings.originals import delete_originals
from recordings.ports import Catalogue, Clock, Subjects, Vault, Workshop

log = structlog.get_logger()

#: Whose call it was, where nothing was recorded: nobody asks for it, so it goes after a week.
_UNRECORDED_S = 7 * 86400.0


class Eraser:
    """Deletes recordings, and ends what a kill left half deleted."""

    def __init__(
        self, catalogue: Catalogue, vault: Vault, workshop: Workshop, subjects: Subjects, clock: Clock
    ) -> None:
        self._subjects = subjects
        self._catalogue = catalogue
        self._vault = vault
        self._workshop = workshop
        self._clock = clock

    async def erase(self, recording: Recording, *, who: str, role: str, why: str) -> bool:
        """Delete a recording for good; False when a legal hold keeps it, or it is gone."""
        entry = self._entry(recording, (who, role), "erase", why)
        if not await self._catalogue.begin_erasing(recording.id, entry):
            return False
        await self.finish(recording, who=who, role=role)
        return True

    async def finish(self, recording: Recording, *, who: str = "guildhall", role: str = "service") -> None:
        """Delete what is left of a recording whose deletion has begun. ``OSError`` passes through: tried again."""
        gone = await asyncio.to_thread(self.delete_all, recording)
        # The digest tells which audio it was to whoever has a copy, and nothing to anyone else.
        told = f"deleted: {', '.join(gone) or 'nothing was left'}; sha256 {recording.sha256 or 'none'}"
        certificate = self._entry(recording, (who, role), "erased", told)
        await self._subjects.forget(recording.call)
        await self._catalogue.erased(recording.id, certificate)
        log.info("recording erased", recording=recording.id)

    def _entry(self, recording: Recording, by: tuple[str, str], action: str, details: str) -> AuditEntry:
        who, role = by
        return AuditEntry(
            t=self._clock.now(),
            who=who,
            role=role,
            action=action,
            recording=recording.id,
            council=recording.council,
            details=details,
        )

    def delete_all(self, recording: Recording) -> list[str]:
        """Delete everything there is of a recording but its row; what there was. Blocks."""
        gone = [part.value for part in Part if self._vault.delete(Piece(recording=recording.id, part=part))]
        files = delete_originals(recording, self._workshop)
        return [*gone, f"{files} files of the PBX"] if files else gone

    async def retention(self) -> int:
        """Delete what is past its last day and not held; how many. A failure stops at one and goes on with the next."""
        today, count = day_of(self._clock.now()), 0
        tried: set[str] = set()
        while due := [one for one in await self._catalogue.due(today) if one.id not in tried]:
            for recording in due:
                tried.add(recording.id)
                why = f"retention: kept until {recording.keep_until}"
                try:
                    count += await self.erase(recording, who="guildhall", role="retention", why=why)
                except OSError as error:
                    # It stays in the state ERASING: the worker tries again.
                    log.error("ALARM: a recording cannot be deleted", recording=recording.id, errno=error.errno)  # noqa: TRY400 - the errno says it; a path would say more than it should
        await self._subjects.prune(self._clock.now() - _UNRECORDED_S)
        if count:
            log.info("retention run", erased=count, day=today)
        return count
