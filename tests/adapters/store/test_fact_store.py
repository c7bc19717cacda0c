"""The fact store's contract, met alike by SQLite, PostgreSQL and the fake in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.invariants import check
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from adapters.store.tables import METADATA
from kernel import facts
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from tests.fakes.fact_log import FactLog
from tests.fakes.postgres import Postgres, postgres

pytestmark = pytest.mark.contract

KINDS = ("sqlite", "postgresql")
A1, K1, K2, K3 = AgentId("n-a001"), ContactId("c1-1"), ContactId("c1-2"), ContactId("c1-3")
NORTHMERE, WASTE = TenantId("northmere"), QueueId("northmere.waste")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, not migrated."""
    if request.param == "postgresql":
        running: Postgres = request.getfixturevalue("server")
        return await running.new_database()
    return f"sqlite+aiosqlite:///{tmp_path}/facts.db"


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(url)
    yield opened
    await opened.dispose()


@pytest.fixture
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FactStore | FactLog]:
    """Every implementation of the port."""
    if request.param == "fake":
        yield FactLog()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/facts.db"
    if request.param == "postgresql":
        url = await request.getfixturevalue("server").new_database()
    await migrate(url)
    opened = open_engine(url)
    yield FactStore(opened, spill=tmp_path / "spill.jsonl")
    await opened.dispose()


on_both = pytest.mark.parametrize("url", KINDS, indirect=True)
on_all = pytest.mark.parametrize("log", ["fake", *KINDS], indirect=True)


def step(number: int, t: float | None = None) -> facts.Fact:
    return facts.FlowStepped(t=float(number) if t is None else t, call=K1, flow="main", step=f"s{number}")


def begin(t: float, call: ContactId) -> facts.Fact:
    return facts.CallBegan(t=t, call=call, council=NORTHMERE, number="03069990001")


def arrive(t: float, call: ContactId) -> facts.Fact:
    skills = MappingProxyType({"waste": 1})
    return facts.ContactArrived(t=t, call=call, queue=WASTE, priority=0, skills=skills, council=NORTHMERE)


def first_sight(t: float) -> facts.Fact:
    return facts.AgentChanged(
        t=t,
        agent=A1,
        state="available",
        skills=MappingProxyType({"waste": 3}),
        queues=(WASTE,),
        council=NORTHMERE,
        councils=(NORTHMERE,),
    )


def policy(t: float) -> facts.Fact:
    return facts.PolicyInForce(
        t=t, queue=WASTE, max_parallel_offers=1, wrapup_ms=10_000, rona_exclude_ms=60_000, sl_s=20.0
    )


async def read(store: FactStore | FactLog, since: float | None = None) -> list[dict[str, object]]:
    return [line async for line in store.since(since)]


async def steps_in(engine: AsyncEngine) -> list[str]:
    return [str(line["step"]) async for line in FactStore(engine, spill=Path("unused")).since(None)]


@contextlib.asynccontextmanager
async def running(store: FactStore) -> AsyncIterator[None]:
    task = asyncio.create_task(store.run())
    await asyncio.sleep(0)  # a task that is cancelled before its first step never takes one
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], Awaitable[bool]], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)


# "The order of lines decides between facts of the same instant."
@on_all
async def test_given_facts_put_when_flushed_then_read_back_in_their_order(log: FactStore | FactLog) -> None:
    put = [policy(1), first_sight(1), begin(1, K1), arrive(2, K1), step(3), *(step(n, 4.0) for n in range(1200))]
    for fact in put:
        log.put(fact)
    await log.flush()
    lines = await read(log)
    assert lines == [json.loads(json.dumps(facts.as_line(fact), default=dict)) for fact in put]
    assert lines[3]["skills"] == {"waste": 1}


