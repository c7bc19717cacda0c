"""The loop around steering: needs that agents set, its door beside the engine, and what is past its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.world import World
from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.files.dialplans import read_dialplans
from adapters.store.audit_log import SqlAuditLog
from adapters.store.needs import SqlNeeds
from adapters.store.steered_words import SqlSteeredWords
from adapters.store.subjects import SqlSubjects
from adapters.vault.key_file import FileKeys
from guildhall.callers_needs import CallersNeeds, set_by_agent
from guildhall.kept_notes import notes_store
from guildhall.loop_wiring import SteeringLoop
from guildhall.recordings_keys import recording_keys
from guildhall.settings import HOME, Settings
from ivr.flows import FlowsInForce, make_book
from ivr.ports import Services
from kernel.commands import GiveReason, Outcome, SetNeed, ShowNotes, ShowState, TakeNote
from kernel.fact import Fact
from kernel.facts import CallBegan, ContactAnswered, ReasonGiven
from kernel.ids import AgentId, ContactId
from kernel.needs import Need
from kernel.notes import Note
from kernel.recording import AuditEntry
from lab.service import eventually
from tests.fakes.around_a_call import StoppedClock
from tests.fakes.said_words import CALL, NORTHMERE, RULE, disk_of, says, store_of

pytestmark = pytest.mark.shell

PLANS = read_dialplans(HOME / "dialplans")


# "agent can set it … purpose and expiry … audited"; numbers are kept as keyed digests alone.
async def test_given_an_agent_sets_a_need_when_the_caller_rings_again_then_it_is_known_until_forgotten(
    engine: AsyncEngine, keys: FileKeys, tmp_path: Path
) -> None:
    needs = CallersNeeds(SqlNeeds(engine), keys.subject, StoppedClock().now)
    subject = keys.subject("01632960123")

    async def whose(_call: ContactId) -> str | None:
        return subject

    asked = SetNeed(agent=AgentId("northmere-a001"), need=Need.MORE_TIME)
    done = await set_by_agent(needs, whose, asked, CALL, NORTHMERE)
    assert (done.ok, done.message) == (True, "more_time holds for 365 days")
    assert await needs.of("northmere", "+44 1632 960123") == {Need.MORE_TIME}
    assert await needs.of("harbourside", "01632960123") == frozenset()
    assert await needs.of("northmere", "anonymous") == frozenset()
    forget = SetNeed(agent=AgentId("northmere-a001"), need=Need.MORE_TIME, forget=True)
    await set_by_agent(needs, whose, forget, CALL, NORTHMERE)
    assert await needs.of("northmere", "01632960123") == frozenset()
    lines = await SqlAuditLog(engine).lines()
    assert [(one["who"], one["role"], one["action"]) for one in lines] == [
        ("northmere-a001", "agent", "need_added"),
        ("northmere-a001", "agent", "need_removed"),
    ]
    assert b"960123" not in disk_of(tmp_path)


async def test_given_a_withheld_number_when_an_agent_sets_a_need_then_she_is_told_that_it_cannot_be(
    engine: AsyncEngine, keys: FileKeys
) -> None:
    needs = CallersNeeds(SqlNeeds(engine), keys.subject, StoppedClock().now)

    async def nobody(_call: ContactId) -> str | None:
        return None

    asked = SetNeed(agent=AgentId("northmere-a001"), need=Need.WELSH)
    assert (await set_by_agent(needs, nobody, asked, CALL, NORTHMERE)).code == "no_number"


class QuietEngine:
    """An engine that knows of no call: just after a restart."""

    def __init__(self) -> None:
        self.world = World()


async def seen(_command: object) -> Outcome:
    """The engine's own door."""
    return Outcome(ok=True, code="ok", message="", data={"engine": "up"})


# The door of the engine's process: reasons and needs are answered beside the engine, everything else is handed on.
async def test_given_the_door_when_asked_after_a_call_then_fact_and_need_and_nothing_else_changes(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    settings, bus, clock, subjects = Settings(), MemoryBus(), SteadyClock(), SqlSubjects(engine)
    told: list[Fact] = []
    bus.subscribe(told.append)
    prompts = {one.id: PLANS.prompt_ids(one.id) for one in PLANS.tenants}
    flows = make_book(tenants=PLANS.tenants, queues=PLANS.queues, trees=PLANS.flows, prompts=prompts)
    loop = SteeringLoop(settings, engine, QuietEngine(), subjects, FlowsInForce(flows), bus, clock)  # type: ignore[arg-type]  # as much of an engine as is asked
    door = loop.door(seen)
    a1 = AgentId("northmere-a001")
    need = SetNeed(agent=a1, need=Need.WELSH)
    assert (await door(need)).code == "no_call"
    bus.publish(CallBegan(t=1.0, call=CALL, council=NORTHMERE, number="03069990001"))
    bus.publish(ContactAnswered(t=2.0, call=CALL, agent=a1))
    subjects.put(CALL, recording_keys(settings).subject("01632960123"))
    assert (await door(GiveReason(agent=a1, reason="12"))).ok
    assert isinstance(told[-1], ReasonGiven)
    assert (told[-1].call, told[-1].reason) == (CALL, "missed_bin")
    assert (await door(need)).ok
    services = loop.services(Services())
    assert services.needs is not None
    assert await services.needs.of("northmere", "01632960123") == {Need.WELSH}
    assert (await door(ShowState())).data == {"engine": "up"}
    # The call she was in last; an agent whom this engine does not know serves no council.
    assert (await door(TakeNote(agent=a1, text="has a stick"))).code == "not_her_council"
    assert (await door(ShowNotes(agent=a1))).code == "not_her_council"


# P24's way: what is past its end goes by itself, and a database that is away meanwhile stops nothing.
async def test_given_words_and_needs_past_their_end_when_the_engine_runs_then_they_are_deleted(
    engine: AsyncEngine, keys: FileKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    store = store_of(engine, keys)
    # Said in 2025 by the stopped clock, for 28 days.
    await says("my bin was not emptied", store, keys, RULE)
    assert len(await store.of_calls([CALL])) == 1
    notes = notes_store(engine, keys)
    old = Note(
        call=CALL, council=NORTHMERE, subject=None, t=1.0, keep_until=2.0, by="northmere-a001", text="has a stick"
    )
    await notes.add(old, AuditEntry(t=1.0, who="northmere-a001", role="agent", action="note_added"))
    flows = FlowsInForce(make_book(tenants=(), queues=(), trees={}, prompts={}))
    loop = SteeringLoop(Settings(), engine, QuietEngine(), SqlSubjects(engine), flows, MemoryBus(), SteadyClock())  # type: ignore[arg-type]  # as much of an engine as is asked
    running = asyncio.create_task(loop.run())
    try:
        await eventually(lambda: _gone(store))
        await eventually(lambda: _none_left(engine))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _none_left(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM contact_notes")) or 0) == 0


async def _gone(store: SqlSteeredWords) -> bool:
    return await store.of_calls([CALL]) == []
