"""The fact store's contract, met alike by SQLite, PostgreSQL and the fake in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.invariants import check
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from kernel import facts
from kernel.facts_waiting import ContactTransferred
from kernel.ids import AgentId, ContactId, QueueId
from tests.fakes.fact_log import FactLog
from tests.fakes.stored_facts import A1, K1, K2, K3, NORTHMERE, WASTE, arrive, begin, first_sight, policy, read, step
from tests.fakes.turns import a_day_of_turns

pytestmark = pytest.mark.contract

KINDS = ("sqlite", "postgresql")


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


on_all = pytest.mark.parametrize("log", ["fake", *KINDS], indirect=True)


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
# The core's tests play restarts on a fake: what it reads out of the same facts must be what the real ones read.
@on_all
async def test_c16_given_offers_in_a_queue_when_asked_for_the_turns_then_the_last_one_of_each_queue(
    log: FactStore | FactLog,
) -> None:
    for number, agent in enumerate(("a1", "a2", "a1", "a3")):
        call = ContactId(f"c{number}")
        log.put(arrive(1.0 + number, call))
        log.put(facts.OfferMade(t=1.5 + number, call=call, agent=AgentId(agent)))
    # One that overflowed before it was offered is a turn of the queue it came to, not of the first one.
    rent = QueueId("northmere.rent")
    log.put(arrive(6.0, K1))
    log.put(ContactTransferred(t=7.0, call=K1, queue=rent))
    log.put(facts.OfferMade(t=8.0, call=K1, agent=A1))
    # Nor is one that a supervisor pulled, or that was sent to one certain agent: the rule did not choose her.
    log.put(ContactTransferred(t=9.0, call=K1, agent=AgentId("a2")))
    log.put(facts.OfferMade(t=9.0, call=K1, agent=AgentId("a2"), by=A1))
    await log.flush()
    assert dict(await log.last_turns()) == {rent: A1, WASTE: "a3"}


# The same of whole stories: whatever is offered, sent on and overflows, a restart reads what the engine knew.
@on_all
async def test_c16_given_any_day_when_read_then_whose_turn_it_is_as_the_engine_knew(log: FactStore | FactLog) -> None:
    for pbx in a_day_of_turns(log.put):
        await log.flush()
        assert dict(await log.last_turns()) == pbx.world.turns
    assert any("by" in line for line in pbx.lines)
    assert any(line["ev"] == "exit" for line in pbx.lines)


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
async def test_given_a_day_when_exported_from_the_middle_then_it_stands_on_its_own(
    engine: AsyncEngine, tmp_path: Path
) -> None:
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


async def test_given_an_empty_store_when_exported_then_just_the_first_line(engine: AsyncEngine) -> None:
    lines = [json.loads(line) async for line in FactStore(engine, spill=Path("unused")).export(None, 20.0)]
    assert lines == [{"t": 20.0, "ev": "export", "from": 20.0, "to": 20.0, "open": [], "agents": []}]


async def test_given_hostile_text_in_an_id_when_stored_then_it_holds_up_nothing(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store = FactStore(engine, spill=tmp_path / "spill.jsonl")
    hostile = ["\x00", "\ud800", "x" * 500, "'; DROP TABLE facts; --", '"skills":', "%", "\n"]
    for text_ in hostile:
        store.put(facts.AgentChanged(t=1, agent=AgentId(text_), state="available", skills={text_: 1}))
    await store.flush()
    assert [line["agent"] for line in await read(store)] == hostile
    lines = [json.loads(line) async for line in store.export(2.0, 3.0)]
    assert len(lines[0]["agents"]) == len(hostile)
