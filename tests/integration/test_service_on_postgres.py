"""A whole service with its facts in PostgreSQL: the same story, and nothing lost while the database is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from guildhall.settings import Settings
from lab.answering import IncomingLeg
from lab.behaviour import Answer
from lab.calling import OutgoingLeg
from lab.listen import hears
from lab.phone import Phone
from lab.town import Town
from tests.fakes.own_service import short_folder
from tests.fakes.postgres import Postgres, postgres
from tests.fakes.service import HOME, NIA, WASTE, Service, eventually, words
from tests.fakes.stretch import stretch

pytestmark = pytest.mark.integration

ANSWERED = ["call", "arrive", "offer", "answer", "leave", "end", "recording"]


class ServiceOnPostgres(Service):
    """A service with ``GUILDHALL_DATABASE_URL``."""

    def __init__(self, place: Path, url: str) -> None:
        super().__init__(place, database_url=url)
        self._url = url

    @property
    def settings(self) -> Settings:
        """Where the test itself reads the facts."""
        return super().settings.model_copy(update={"database_url": self._url})


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture
def place() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
async def service(server: Postgres, place: Path) -> AsyncIterator[ServiceOnPostgres]:
    """A service of its own for each test, on a database of its own."""
    running = ServiceOnPostgres(place, await server.new_database())
    try:
        running.up()
        yield running
        assert not running.breaches()
    finally:
        running.down()


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones


async def at_work(service: Service, town: Town) -> Phone:
    agent = await town.agent(NIA, behaviour=Answer(), voice=1000)
    await service.ready(NIA)
    return agent


async def joined(town: Town, agent: Phone, number: str) -> tuple[OutgoingLeg, IncomingLeg]:
    """A resident and the agent talk, for long enough to be recorded (decision 0057).

    Looks at the phones only: the database may be away.
    """
    caller = await town.caller(number, voice=440)
    leg = await caller.call(town.direct_number(WASTE))
    ringing = await agent.next_call()
    # She hears her agent's tone; sound alone would be the music of the queue.
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], 1000))
    await stretch(0.5)
    return leg, ringing


async def calls(service: Service, count: int) -> list[str]:
    """The ids of all calls, in order, once so many have ended and are filed."""

    async def filed() -> bool:
        return len([fact for fact in await service.facts() if fact["ev"] == "recording"]) >= count

    await eventually(filed, within_s=60)
    return [fact["call"] for fact in await service.facts() if fact["ev"] == "call"]


def in_order(facts: list[dict[str, Any]]) -> bool:
    times = [fact["t"] for fact in facts]
    return times == sorted(times)


async def one_call(service: Service, phones: Town) -> None:
    leg, _ringing = await joined(phones, await at_work(service, phones), "01632960184")
    await leg.hang_up()


# Issue 2, 5: "SQLite/aiosqlite by default …, PostgreSQL/asyncpg by URL; Alembic migrations on both".
async def test_given_postgres_when_a_call_is_answered_then_the_same_facts_and_the_export(
    service: Service, town: Town
) -> None:
    agent = await at_work(service, town)
    leg, _ringing = await joined(town, agent, "01632960181")
    await leg.hang_up()
    [call] = await calls(service, 1)
    story = await service.story(call)
    assert words(story) == ANSWERED
    assert story[0] == {
        "t": story[0]["t"],
        "ev": "call",
        "call": call,
        "council": "northmere",
        "number": "03069990002",
    }
    assert (story[1]["queue"], story[1]["skills"], story[1]["priority"]) == (WASTE, {"waste": 1}, 0)
    assert (story[3]["agent"], story[3]["via"]) == (NIA, "offer")
    exported = [json.loads(line) for line in (await service.ask("facts")).splitlines()]
    assert exported[0]["ev"] == "export"
    # Her wrap-up may have ended meanwhile: one fact more.
    assert exported[1:] == (await service.facts())[: len(exported) - 1]
    assert in_order(exported[1:])
    # Nothing was written beside it.
    assert not (service.settings.var / "guildhall.db").exists()


# Law 1: "No call ever depends on a broker, a database or the engine to stay up". Facts wait in memory and in the spill.
async def test_given_a_call_when_the_database_stops_and_comes_back_then_nothing_lost_and_the_order_kept(
    service: Service, town: Town, server: Postgres
) -> None:
    agent = await at_work(service, town)
    leg, ringing = await joined(town, agent, "01632960182")
    server.stop()
    try:
        await leg.hang_up()
        await ringing.wait("ended")
        # The switchboard goes on: the next resident is answered while there is no database at all.
        second, _ = await joined(town, agent, "01632960183")
        assert (await service.state())["engine"] == "up"
        await second.hang_up()
        refused = await asyncio.to_thread(service.run, "facts", check=False)
        assert "the facts cannot be read" in refused.stderr
    finally:
        server.start()
    found = await calls(service, 2)
    assert len(found) == 2
    for call in found:
        assert words(await service.story(call)) == ANSWERED
    assert in_order(await service.facts())


# The database is away when everything starts, as after a power cut: calls first, facts later.
async def test_given_no_database_when_the_service_starts_then_calls_are_answered_and_their_facts_arrive_later(
    service: Service, town: Town, server: Postgres
) -> None:
    await town.close()
    service.down()
    server.stop()
    try:
        service.up()
        async with Town.from_description(await service.town(), root=HOME) as phones:
            await one_call(service, phones)
    finally:
        server.start()
    [call] = await calls(service, 1)
    assert words(await service.story(call)) == ANSWERED
    assert in_order(await service.facts())


# The same on an empty database: its tables are made when it comes, not only at a start.
async def test_given_an_empty_database_that_is_away_when_it_comes_then_its_tables_are_made_and_facts_arrive(
    server: Postgres, place: Path
) -> None:
    service = ServiceOnPostgres(place, await server.new_database())
    server.stop()
    try:
        service.up()
        async with Town.from_description(await service.town(), root=HOME) as phones:
            await one_call(service, phones)
        server.start()
        # Until the tables are there the command line says so, without a traceback.
        await eventually(lambda: service.run("facts", check=False).returncode == 0, within_s=20)
        [call] = await calls(service, 1)
        assert words(await service.story(call)) == ANSWERED
    finally:
        service.down()
