"""Needs of callers and what they said to steering, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import SqlAuditLog
from adapters.store.fact_store import FactStore
from adapters.store.needs import SqlNeeds
from adapters.store.steered_calls import SqlSteeredCalls
from adapters.store.steered_words import SqlSteeredWords
from adapters.vault.chunks import VaultDamaged
from adapters.vault.key_file import open_keys
from adapters.vault.notes import open_note, seal_note
from kernel.ids import ContactId, TenantId
from kernel.needs import KnownNeed, Need, NeedSource
from kernel.recording import AuditEntry
from kernel.steered_words import KeptWords
from tests.fakes.steered_weeks import Told, call_facts

pytestmark = pytest.mark.contract

NORTHMERE, HARBOURSIDE = TenantId("northmere"), TenantId("harbourside")
ANN, BOB = "a" * 64, "b" * 64


def known(subject: str = ANN, council: TenantId = NORTHMERE, need: Need = Need.MORE_TIME) -> KnownNeed:
    return KnownNeed(
        subject=subject,
        council=council,
        need=need,
        source=NeedSource.AGENT,
        by="northmere-a001",
        purpose="hears badly, asked for more time",
        since=1000.0,
        until=2000.0,
    )


def entry(action: str = "need_added") -> AuditEntry:
    return AuditEntry(t=1000.0, who="northmere-a001", role="agent", action=action, council=NORTHMERE)


# issue 5: "explicit flags … with purpose and expiry"; P20: one council's flags are not another's.
async def test_given_a_need_when_asked_for_then_it_holds_for_its_council_until_its_end(engine: AsyncEngine) -> None:
    needs = SqlNeeds(engine)
    await needs.add(known(), entry())
    await needs.add(known(council=HARBOURSIDE, need=Need.WELSH), entry())
    assert await needs.of(ANN, NORTHMERE, 1999.9) == {Need.MORE_TIME}
    assert await needs.of(ANN, HARBOURSIDE, 1999.9) == {Need.WELSH}
    assert await needs.of(BOB, NORTHMERE, 1500.0) == frozenset()
    # The end counts whether or not the retention job has run.
    assert await needs.of(ANN, NORTHMERE, 2000.0) == frozenset()
    assert await needs.prune(2000.0) == 2
    assert await needs.known(0.0) == []


async def test_given_the_same_need_twice_when_listed_then_the_last_word_stands_and_both_are_audited(
    engine: AsyncEngine,
) -> None:
    needs, audit = SqlNeeds(engine), SqlAuditLog(engine)
    await needs.add(known(), entry())
    later = dataclasses.replace(known(), until=3000.0, source=NeedSource.REGISTERED)
    await needs.add(later, entry())
    assert await needs.known(1500.0, councils=frozenset({NORTHMERE})) == [later]
    assert await needs.known(1500.0, councils=frozenset({HARBOURSIDE})) == []
    assert await needs.remove(ANN, entry("need_removed"), councils=frozenset({HARBOURSIDE})) == 0
    assert await needs.remove(ANN, entry("need_removed"), councils=None, need=Need.MORE_TIME) == 1
    assert [line["action"] for line in await audit.lines()] == ["need_added", "need_added", "need_removed"]
    assert (await audit.verify()).broken is None


def words(call: str, text: str, subject: str | None = ANN, council: TenantId = NORTHMERE) -> KeptWords:
    return KeptWords(
        call=ContactId(call),
        council=council,
        subject=subject,
        t=1000.0,
        keep_until=2000.0,
        purpose="to teach steering",
        text=text,
        intent="missed_bin",
        sure=0.7,
    )


# Issue 5: transcripts are personal data. What lies in the database is sealed: a stolen copy tells nothing.
async def test_given_kept_words_when_read_erased_and_past_their_day_then_each_is_so(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    keys = open_keys(tmp_path / "key", None)
    store = SqlSteeredWords(engine, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))
    said = [words("c1-1", "my purple lid"), words("c1-2", "the bin", BOB), words("c1-3", "y bin", ANN, HARBOURSIDE)]
    for one in said:
        store.put(one)
    await store.flush()
    found = await store.of_calls([ContactId("c1-1"), ContactId("c1-2")])
    assert [one.text for one in found] == ["my purple lid", "the bin"]
    assert dataclasses.replace(found[0], id=0) == said[0]
    assert await store.one(found[0].id) == found[0]
    async with engine.connect() as connection:
        raw = str((await connection.execute(text("SELECT * FROM steered_words"))).all())
    assert "purple" not in raw
    assert [one.text for one in await store.of_subject(ANN, frozenset({NORTHMERE}))] == ["my purple lid"]
    assert await store.forget_subject(ANN, None) == 2
    assert await store.prune(1999.0) == 0
    assert await store.prune(2000.0) == 1
    assert await store.of_calls([ContactId("c1-2")]) == []


async def test_given_sealed_words_of_another_call_when_opened_then_they_do_not_open(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "key", None)
    sealed = seal_note(keys, "words-c1-1", "my bin")
    with pytest.raises(VaultDamaged):
        open_note(keys, "words-c1-2", sealed)
    assert open_note(keys, "words-c1-1", sealed) == "my bin"


# The review reads calls by when steering first spoke of them, each with all its facts in order, none twice.
async def test_given_steered_calls_when_read_by_time_then_whole_calls_in_order(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    twice = Told(ways=(("again", "missed_bin"), ("straight", "missed_bin")), reason="missed_bin")
    for number in range(1, 451):
        for fact in call_facts(twice, 1000.0 + number, number):
            store.put(fact)
    for fact in call_facts(Told(ways=()), 1200.0, 999):
        store.put(fact)
    await store.flush()
    found = [facts async for facts in SqlSteeredCalls(engine).between(1001.0, 1401.0)]
    assert len(found) == 400
    assert len({one["call"] for facts in found for one in facts}) == 400
    kinds = ["call", "steer", "steer", "arrive", "answer", "reason"]
    assert all([one["ev"] for one in facts] == kinds for facts in found)
