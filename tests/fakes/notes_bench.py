"""Notes on contacts with everything behind them: the door, the store, and what was told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import SqlAuditLog
from adapters.vault.key_file import open_keys
from desk.after_call import HerCall
from desk.notes import Notes
from guildhall.kept_notes import notes_store
from guildhall.notes_wiring import CallsInWorld, NotesDoor
from kernel.commands import Outcome, ShowNotes, TakeNote
from kernel.fact import Fact
from kernel.ids import AgentId, ContactId, TenantId
from kernel.needs import Need
from tests.fakes.small_pbx import SmallPbx

NORTHMERE = TenantId("northmere")
HEARD = "has a stick, ask for the side door"


class Bench:
    """The door, the store behind it, and what was told."""

    def __init__(self, pbx: SmallPbx, engine: AsyncEngine, key: Path) -> None:
        self.pbx, self.engine, self.days = pbx, engine, 14
        self.told: list[Fact] = []
        self.last: dict[AgentId, HerCall] = {}
        self.store = notes_store(engine, open_keys(key, None))
        notes = Notes(
            book=self.store,
            calls=CallsInWorld(lambda: self.pbx.world, self.last.get),
            subject=self._subject,
            needs=self._needs,
            days=lambda _council: self.days,
            facts=self,
            clock=self,
        )
        self.notes = notes
        self.door = NotesDoor(notes, self.store, self.now)

    async def _subject(self, _call: ContactId) -> str | None:
        return "a" * 64

    async def _needs(self, _call: ContactId, council: TenantId) -> tuple[Need, ...]:
        return (Need.WELSH, Need.MORE_TIME) if council == NORTHMERE else ()

    def now(self) -> float:
        return self.pbx.now

    def publish(self, fact: Fact) -> None:
        self.told.append(fact)
        self.notes.hear(fact)

    async def note(self, agent: AgentId | None, said: str | None = HEARD, **more: Any) -> str:  # noqa: ANN401 - what the command takes
        return (await self.door.answer(TakeNote(agent=agent, text=said, **more))).code

    async def show(self, agent: AgentId, contact: ContactId | None = None) -> Outcome:
        return await self.door.answer(ShowNotes(agent=agent, contact=contact))

    async def reads(self, agent: AgentId, contact: ContactId | None = None) -> tuple[str, list[str]]:
        """How she stands to her call, and the texts; the refusal's code, where there is one."""
        outcome = await self.show(agent, contact)
        data: Any = outcome.data
        return (data["stand"], [one["text"] for one in data["notes"]]) if outcome.ok else (outcome.code, [])

    async def audit(self) -> list[tuple[str, str, str]]:
        """Who did what, with its details."""
        return [(one["who"], one["action"], one["details"]) for one in await SqlAuditLog(self.engine).lines()]


def bench_of(pbx: SmallPbx, engine: AsyncEngine, folder: Path) -> Bench:
    return Bench(pbx, engine, folder / "key")
