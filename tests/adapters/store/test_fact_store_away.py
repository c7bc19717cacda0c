"""The fact store while its database is there, away, or crashing: nothing is lost and nothing is stored twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from tests.fakes.postgres import Postgres
from tests.fakes.stored_facts import read, running, step, steps_in, until

pytestmark = pytest.mark.contract


async def test_given_a_running_store_when_facts_come_then_stored_without_a_flush(
    engine: AsyncEngine, tmp_path: Path
) -> None:
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
async def test_given_a_database_that_is_away_when_it_comes_then_all_facts_are_there_in_order(
    url: str, tableless: AsyncEngine, tmp_path: Path
) -> None:
    told: list[str] = []
    store = FactStore(tableless, spill=tmp_path / "spill.jsonl", on_trouble=told.append)
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
    assert await steps_in(tableless) == [f"s{number}" for number in range(2000)]
    assert told == ["store_away", "store_back"]
    assert not (tmp_path / "spill.jsonl").exists()


# P10 and P12 together: the engine stops while the database is away, and the next life finds what it left.
async def test_given_an_engine_that_stops_with_the_database_away_when_started_again_then_nothing_is_lost(
    url: str, tableless: AsyncEngine, tmp_path: Path
) -> None:
    first = FactStore(tableless, spill=tmp_path / "spill.jsonl")
    async with running(first):
        for number in range(600):
            first.put(step(number))
    await migrate(url)
    second = FactStore(tableless, spill=tmp_path / "spill.jsonl")
    async with running(second):
        for number in range(600, 900):
            second.put(step(number))
    assert await steps_in(tableless) == [f"s{number}" for number in range(900)]


# A commit whose answer was lost is sent again; I5 would see a second `end`.
async def test_given_facts_left_in_the_file_when_they_are_stored_already_then_not_twice(
    url: str, tableless: AsyncEngine, tmp_path: Path
) -> None:
    spill = tmp_path / "spill.jsonl"
    first = FactStore(tableless, spill=spill)
    async with running(first):
        for number in range(600):
            first.put(step(number))
    left = spill.read_bytes()
    await migrate(url)
    second = FactStore(tableless, spill=spill)
    await second.flush()
    assert not spill.exists()
    # Killed before it could forget the file, and cut off in the middle of a line.
    spill.write_bytes(left + left[:40])
    third = FactStore(tableless, spill=spill)
    third.put(step(600))
    await third.flush()
    assert await steps_in(tableless) == [f"s{number}" for number in range(601)]


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
    tableless: AsyncEngine, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    told: list[str] = []
    store = FactStore(tableless, spill=tmp_path / "file" / "spill", on_trouble=told.append, memory_limit=100)
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
    engine: AsyncEngine, tmp_path: Path
) -> None:
    told: list[str] = []
    store = FactStore(engine, spill=tmp_path / "spill.jsonl", on_trouble=told.append)
    store.put(step(1, t=float("nan")))
    store.put(step(2))
    await store.flush()
    assert (told, await steps_in(engine)) == (["fact_refused"], ["s2"])
