"""Everything about recordings, wired together: for the worker's process and for the command line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.audio.workshop import Workshop
from adapters.store.audit_log import SqlAuditLog
from adapters.store.call_history import SqlCallHistory, SqlFiledCalls
from adapters.store.contact_notes import SqlContactNotes
from adapters.store.fact_store import FactStore
from adapters.store.needs import SqlNeeds
from adapters.store.recording_catalogue import SqlCatalogue
from adapters.store.steered_words import SqlSteeredWords
from adapters.store.subjects import SqlSubjects
from adapters.vault.directory import DirectoryVault, MasterKeys
from adapters.vault.notes import open_note, seal_note
from guildhall.callers_needs import CallersNeeds
from guildhall.disk_watch import DiskWatch
from guildhall.kept_notes import notes_store
from guildhall.recordings_keys import recording_keys
from guildhall.recordings_rules import RulesInForce
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from kernel.facts import Fact
from recordings.erasing import Eraser
from recordings.intake import Intake
from recordings.listening import ReadingRoom
from recordings.pipeline import Pipeline
from recordings.ports import Clock, FactSink, Scribe
from recordings.service import RecordingsService

if TYPE_CHECKING:
    from adapters.vault.object_store import ObjectVault

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """What there is of recordings in one process."""

    catalogue: SqlCatalogue
    audit: SqlAuditLog
    keys: MasterKeys
    vault: DirectoryVault | ObjectVault
    workshop: Workshop
    subjects: SqlSubjects
    history: SqlCallHistory
    room: ReadingRoom
    service: RecordingsService
    #: What steering keeps of callers, for subject access and erasure.
    needs: CallersNeeds
    words: SqlSteeredWords
    #: What agents noted on calls, for the same, and for who may listen to them.
    notes: SqlContactNotes


def vault_of(settings: Settings, keys: MasterKeys) -> DirectoryVault | ObjectVault:
    """A directory, or an object store where one is named. Raises ``BadInput`` for an address that is none."""
    if settings.vault_url is None:
        return DirectoryVault(settings.var / "vault", keys)
    from adapters.vault.object_store import ObjectVault, store_address  # noqa: PLC0415 - only where one is used

    return ObjectVault(store_address(settings.vault_url.get_secret_value()), keys, settings.var / "vault" / ".lock")


def scribe_of(settings: Settings) -> Scribe | None:
    """Who writes recordings down, where that is wished for."""
    if not settings.transcripts:
        return None
    from guildhall.recordings_transcripts import EngineScribe  # noqa: PLC0415 - numpy and more, only where used

    return EngineScribe(settings)


def recordings_of(settings: Settings, database: AsyncEngine, clock: Clock, facts: FactSink) -> Recordings:
    """Wire recordings on a database that is migrated; ``facts`` takes alarms.

    Raises ``GuildhallError`` when the master key cannot be read.
    """
    keys = recording_keys(settings)
    vault = vault_of(settings, keys)
    workshop = Workshop(settings.recordings)
    catalogue, audit, subjects = SqlCatalogue(database), SqlAuditLog(database), SqlSubjects(database)
    history = SqlCallHistory(database)
    eraser = Eraser(catalogue, vault, workshop, subjects, clock)
    intake = Intake(
        workshop=workshop,
        catalogue=catalogue,
        history=history,
        subjects=subjects,
        facts=facts,
        clock=clock,
        rules=RulesInForce(settings),
    )
    scribe, keep_s = scribe_of(settings), settings.originals_for_s
    pipeline = Pipeline(catalogue, vault, workshop, eraser, clock, originals_for_s=keep_s, scribe=scribe)
    return Recordings(
        catalogue=catalogue,
        audit=audit,
        keys=keys,
        vault=vault,
        workshop=workshop,
        subjects=subjects,
        history=history,
        room=ReadingRoom(catalogue, vault, audit, eraser, clock),
        service=RecordingsService(intake, pipeline, eraser, vault, clock, SqlFiledCalls(database)),
        needs=CallersNeeds(SqlNeeds(database), keys.subject, clock.now),
        words=SqlSteeredWords(database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t)),
        notes=notes_store(database, keys),
    )


class StoredFacts:
    """Facts of a process beside the engine: straight into the store, where the bus finds them too."""

    def __init__(self, database: AsyncEngine, settings: Settings, name: str) -> None:
        self.store = FactStore(database, spill=settings.var / f"{name}-spill.jsonl")

    def publish(self, fact: Fact) -> None:
        """Take a fact; it is stored by ``store.run`` or ``store.flush``."""
        self.store.put(fact)


async def run_recordings(
    settings: Settings, database: AsyncEngine, clock: Clock, *, key_again_s: float = 10.0
) -> NoReturn:
    """The worker until cancelled. Without a master key calls go on, and their files wait for it.

    ``key_again_s``: how often a key that cannot be read is asked for again.
    """
    facts = StoredFacts(database, settings, "recordings")
    watch = DiskWatch(settings.recordings, facts, clock, least_gb=settings.least_free_gb)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(facts.store.run())
        tasks.create_task(watch.run())
        while True:
            try:
                recordings = recordings_of(settings, database, clock, facts)
            except (GuildhallError, OSError) as error:
                reason = error.message if isinstance(error, GuildhallError) else type(error).__name__
                log.error("ALARM: recordings are not sealed; their files wait", reason=reason)  # noqa: TRY400 - told whole
                await asyncio.sleep(key_again_s)
                continue
            await recordings.service.run()
