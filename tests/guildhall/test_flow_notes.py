"""What a flow notes on a call: kept as an agent's note is, beside the call, which never waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.store.contact_notes import SqlContactNotes
from adapters.vault.key_file import open_keys
from guildhall.flow_notes import NotesOfFlows
from guildhall.kept_notes import notes_store
from kernel.fact import Fact
from kernel.facts import NoteTaken
from kernel.ids import ContactId
from kernel.notes import Note
from lab.service import eventually
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell

CALL = ContactId("c1764000000-12")


class Bench:
    """A flow's pad with everything behind it."""

    def __init__(self, engine: AsyncEngine, key: Path, days: int = 7) -> None:
        keys, bus = open_keys(key, None), MemoryBus()
        self.told: list[Fact] = []
        bus.subscribe(self.told.append)
        self.store: SqlContactNotes = notes_store(engine, keys)
        self.digest = keys.subject
        self.pad = NotesOfFlows(self.store, lambda _council: days, keys.subject, bus, SteadyClock())

    async def kept(self, number: int) -> list[Note]:
        """The call's notes, once there are so many."""

        async def look() -> list[Note] | None:
            found = await self.store.read(CALL, None, 0.0, None)
            return found if len(found) >= number else None

        return await eventually(look) or []


# C32, C48: what the caller keyed in, by council and number like the rest, hostile until it is one plain line.
async def test_c32_given_a_flow_that_notes_when_kept_then_sealed_by_council_and_number_with_a_fact(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    bench = Bench(engine, tmp_path / "key")
    bench.pad.note(FakeCallerLine(), "Area 17\x1b[2J, card 4111 1111 1111 1111")
    bench.pad.note(FakeCallerLine(caller="anonymous"), "no number")
    first, second = await bench.kept(2)
    assert (first.text, first.by, first.council) == ("Area 17 [2J, card [number]", "flow", "northmere")
    assert (first.subject, second.subject) == (bench.digest("01632960123"), None)
    assert first.keep_until - first.t == 7 * 86400
    await eventually(lambda: _two(bench.told))
    assert all(isinstance(one, NoteTaken) and one.contact == CALL for one in bench.told)


async def _two(told: Sequence[object]) -> bool:
    return len(told) == 2


# Law 5: whatever is wrong with the note or the database, the call goes on, and the log says nothing of the text.
async def test_given_no_text_no_days_or_no_database_when_noted_then_nothing_is_and_no_call_is_held_up(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    line = FakeCallerLine()
    with capture_logs() as logs:
        Bench(engine, tmp_path / "key", days=0).pad.note(line, "area 17")
        bench = Bench(engine, tmp_path / "key")
        bench.pad.note(line, "\x00")
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE contact_notes"))
        bench.pad.note(line, "area seventeen")
        await eventually(lambda: _two(logs))
    assert [one["error"] for one in logs] == ["BadInput", "OperationalError"]
    assert "seventeen" not in repr(logs)
    assert bench.told == []