@on_all
async def test_given_a_moment_when_read_since_then_from_the_first_fact_at_or_after_it(log: FactStore | FactLog) -> None:
    for number in range(10):
        log.put(step(number))
    await log.flush()
    assert [line["step"] for line in await read(log, 6.5)] == ["s7", "s8", "s9"]
    assert [line["step"] for line in await read(log, 9.0)] == ["s9"]
    assert await read(log, 9.1) == []


# After a restart every call that began is either still there or closed, exactly once (I5).
@on_all
async def test_given_calls_in_all_states_when_asked_for_open_ones_then_every_fact_of_theirs(
    log: FactStore | FactLog,
) -> None:
    done = ContactId("c1-4")
    for fact in (
        begin(1, K1),
        begin(2, K2),
        arrive(3, K2),
        begin(4, K3),
        arrive(5, K3),
        facts.OfferMade(t=5, call=K3, agent=A1),
        facts.ContactAnswered(t=6, call=K3, agent=A1),
        begin(7, done),
        facts.ContactEnded(t=8, call=done, why="informed"),
    ):
        log.put(fact)
    await log.flush()
    seen = [(line["call"], line["ev"], line["t"]) for line in await log.open_facts()]
    assert seen == [
        (K1, "call", 1),
        (K2, "call", 2),
        (K2, "arrive", 3),
        (K3, "call", 4),
        (K3, "arrive", 5),
        (K3, "offer", 5),
        (K3, "answer", 6),
    ]


# C16: round robin exact, also after a restart: whose turn it was stands in the facts.
@on_both
async def test_c16_given_offers_in_a_queue_when_asked_for_the_turns_then_the_last_one_of_each_queue(
    url: str, engine: AsyncEngine
) -> None:
    await migrate(url)
    store = FactStore(engine, spill=Path("unused"))
    for number, agent in enumerate(("a1", "a2", "a1", "a3")):
        call = ContactId(f"c{number}")
        store.put(arrive(1.0 + number, call))
        store.put(facts.OfferMade(t=1.5 + number, call=call, agent=AgentId(agent)))
    await store.flush()
    assert await store.last_turns() == [(WASTE, "a3")]


@on_all
async def test_given_a_store_when_asked_for_its_last_words_then_time_and_engine_state(log: FactStore | FactLog) -> None:
    assert await log.last_words() is None
    log.put(facts.EngineChanged(t=1, state="up"))
    log.put(step(5))
    await log.flush()
    words = await log.last_words()
    assert words is not None
    assert (words.t, words.engine) == (5.0, "up")
    # What an earlier process told, asked for by a later one that has told something itself.
    log.put(facts.EngineChanged(t=9, state="reconciling"))
    await log.flush()
    words = await log.last_words(before=9)
    assert words is not None
    assert (words.t, words.engine) == (5.0, "up")
    assert await log.last_words(before=1) is None


