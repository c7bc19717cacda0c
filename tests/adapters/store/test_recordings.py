"""The catalogue of recordings and its audit log, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import SqlAuditLog
from adapters.store.recording_catalogue import SqlCatalogue
from kernel.chain import GENESIS
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.recording import AuditEntry, Gap, Recording, RecordingId, RecordingState, Sealed, Wanted

pytestmark = pytest.mark.contract

NORTHMERE, HARBOURSIDE = TenantId("northmere"), TenantId("harbourside")
SEALED = Sealed(sha256="d" * 64, size=1234)
EVERYTHING = Wanted(councils=None)


@pytest.fixture
def catalogue(engine: AsyncEngine) -> SqlCatalogue:
    return SqlCatalogue(engine)


@pytest.fixture
def audit(engine: AsyncEngine) -> SqlAuditLog:
    return SqlAuditLog(engine)


def rid(number: int) -> RecordingId:
    return RecordingId(f"{number:032x}")


def recording(number: int = 1, council: TenantId = NORTHMERE) -> Recording:
    return Recording(
        id=rid(number),
        call=ContactId(f"c1764000000-{number}"),
        join=1,
        council=council,
        queue=QueueId(f"{council}.waste"),
        agent=AgentId(f"{council}-a00{number}"),
        began=1000.0 + number / 3,
        ended=1010.0 + number,
        seconds=9.37 + number,
        outcome="completed",
        gaps=(
            Gap(start=1003.5, seconds=2.0, why="paused for card details"),
            Gap(start=1006.0, seconds=1.5, why="the recorder stood still", lost=True),
        ),
        keep_until="2027-05-21",
        subject="5" * 64,
    )


def entry(action: str = "listen", number: int = 1) -> AuditEntry:
    return AuditEntry(t=1.5 + number / 7, who="operator", role="operator", action=action, recording=rid(number))


async def change(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def kept(catalogue: SqlCatalogue, *numbers: int) -> None:
    for number in numbers:
        assert await catalogue.register(recording(number))
        assert await catalogue.keep(rid(number), SEALED, {"talk_s": {"caller": 3.5}}, 0.0)


async def test_given_a_recording_when_registered_then_found_the_same_and_not_twice(catalogue: SqlCatalogue) -> None:
    assert await catalogue.register(recording())
    assert not await catalogue.register(dataclasses.replace(recording(), id=rid(2)))
    assert await catalogue.find(EVERYTHING) == [recording()]
    assert (await catalogue.get(rid(1)), await catalogue.get(rid(2))) == (recording(), None)


async def test_given_two_workers_at_once_when_both_register_and_keep_then_one_row_and_one_link(
    catalogue: SqlCatalogue,
) -> None:
    same = [dataclasses.replace(recording(), id=rid(number)) for number in range(1, 7)]
    assert sum(await asyncio.gather(*(catalogue.register(one) for one in same))) == 1
    [found] = await catalogue.find(EVERYTHING)
    keeps = await asyncio.gather(*(catalogue.keep(found.id, SEALED, {}, 0.0) for _ in range(4)))
    assert sum(keeps) == 1
    assert (await catalogue.verify()).rows == 1


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (Wanted(councils=None), [3, 2, 1]),
        (Wanted(), []),
        (Wanted(councils=frozenset({NORTHMERE})), [2, 1]),
        (Wanted(councils=None, queue=QueueId("harbourside.waste")), [3]),
        (Wanted(councils=None, agent=AgentId("northmere-a002")), [2]),
        (Wanted(councils=None, call=ContactId("c1764000000-1")), [1]),
        (Wanted(councils=None, since=1000.5, until=1001.0), [2]),
        (Wanted(councils=None, least_s=11.0, most_s=12.0), [2]),
        (Wanted(councils=None, outcome="abandoned"), []),
        (Wanted(councils=None, subject="5" * 64, most=2), [3, 2]),
        (Wanted(councils=None, queue=QueueId("x' OR '1'='1")), []),
        (Wanted(councils=None, states=frozenset({RecordingState.FILED})), []),
    ],
)
async def test_given_a_filter_when_asked_then_exactly_those_newest_first(
    catalogue: SqlCatalogue, asked: Wanted, numbers: list[int]
) -> None:
    for number, council in ((1, NORTHMERE), (2, NORTHMERE), (3, HARBOURSIDE)):
        await catalogue.register(recording(number, council))
    assert [one.id for one in await catalogue.find(asked)] == [rid(number) for number in numbers]


async def test_given_the_steps_of_a_life_when_taken_again_then_nothing_changes(catalogue: SqlCatalogue) -> None:
    await kept(catalogue, 1)
    assert [one.state for one in await catalogue.work(0.0, 9)] == [RecordingState.KEPT]
    assert not await catalogue.keep(rid(1), Sealed(sha256="e" * 64, size=1), {}, 0.0)
    await catalogue.broken(rid(1), "too late")
    for _ in range(2):
        await catalogue.filed(rid(1))
    found = await catalogue.get(rid(1))
    assert found is not None
    assert (found.state, found.sha256, found.why) == (RecordingState.FILED, "d" * 64, None)
    assert (await catalogue.work(9e9, 9), await catalogue.next_due()) == ([], None)


async def test_given_a_recording_put_off_when_its_time_comes_then_work_again(catalogue: SqlCatalogue) -> None:
    await catalogue.register(recording())
    assert [await catalogue.postpone(rid(1), "the disk is full", 50.0) for _ in range(3)] == [1, 2, 3]
    assert (await catalogue.work(49.0, 9), await catalogue.next_due()) == ([], 50.0)
    assert [one.why for one in await catalogue.work(50.0, 9)] == ["the disk is full"]


# "verify functions that name the first broken row"
@pytest.mark.parametrize(
    ("tampering", "broken", "why"),
    [
        ("UPDATE recordings SET seconds = seconds + 0.001 WHERE chain_no >= 3", 3, "content was changed"),
        ("UPDATE recordings SET agent = 'somebody-else' WHERE chain_no = 2", 2, "content was changed"),
        ("UPDATE recordings SET sha256 = 'f' WHERE chain_no = 5", 5, "content was changed"),
        ("UPDATE recordings SET hash = prev WHERE chain_no = 4", 4, "hash does not match"),
        ("UPDATE recordings SET prev = hash WHERE chain_no = 4", 4, "does not follow"),
        ("DELETE FROM recordings WHERE chain_no = 2", 2, "missing"),
        # Made to look erased, to hide what it told: there is no certificate in the audit log.
        ("UPDATE recordings SET state = 'erased', agent = NULL WHERE chain_no = 3", 3, "content was changed"),
    ],
)
async def test_given_a_catalogue_that_was_changed_when_verified_then_the_first_broken_row_is_named(
    engine: AsyncEngine, catalogue: SqlCatalogue, tampering: str, broken: int, why: str
) -> None:
    await kept(catalogue, 1, 2, 3, 4, 5)
    whole = await catalogue.verify()
    assert (whole.rows, whole.broken) == (5, None)
    await change(engine, tampering)
    found = await catalogue.verify()
    assert found.broken == broken
    assert why in found.why


async def test_given_a_noted_head_when_the_end_of_the_chain_is_cut_off_then_noticed(
    engine: AsyncEngine, catalogue: SqlCatalogue
) -> None:
    assert (await catalogue.verify()).head == GENESIS
    await kept(catalogue, 1, 2, 3)
    noted = (await catalogue.verify()).head
    await kept(catalogue, 4)
    assert (await catalogue.verify(noted)).broken is None
    await change(engine, "DELETE FROM recordings WHERE chain_no >= 3")
    assert (await catalogue.verify()).broken is None
    assert (await catalogue.verify(noted)).broken == 3


# Issue: "erasure with a certificate"; the row that stays tells nothing of the call, and the chain still holds.
async def test_given_an_erasure_when_done_then_the_row_is_empty_the_chain_whole_and_the_log_tells(
    engine: AsyncEngine, catalogue: SqlCatalogue, audit: SqlAuditLog
) -> None:
    await kept(catalogue, 1, 2, 3)
    assert not await catalogue.erased(rid(2), entry("erased", 2))
    assert await catalogue.begin_erasing(rid(2), entry("erase", 2))
    assert not await catalogue.begin_erasing(rid(2), entry("erase", 2))
    assert [one.state for one in await catalogue.work(0.0, 9)].count(RecordingState.ERASING) == 1
    assert await catalogue.erased(rid(2), entry("erased", 2))
    assert await catalogue.get(rid(2)) is None
    assert (await catalogue.verify()).broken is None
    assert [line["action"] for line in await audit.lines(recording=rid(2))] == ["erase", "erased"]
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM recordings WHERE chain_no = 2"))).mappings().one()
    told = {name for name, value in row.items() if value is not None}
    assert told == {
        *("id", "council", "purpose", "state", "keep_until", "attempts", "not_before"),
        *("chain_no", "content", "prev", "hash"),
    }
    assert await catalogue.register(recording(4))


async def test_given_a_legal_hold_when_due_or_erased_then_it_stays_until_released(
    catalogue: SqlCatalogue, audit: SqlAuditLog
) -> None:
    await kept(catalogue, 1, 2)
    assert await catalogue.hold(rid(1), "claim 17", entry("hold"))
    assert [one.id for one in await catalogue.due("2027-05-22")] == [rid(2)]
    assert not await catalogue.begin_erasing(rid(1), entry("erase"))
    assert await catalogue.hold(rid(1), None, entry("release"))
    assert await catalogue.due("2027-05-21") == []
    assert len(await catalogue.due("2027-05-22")) == 2
    assert await catalogue.begin_erasing(rid(1), entry("erase"))
    assert not await catalogue.hold(rid(1), "too late", entry("hold"))
    assert [line["action"] for line in await audit.lines()] == ["hold", "release", "erase"]


# "audit log append-only, hash-chained": by two processes at once as well.
async def test_given_many_at_once_when_they_log_then_one_chain(audit: SqlAuditLog) -> None:
    await asyncio.gather(*(audit.append(entry(number=number)) for number in range(30)))
    state = await audit.verify()
    assert (state.rows, state.broken) == (30, None)
    assert [line["seq"] for line in await audit.lines(most=3)] == [28, 29, 30]


@pytest.mark.parametrize("change_", ["UPDATE recording_audit SET who = 'x'", "DELETE FROM recording_audit"])
async def test_given_the_audit_log_when_somebody_changes_it_in_sql_then_the_database_refuses(
    engine: AsyncEngine, audit: SqlAuditLog, change_: str
) -> None:
    await audit.append(entry())
    with pytest.raises(SQLAlchemyError, match="append-only"):
        await change(engine, change_)
    assert (await audit.verify()).broken is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE recording_audit SET who = 'nobody' WHERE seq = 2", 2),
        ("UPDATE recording_audit SET t = t + 1 WHERE seq = 3", 3),
        ("DELETE FROM recording_audit WHERE seq = 2", 2),
        ("DELETE FROM recording_audit WHERE seq = 1", 1),
    ],
)
async def test_given_the_triggers_taken_off_when_a_line_is_changed_then_verify_names_it(
    engine: AsyncEngine, audit: SqlAuditLog, tampering: str, broken: int
) -> None:
    for number in range(4):
        await audit.append(entry(number=number))
    if engine.dialect.name == "postgresql":
        await change(engine, "DROP TRIGGER recording_audit_append_only ON recording_audit")
    else:
        await change(engine, "DROP TRIGGER recording_audit_no_update")
        await change(engine, "DROP TRIGGER recording_audit_no_delete")
    await change(engine, tampering)
    assert (await audit.verify()).broken == broken
