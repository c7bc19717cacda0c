"""Everything about recordings, wired together: for the worker's process and for the command line."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import NoReturn

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.audio.workshop import Workshop
from adapters.store.audit_log import SqlAuditLog
from adapters.store.call_history import SqlCallHistory, SqlFiledCalls
from adapters.store.recording_catalogue import SqlCatalogue
from adapters.vault.directory import DirectoryVault
from adapters.vault.key_file import FileKeys, open_keys
from guildhall.recordings_keys import KEY_FILE, KEY_VARIABLE
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from recordings.core.keeping import RetentionRules
from recordings.erasing import Eraser
from recordings.intake import Intake
from recordings.listening import ReadingRoom
from recordings.pipeline import Pipeline
from recordings.ports import Clock
from recordings.service import RecordingsService

log = structlog.get_logger()

#: How often a master key that cannot be read is asked for again.
_KEY_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """What there is of recordings in one process."""

    catalogue: SqlCatalogue
    audit: SqlAuditLog
    keys: FileKeys
    vault: DirectoryVault
    workshop: Workshop
    room: ReadingRoom
    service: RecordingsService


def recordings_of(
    settings: Settings,
    database: AsyncEngine,
    clock: Clock,
    *,
    rules: RetentionRules | None = None,
) -> Recordings:
    """Wire recordings on a database that is migrated.

    Raises ``GuildhallError`` when the master key cannot be read.
    """
    given, path = os.environ.get(KEY_VARIABLE), settings.secrets / KEY_FILE
    if not given and not path.exists() and any((settings.var / "vault").glob("[0-9a-f][0-9a-f]")):
        raise GuildhallError(
            "key_gone", f"there are sealed recordings, but {path} is gone: put it back from its backup"
        )
    keys = open_keys(path, given)
    vault = DirectoryVault(settings.var / "vault", keys)
    workshop = Workshop(settings.recordings)
    catalogue, audit = SqlCatalogue(database), SqlAuditLog(database)
    eraser = Eraser(catalogue, vault, workshop, clock)
    intake = Intake(workshop, catalogue, SqlCallHistory(database), clock, rules or RetentionRules())
    pipeline = Pipeline(catalogue, vault, workshop, clock, originals_for_s=settings.originals_for_s)
    return Recordings(
        catalogue=catalogue,
        audit=audit,
        keys=keys,
        vault=vault,
        workshop=workshop,
        room=ReadingRoom(catalogue, vault, audit, eraser, clock),
        service=RecordingsService(intake, pipeline, eraser, vault, clock, SqlFiledCalls(database)),
    )


async def run_recordings(
    settings: Settings, database: AsyncEngine, clock: Clock, *, rules: RetentionRules | None = None
) -> NoReturn:
    """The worker until cancelled. Without a master key calls go on, and their files wait for it."""
    while True:
        try:
            recordings = recordings_of(settings, database, clock, rules=rules)
        except (GuildhallError, OSError) as error:
            reason = error.message if isinstance(error, GuildhallError) else type(error).__name__
            log.error("ALARM: recordings are not sealed; their files wait", reason=reason)  # noqa: TRY400 - told whole
            await asyncio.sleep(_KEY_AGAIN_S)
            continue
        await recordings.service.run()