# facts.md: the first line of a live export has from, to, open and agents; then the policy in force.
@on_both
async def test_given_a_day_when_exported_from_the_middle_then_it_stands_on_its_own(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    await migrate(url)
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    before = [
        facts.EngineChanged(t=1, state="up"),
        policy(1),
        first_sight(1),
        begin(2, K1),
        begin(3, K2),
        facts.ContactEnded(t=4, call=K2, why="informed"),
        facts.AgentChanged(t=5, agent=A1, state="paused", reason="break"),
    ]
    after = [facts.AgentChanged(t=10, agent=A1, state="available"), arrive(11, K3)]
    after += [facts.OfferMade(t=11.1, call=K3, agent=A1), facts.ContactAnswered(t=12, call=K3, agent=A1)]
    for fact in before + after:
        store.put(fact)
    await store.flush()
    lines = [json.loads(line) async for line in store.export(9.0, 20.0)]
    assert lines[0] == {
        "t": 9.0,
        "ev": "export",
        "from": 9.0,
        "to": 20.0,
        "open": [K1],
        "agents": [
            {
                "agent": A1,
                "state": "paused",
                "reason": "break",
                "skills": {"waste": 3},
                "queues": [WASTE],
                "council": NORTHMERE,
                "councils": [NORTHMERE],
            }
        ],
    }
    assert [(line["ev"], line["t"]) for line in lines[1:3]] == [("config", 9.0), ("engine", 9.0)]
    assert lines[3:] == [json.loads(json.dumps(facts.as_line(fact), default=dict)) for fact in after]
    assert check(lines) == []
    whole = [json.loads(line) async for line in store.export(None, 20.0)]
    assert (whole[0]["from"], whole[0]["open"], whole[0]["agents"]) == (1.0, [], [])
    assert len(whole) == 1 + len(before) + len(after)


@on_both
async def test_given_an_empty_store_when_exported_then_just_the_first_line(url: str, engine: AsyncEngine) -> None:
    await migrate(url)
    lines = [json.loads(line) async for line in FactStore(engine, spill=Path("unused")).export(None, 20.0)]
    assert lines == [{"t": 20.0, "ev": "export", "from": 20.0, "to": 20.0, "open": [], "agents": []}]


@on_both
async def test_given_a_running_store_when_facts_come_then_stored_without_a_flush(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    await migrate(url)
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    async with running(store):
        for number in range(700):
            store.put(step(number))

        async def all_there() -> bool:
            return len(await read(store)) == 700

        await until(all_there)
        store.put(step(700))
    # Cancelled: the last one was drained.
    assert await steps_in(engine) == [f"s{number}" for number in range(701)]


# The promise P12 with the database away for minutes: "all facts are there afterwards, in order".
@on_both
async def test_given_a_database_that_is_away_when_it_comes_then_all_facts_are_there_in_order(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    told: list[str] = []
    store = FactStore(engine, spill=tmp_path / "spill.jsonl", on_trouble=told.append)
    async with running(store):
        for number in range(1000):
            store.put(step(number))

        async def in_trouble() -> bool:
            return store.away and (tmp_path / "spill.jsonl").exists()

        await until(in_trouble)
        for number in range(1000, 2000):
            store.put(step(number))
        await migrate(url)

        async def all_there() -> bool:
            return len(await read(store)) == 2000

        await until(all_there)
    assert await steps_in(engine) == [f"s{number}" for number in range(2000)]
    assert told == ["store_away", "store_back"]
    assert not (tmp_path / "spill.jsonl").exists()


# P10 and P12 together: the engine stops while the database is away, and the next life finds what it left.
@on_both
async def test_given_an_engine_that_stops_with_the_database_away_when_started_again_then_nothing_is_lost(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    first = FactStore(engine, spill=tmp_path / "spill.jsonl")
    async with running(first):
        for number in range(600):
            first.put(step(number))
    await migrate(url)
    second = FactStore(engine, spill=tmp_path / "spill.jsonl")
    async with running(second):
        for number in range(600, 900):
            second.put(step(number))
    assert await steps_in(engine) == [f"s{number}" for number in range(900)]


# A commit whose answer was lost is sent again; I5 would see a second `end`.
@on_both
async def test_given_facts_left_in_the_file_when_they_are_stored_already_then_not_twice(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    spill = tmp_path / "spill.jsonl"
    first = FactStore(engine, spill=spill)
    async with running(first):
        for number in range(600):
            first.put(step(number))
    left = spill.read_bytes()
    await migrate(url)
    second = FactStore(engine, spill=spill)
    await second.flush()
    assert not spill.exists()
    # Killed before it could forget the file, and cut off in the middle of a line.
    spill.write_bytes(left + left[:40])
    third = FactStore(engine, spill=spill)
    third.put(step(600))
    await third.flush()
    assert await steps_in(engine) == [f"s{number}" for number in range(601)]


# P12, on the real thing: the server crashes under load and comes back.
async def test_given_a_postgresql_that_crashes_when_it_is_back_then_all_facts_are_there_once_and_in_order(
    server: Postgres, tmp_path: Path
) -> None:
    url = await server.new_database()
    await migrate(url)
    engine = open_engine(url)
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    try:
        async with running(store):
            for number in range(3000):
                store.put(step(number))
                if number == 1500:
                    crash = asyncio.create_task(asyncio.to_thread(server.stop))
                await asyncio.sleep(0)
            await crash

            async def in_trouble() -> bool:
                return store.away

            store.put(step(3000))
            await until(in_trouble)
            await asyncio.to_thread(server.start)

            async def back() -> bool:
                return not store.away and len(await steps_in(engine)) == 3001

            await until(back)
        assert await steps_in(engine) == [f"s{number}" for number in range(3001)]
    finally:
        await engine.dispose()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_neither_database_nor_disk_when_memory_is_full_then_it_says_what_is_lost(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    told: list[str] = []
    store = FactStore(engine, spill=tmp_path / "file" / "spill", on_trouble=told.append, memory_limit=100)
    for number in range(100):
        store.put(step(number))
    with pytest.raises(Exception, match="takes no facts now"):
        await store.flush()
    assert told == ["store_away", "spill_failed"]
    store.put(step(100))
    store.put(step(101))
    assert told == ["store_away", "spill_failed", "facts_lost"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_a_fact_that_cannot_be_written_when_put_then_refused_and_the_rest_goes_on(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    await migrate(url)
    told: list[str] = []
    store = FactStore(engine, spill=tmp_path / "spill.jsonl", on_trouble=told.append)
    store.put(step(1, t=float("nan")))
    store.put(step(2))
    await store.flush()
    assert (told, await steps_in(engine)) == (["fact_refused"], ["s2"])


@on_both
async def test_given_hostile_text_in_an_id_when_stored_then_it_holds_up_nothing(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    await migrate(url)
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    hostile = ["\x00", "\ud800", "x" * 500, "'; DROP TABLE facts; --", '"skills":', "%", "\n"]
    for text_ in hostile:
        store.put(facts.AgentChanged(t=1, agent=AgentId(text_), state="available", skills={text_: 1}))
    await store.flush()
    assert [line["agent"] for line in await read(store)] == hostile
    lines = [json.loads(line) async for line in store.export(2.0, 3.0)]
    assert len(lines[0]["agents"]) == len(hostile)


# docs/libraries.md: deferred transactions lost updates or failed at once; BEGIN IMMEDIATE 150 of 150.
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_writers_side_by_side_when_they_read_and_write_then_no_update_is_lost(
    url: str, engine: AsyncEngine
) -> None:
    await migrate(url)
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO outbox VALUES ('n', 0)"))

    async def count_up() -> None:
        for _ in range(10):
            async with engine.begin() as connection:
                now = await connection.scalar(text("SELECT published_through FROM outbox"))
                await asyncio.sleep(0)
                await connection.execute(text("UPDATE outbox SET published_through = :n"), {"n": int(now or 0) + 1})

    await asyncio.gather(*(count_up() for _ in range(5)))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT published_through FROM outbox")) == 50


@on_both
async def test_given_the_migrations_when_run_twice_and_at_once_then_the_tables_are_as_declared(
    url: str, engine: AsyncEngine
) -> None:
    await asyncio.gather(migrate(url), migrate(url))
    await migrate(url)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    "bad",
    ["mysql://localhost/facts", "sqlite:///facts.db", "postgresql://h/d", "sqlite+aiosqlite://", "no url s3cret"],
)
def test_given_another_driver_when_opened_then_refused_without_repeating_the_url(bad: str) -> None:
    with pytest.raises(BadInput, match="URL") as refusal:
        open_engine(bad)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_a_new_database_file_when_opened_then_its_owner_alone_may_read_it(
    url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    await migrate(url)
    assert engine.dialect.name == "sqlite"
    assert (tmp_path / "facts.db").stat().st_mode & 0o777 == 0o600
