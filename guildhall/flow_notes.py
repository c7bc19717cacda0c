"""What a flow notes on a call for whoever answers: kept as agents' notes are; the call does not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.store.contact_notes import SqlContactNotes
from ivr.ports import CallerLine
from kernel.facts import NoteTaken
from kernel.ids import ContactId, TenantId
from kernel.notes import Note, note_text
from kernel.recording import AuditEntry
from recordings.core.subject import subject_number

log = structlog.get_logger()

#: As who wrote it.
BY = "flow"
#: A database that is away: so many wait, the others are not noted.
_MOST_WAITING = 200
_LIMIT_S = 10.0
_DAY_S = 86400.0


class NotesOfFlows:
    """Meets ``ivr.ports.FlowNotes``."""

    def __init__(
        self,
        store: SqlContactNotes,
        days: Callable[[TenantId], int],
        digest: Callable[[str], str],
        facts: MemoryBus,
        clock: SteadyClock,
    ) -> None:
        self._store, self._days, self._digest = store, days, digest
        self._facts, self._clock = facts, clock
        self._writing: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def note(self, line: CallerLine, text: str) -> None:
        """See the port."""
        try:
            note = self._note(line, text)
            if note is not None and len(self._writing) < _MOST_WAITING:
                task = asyncio.get_running_loop().create_task(self._write(note))
                self._writing.add(task)
                task.add_done_callback(self._writing.discard)
        except Exception as error:  # noqa: BLE001 - whatever fails here, the call goes on
            # Type only: the text may hold what was typed.
            log.error("a flow's note cannot be kept", error=type(error).__name__)  # noqa: TRY400 - the same

    def _note(self, line: CallerLine, text: str) -> Note | None:
        council, number, now = TenantId(line.tenant), subject_number(line.caller), self._clock.now()
        days = self._days(council)
        if days == 0:
            return None
        return Note(
            call=ContactId(line.contact),
            council=council,
            subject=None if number is None else self._digest(number),
            t=now,
            keep_until=now + days * _DAY_S,
            by=BY,
            text=note_text(text),
        )

    async def _write(self, note: Note) -> None:
        entry = AuditEntry(
            t=note.t, who=BY, role=BY, action="note_added", council=note.council, details=f"call {note.call}"
        )
        try:
            # One at a time: they must not take the connections that facts are stored by.
            async with self._turn, asyncio.timeout(_LIMIT_S):
                kept = await self._store.add(note, entry)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("a flow's note cannot be kept", error=type(error).__name__, call=note.call)  # noqa: TRY400 - the same
            return
        if kept:
            self._facts.publish(NoteTaken(t=self._clock.now(), contact=note.call, council=note.council, by=BY))
