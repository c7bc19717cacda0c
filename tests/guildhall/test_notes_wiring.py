"""Notes on a contact through the real store and the real core: who reads and writes them in each state of a call."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from desk.after_call import HerCall
from guildhall.kept_notes import USUAL_DAYS, days_of
from kernel.agent import Presence
from kernel.commands import CallDeed, Explain, Outcome, ShowNotes, TakeNote
from kernel.errors import BadInput
from kernel.facts import NoteTaken, as_line
from kernel.ids import AgentId, ContactId, TenantId
from kernel.tenant import Tenant
from tests.fakes.notes_bench import HEARD, NORTHMERE, bench_of
from tests.fakes.people import RENT, a_queue, an_agent, ask, switchboard
from tests.fakes.said_words import disk_of
from tests.fakes.small_pbx_apart import consult_answer
from tests.fakes.talks import A1, A2, A3, consulting, move, talking

pytestmark = pytest.mark.shell


# C32: "transfer keeps … notes": blind, she reads while her phone rings, writes from the answer on.
async def test_c32_given_a_note_when_sent_on_blind_then_the_next_reads_it_and_adds_her_own(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    assert await bench.reads(A1) == ("talking", [])
    assert await bench.note(A1) == "done"
    shown: Any = (await bench.show(A1)).data
    # What the caller asked for once and for all stands beside what was noted on this call.
    assert shown["needs"] == ["more_time", "welsh"]
    assert await bench.reads(A2) == ("no_call", [])
    assert move(pbx, CallDeed.TRANSFER, A2).ok
    assert await bench.reads(A2) == ("ringing", [HEARD])
    # Written while it rings it would stand on a call that she may never get.
    assert await bench.note(A2, "not mine yet") == "no_call"
    pbx.answer(contact)
    pbx.settle()
    assert await bench.note(A2, "side door is locked") == "done"
    assert await bench.reads(A2) == ("talking", [HEARD, "side door is locked"])
    # She who had it keeps it for her wrap-up, as after any call.
    bench.last[A1] = HerCall(call=contact, council=NORTHMERE, left=pbx.now)
    assert await bench.reads(A1) == ("after", [HEARD, "side door is locked"])
    pbx.hang_up(contact)
    pbx.settle()
    assert await bench.reads(A2) == ("no_call", [])


# C31, C32: she who is asked in a consult knows what it is about, and what she says to it can be noted.
async def test_c32_given_a_consult_when_asked_and_completed_then_both_agents_read_and_write(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.note(A1)
    assert move(pbx, CallDeed.CONSULT, A2).ok
    pbx.settle()
    assert (await bench.reads(A2))[0] == "ringing"
    consult_answer(pbx, contact)
    pbx.settle()
    assert await bench.reads(A2) == ("asked", [HEARD])
    assert (await bench.reads(A1))[0] == "talking"
    assert await bench.note(A2, "told her to send it on") == "done"
    assert move(pbx, CallDeed.CANCEL).ok
    assert await bench.reads(A1) == ("talking", [HEARD, "told her to send it on"])
    assert await bench.reads(A2) == ("no_call", [])


async def test_c32_given_a_consult_that_goes_through_when_joined_then_the_other_has_them(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, _contact = consulting()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.note(A1)
    assert move(pbx, CallDeed.COMPLETE).ok
    assert await bench.reads(A2) == ("talking", [HEARD])


# C32: to a queue, and back to one: whoever is offered it next reads them.
async def test_c32_given_a_note_when_sent_to_a_queue_then_the_next_who_is_rung_reads_it(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.note(A1)
    assert move(pbx, CallDeed.TRANSFER, RENT).ok
    assert await bench.reads(A2) == ("ringing", [HEARD])
    explained = await bench.door.explained(
        Explain(contact=contact), Outcome(ok=True, code="explained", message="", data={"call": contact})
    )
    data: Any = explained.data
    # That there is one is told to everybody who may ask; not what.
    assert [(one["by"], "text" in one) for one in data["notes"]] == [(A1, False)]


# C48: "tenant (council) isolation on every list, detail, action": whatever call reaches her.
async def test_c48_given_an_agent_of_another_council_when_she_asks_then_she_reads_and_writes_nothing(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.note(A1)
    # A call of her own council, with a note that somebody wrote for another.
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE contact_notes SET council = 'harbourside'"))
    assert await bench.reads(A1) == ("talking", [])
    # And she is in a call of another council.
    pbx.world.contacts[contact].tenant = TenantId("harbourside")
    assert await bench.note(A1) == "not_her_council"
    assert await bench.reads(A1) == ("not_her_council", [])
    assert await bench.reads(A3, contact) == ("no_such_call", [])
    assert await bench.note(A3, contact=contact) == "no_such_call"


async def test_c48_given_a_supervisor_when_she_notes_on_a_call_then_only_on_one_of_her_councils(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx = switchboard(
        an_agent("a1", queues=(RENT,)),
        dataclasses.replace(an_agent("boss", queues=()), supervisor=True),
        an_agent("a3", queues=()),
        queues=(a_queue(RENT),),
    )
    ask(pbx, A1, Presence.NOT_READY)
    contact = pbx.wait(RENT)
    bench, boss = bench_of(pbx, engine, tmp_path), AgentId("boss")
    assert await bench.note(boss, "rang the press office", contact=contact) == "done"
    assert await bench.reads(boss, contact) == ("supervising", ["rang the press office"])
    assert await bench.note(A3, contact=contact) == "no_such_call"
    assert await bench.note(boss, contact=ContactId("c9-9")) == "no_such_call"
    # The desk's page, which has seen to the right: under her name there.
    assert await bench.note(None, "she rang back", contact=contact, by="sam") == "done"
    assert await bench.note(None, "she rang back", by="sam") == "no_such_call"
    assert [(who, did) for who, did, _ in await bench.audit()] == [
        ("boss", "note_added"),
        ("boss", "notes_read"),
        ("sam", "note_added"),
    ]
    pbx.world.contacts[contact].tenant = TenantId("harbourside")
    assert await bench.note(boss, contact=contact) == "no_such_call"
    assert await bench.reads(boss, contact) == ("no_such_call", [])


# "audited where listening is": each reader of each note once, and in whose name a command wrote.
async def test_given_a_page_that_looks_again_and_again_when_audited_then_one_line_for_what_is_new(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.show(A1)
    await bench.note(A1, by="operator")
    for _ in range(3):
        assert await bench.reads(A1) == ("talking", [HEARD])
    # The machine's command line reads in her name: that is another reader.
    for _ in range(2):
        await bench.door.answer(ShowNotes(agent=A1, by="operator"))
    await bench.note(A1, "and a dog")
    for _ in range(3):
        await bench.show(A1)
    assert await bench.audit() == [
        (A1, "note_added", f"call {contact}, by operator"),
        (A1, "notes_read", f"call {contact}, talking"),
        (A1, "notes_read", f"call {contact}, talking, by operator"),
        (A1, "note_added", f"call {contact}"),
        (A1, "notes_read", f"call {contact}, talking"),
    ]


# A page looks every few seconds, and there may be hundreds of them: where nothing is new, no database is asked.
async def test_given_a_page_that_has_seen_all_when_it_looks_again_then_nothing_is_read_until_something_is_noted(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, _contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    await bench.note(A1)
    first: Any = (await bench.show(A1)).data
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE contact_notes RENAME TO away"))
    again: Any = (await bench.door.answer(ShowNotes(agent=A1, seen=first["seen"]))).data
    assert (again["same"], again["stand"], "notes" in again) == (True, "talking", False)
    assert (await bench.show(A1)).code == "store_away"
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO contact_notes"))
    await bench.note(A1, "and a dog")
    fresh: Any = (await bench.door.answer(ShowNotes(agent=A1, seen=first["seen"]))).data
    assert [one["text"] for one in fresh["notes"]] == [HEARD, "and a dog"]
    # Another call is another version, and so is another engine.
    assert move(pbx, CallDeed.TRANSFER, A2).ok
    other: Any = (await bench.door.answer(ShowNotes(agent=A2, seen=fresh["seen"]))).data
    assert other["same"] is True
    next_engine: Any = (await bench_of(pbx, engine, tmp_path).show(A2)).data
    pbx.now += 1.0
    later: Any = (await bench_of(pbx, engine, tmp_path).show(A2)).data
    assert len({fresh["seen"], next_engine["seen"], later["seen"]}) == 3


# The law of logs, and of facts: that there is a note, by whom, for which council; never what.
async def test_given_a_note_when_told_and_logged_then_its_text_is_nowhere_in_the_clear(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    with capture_logs() as logs:
        await bench.note(A1)
        await bench.show(A1)
        await bench.note(A1, None)
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE contact_notes"))
        away = await bench.door.answer(TakeNote(agent=A1, text=HEARD))
        assert (away.code, (await bench.show(A1)).code) == ("store_away", "store_away")
    assert bench.told == [
        NoteTaken(t=pbx.now, contact=contact, council=NORTHMERE, by=A1),
        NoteTaken(t=pbx.now, contact=contact, council=NORTHMERE, by=A1, taken_back=True),
    ]
    everything = repr(logs) + repr([as_line(one) for one in bench.told]) + repr(await bench.audit()) + away.message
    assert "stick" not in everything
    assert b"stick" not in disk_of(tmp_path)


async def test_given_a_text_that_is_none_or_a_slip_when_asked_then_said_what_to_do(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    pbx, contact = talking()
    bench = bench_of(pbx, engine, tmp_path)
    for wrong in ("", "\x00\x1b", "x" * 501):
        with pytest.raises(BadInput):
            await bench.door.answer(TakeNote(agent=A1, text=wrong))
    card = await bench.door.answer(TakeNote(agent=A1, text="paid with 4111 1111 1111 1111"))
    assert card.message == f"noted on {contact}, kept for 14 days; a long number in it is hidden"
    assert await bench.reads(A1) == ("talking", ["paid with [number]"])
    assert await bench.note(A1, None) == "done"
    assert await bench.note(A1, None) == "no_such_note"
    bench.days = 0
    assert await bench.note(A1) == "no_notes"


def test_given_a_councils_rule_when_asked_then_its_own_for_notes_and_no_other() -> None:
    def tenant(**days: int) -> Tenant:
        return Tenant(
            id=NORTHMERE, name="Northmere", languages=("en",), numbers=(), default_queue=RENT, retention_days=days
        )

    assert days_of(tenant(notes=7, service=365)) == 7
    assert days_of(tenant(notes=0)) == 0
    # Recordings for years do not make notes last: what was never decided for them is a month.
    assert days_of(tenant(**{"*": 3650})) == USUAL_DAYS
    assert days_of(None) == USUAL_DAYS
