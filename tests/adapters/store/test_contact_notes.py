"""Notes on contacts, alike on SQLite and PostgreSQL: sealed, audited, by council, erased by number and by day."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import SqlAuditLog
from adapters.store.contact_notes import SqlContactNotes, note_heads
from adapters.vault.key_file import open_keys
from adapters.vault.notes import open_note, seal_note
from kernel.ids import ContactId, TenantId
from kernel.notes import MOST_A_CALL, UNREADABLE, Note
from kernel.recording import AuditEntry

pytestmark = pytest.mark.contract

NORTHMERE, HARBOURSIDE = TenantId("northmere"), TenantId("harbourside")
ANN, BOB = "a" * 64, "b" * 64
CALL, OTHER = ContactId("c1-1"), ContactId("c1-2")
NIA, PRIYA = "northmere-a001", "northmere-a003"


@pytest.fixture
def store(engine: AsyncEngine, tmp_path: Path) -> SqlContactNotes:
    return sealed_by(engine, tmp_path / "key")


def sealed_by(engine: AsyncEngine, key: Path) -> SqlContactNotes:
    keys = open_keys(key, None)
    return SqlContactNotes(engine, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))


def note(said: str, call: ContactId = CALL, by: str = NIA, subject: str | None = ANN) -> Note:
    return Note(call=call, council=NORTHMERE, subject=subject, t=1000.0, keep_until=2000.0, by=by, text=said)


def entry(action: str = "note_added") -> AuditEntry:
    return AuditEntry(t=1000.0, who=NIA, role="agent", action=action, council=NORTHMERE, details=f"call {CALL}")


async def told(store: SqlContactNotes, call: ContactId = CALL, councils: set[TenantId] | None = None) -> list[str]:
    return [one.text for one in await store.read(call, councils, 1500.0, None)]


# C32: "transfer keeps … notes": whoever has the call reads them in their order, with who wrote them and when.
async def test_c32_given_notes_of_two_agents_when_read_then_in_order_with_author_and_time_and_audited(
    engine: AsyncEngine, store: SqlContactNotes
) -> None:
    assert await store.add(note("has a stick <b>\u0177</b>"), entry())
    assert await store.add(note("wants a chair", by=PRIYA), entry())
    assert await store.add(note("another call", OTHER), entry())
    found = await store.read(CALL, {NORTHMERE}, 1500.0, entry("notes_read"))
    assert [(one.by, one.t, one.text) for one in found] == [
        (NIA, 1000.0, "has a stick <b>\u0177</b>"),
        (PRIYA, 1000.0, "wants a chair"),
    ]
    heads = await note_heads(engine, CALL, 1500.0)
    assert heads == [{"id": one.id, "by": one.by, "at": one.t} for one in found]
    # Nothing to read leaves no line; a reading does, before it is opened.
    assert await store.read(ContactId("c9-9"), None, 1500.0, entry("notes_read")) == []
    audit = SqlAuditLog(engine)
    assert [line["action"] for line in await audit.lines()] == ["note_added"] * 3 + ["notes_read"]
    assert (await audit.verify()).broken is None


# C48: "tenant (council) isolation on every list, detail …".
async def test_c48_given_a_note_of_one_council_when_another_reads_then_nothing_is_there(store: SqlContactNotes) -> None:
    await store.add(note("northmere's"), entry())
    await store.add(dataclasses.replace(note("harbourside's"), council=HARBOURSIDE), entry())
    assert await told(store, councils={HARBOURSIDE}) == ["harbourside's"]
    assert await told(store, councils={NORTHMERE}) == ["northmere's"]
    assert await told(store, councils=set()) == []
    assert len(await told(store)) == 2
    assert await store.forget_subject(ANN, {HARBOURSIDE}) == 1
    assert await told(store) == ["northmere's"]


# Personal data: a stolen copy of the database tells nothing without the master key, nor does another's text under it.
async def test_given_kept_notes_when_the_database_is_read_then_sealed_and_a_lost_key_is_said(
    engine: AsyncEngine, store: SqlContactNotes, tmp_path: Path
) -> None:
    await store.add(note("has a stick"), entry())
    async with engine.connect() as connection:
        [row] = (await connection.execute(text("SELECT * FROM contact_notes"))).mappings().all()
    assert "stick" not in repr(dict(row))
    assert await told(sealed_by(engine, tmp_path / "another key")) == [UNREADABLE]
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE contact_notes SET call = 'c1-2'"))
    assert await told(store, OTHER) == [UNREADABLE]


# P24's way: gone by number, and by its day whether or not the job has run.
async def test_given_notes_when_erased_by_number_and_past_their_day_then_gone(store: SqlContactNotes) -> None:
    await store.add(note("ann's"), entry())
    await store.add(note("bob's", OTHER, subject=BOB), entry())
    await store.add(note("withheld", OTHER, subject=None), entry())
    assert [one.text for one in await store.of_subject(ANN, None)] == ["ann's"]
    assert await store.forget_subject(ANN, None) == 1
    assert await told(store) == []
    assert await store.read(OTHER, None, 2000.0, None) == []
    assert await store.prune(1999.9) == 0
    assert await store.prune(2000.0) == 2


async def test_given_a_slip_when_taken_back_then_only_her_own_last_one_goes(store: SqlContactNotes) -> None:
    for said, by in (("one", NIA), ("two", NIA), ("three", PRIYA)):
        await store.add(note(said, by=by), entry())
    assert await store.take_back(CALL, NIA, entry("note_removed"))
    assert await told(store) == ["one", "three"]
    assert await store.take_back(CALL, NIA, entry("note_removed"))
    assert not await store.take_back(CALL, NIA, entry("note_removed"))
    assert not await store.take_back(OTHER, PRIYA, entry("note_removed"))
    assert await told(store) == ["three"]


# V24: a program that went wild fills no database.
async def test_given_twenty_at_once_beside_others_when_added_then_no_more_than_twenty(store: SqlContactNotes) -> None:
    kept = await asyncio.gather(*(store.add(note(str(one)), entry()) for one in range(MOST_A_CALL + 3)))
    assert sum(kept) == MOST_A_CALL
    assert len(await told(store)) == MOST_A_CALL
    assert await store.add(note("another call's", OTHER), entry())
