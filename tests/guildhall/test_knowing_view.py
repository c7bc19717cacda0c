"""What the facts of open calls add to a snapshot, so that a restarted engine tells nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from adapters.store.fact_history import LastWords
from guildhall.knowing_view import KnowingView, with_told
from kernel.facts import ContactEnded
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.seen import EndedCall, PbxSeen
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.unit

C1, C2 = ContactId("c1-1"), ContactId("c1-2")
NIA, WASTE = AgentId("northmere-a001"), QueueId("northmere.waste")
NOTHING = PbxSeen(calls=(), legs=(), reachable=frozenset(), memories=(), epoch=1)


def fact(ev: str, call: ContactId = C1, **more: object) -> dict[str, object]:
    return {"t": 1.0, "ev": ev, "call": call, **more}


def barred(until: float, why: str) -> dict[str, object]:
    return fact("may") | {"not": [NIA], "until": until, "why": why}


# Law 1: kill the engine, start it, and it goes on; I1, I2, I5: nothing is told twice.
def test_given_a_call_that_is_rung_and_one_that_talks_when_read_then_each_is_told_as_it_stands() -> None:
    seen = with_told(
        NOTHING,
        [
            fact("call"),
            fact("arrive", queue=WASTE),
            fact("offer", agent=NIA),
            fact("call", C2),
            fact("arrive", C2, queue=WASTE),
            fact("offer", C2, agent=NIA),
            fact("answer", C2, agent=NIA),
        ],
        [(WASTE, NIA)],
    )
    assert seen.told_calls == seen.told == {C1, C2}
    assert seen.told_offers == {(C1, NIA)}
    assert seen.told_answers == {(C2, NIA)}
    assert seen.told_answered == {C2}
    assert seen.told_turns == {(WASTE, NIA)}


def test_given_an_offer_that_failed_and_a_talk_that_is_over_when_read_then_only_what_still_counts() -> None:
    seen = with_told(
        NOTHING,
        [
            fact("offer", agent=NIA),
            fact("offer_end", agent=NIA, why="rona"),
            barred(61.0, "excluded"),
            barred(99.0, "delay"),
            fact("may", agents=[], until=99.0, why="cap"),
            fact("may", agents=[NIA], until=50.0, why="preferred"),
            fact("may", agents=[], until=2.0, why="cap"),
            fact("answer", C2, agent=NIA),
            fact("leave", C2, agent=NIA, why="agent_hung_up"),
        ],
    )
    assert (seen.told_offers, seen.told_answers) == (frozenset(), frozenset())
    assert seen.told_answered == {C2}
    assert seen.told_excluded == {(C1, NIA, 61.0)}
    # Who alone may, or that nobody may, until when: the last word of each reason.
    assert seen.told_bars == {(C1, "cap", 2.0), (C1, "preferred", 50.0)}
    assert seen.told_last_agents == {(C2, NIA, 1.0)}


def test_given_a_call_that_was_moved_when_read_then_the_queue_it_was_told_to_be_in_last() -> None:
    rent = QueueId("northmere.rent")
    moved = [fact("arrive", queue=WASTE), fact("transfer", agent=NIA), fact("transfer", queue=rent)]
    assert with_told(NOTHING, moved).told_queues == {(C1, rent)}


# "every announced value is scored": also by the next engine.
def test_given_what_a_caller_was_told_when_read_then_what_is_not_scored_yet() -> None:
    said = {"position": 2, "low_s": 60.0, "high_s": 180.0}
    told = [fact("arrive", queue=WASTE), fact("announced", withheld="few"), fact("announced") | said | {"t": 31.0}]
    scored = fact("scored", said_at=11.0, waited_s=2.0)
    seen = with_told(NOTHING, [*told, fact("announced", position=3) | {"t": 11.0}, scored])
    assert seen.told_said == {(C1, 31.0, 2, 60.0, 180.0)}


# C52: her phone died in the talk: nobody waits for it.
def test_given_a_talk_that_failed_when_read_then_she_is_not_whom_the_call_waits_for() -> None:
    told = [fact("leave", agent=NIA, why="agent_hung_up"), fact("leave", agent=NIA, why="failed")]
    assert with_told(NOTHING, told).told_last_agents == frozenset()


def row(contact: ContactId, ended_at: float) -> EndedCall:
    return EndedCall(
        contact=contact,
        tenant=TenantId("northmere"),
        number="03069990001",
        queue=WASTE,
        began_at=90.0,
        arrived_at=91.0,
        joined_at=None,
        agent=None,
        why=None,
        ended_at=ended_at,
    )


@dataclass
class World:
    """A PBX with its record, and a store that is away for so many questions."""

    away: int = 0
    rows: list[EndedCall] = field(default_factory=list)
    words: LastWords | None = field(default_factory=lambda: LastWords(t=100.0, engine="up"))
    reborn: bool = False
    asked_before: float | None = None
    looks: int = 0

    async def see(self) -> PbxSeen:
        return replace(NOTHING, reborn=self.reborn)

    def new_rows(self) -> tuple[EndedCall, ...]:
        rows, self.rows = tuple(self.rows), []
        return rows

    async def flush(self) -> None:
        if self.away:
            self.away -= 1
            raise OSError("the database is away")

    async def open_facts(self) -> list[dict[str, object]]:
        return [fact("call"), fact("arrive", queue=WASTE), fact("call", C2), fact("arrive", C2, queue=WASTE)]

    async def last_turns(self) -> list[tuple[QueueId, AgentId]]:
        return [(WASTE, NIA)]

    async def last_words(self, *, before: float | None = None) -> LastWords | None:
        self.asked_before = before
        return self.words

    def look(self) -> None:
        self.looks += 1


def view(world: World) -> KnowingView:
    return KnowingView(world, world, world, 150.0)


# Law 1: callers are served without the store; what ended while it was away is closed when it is back, nothing twice.
def test_given_a_store_that_is_away_when_it_is_back_then_one_more_look_tells_what_was_missed() -> None:
    early, late = row(C1, 120.0), row(C2, 160.0)
    world = World(away=3, rows=[row(ContactId("c0-1"), 99.0), early], reborn=True)

    async def story() -> list[PbxSeen]:
        knowing = view(world)
        seen = [await knowing.see()]
        world.reborn = False
        world.rows.append(late)
        seen.append(await knowing.see())
        knowing.hear(ContactEnded(t=160.0, call=C2, why="abandoned"))

        async def see() -> None:
            seen.append(await knowing.see())

        # As the engine does it: the look is a task of its own.
        looks: list[asyncio.Task[None]] = []
        await knowing.catch_up(lambda: looks.append(asyncio.get_running_loop().create_task(see())))
        assert len(looks) == 1
        return seen

    first, second, third = run_virtual(story())
    assert [(one.told, one.ended) for one in (first, second)] == [(frozenset(), ())] * 2
    assert third.told == {C1}
    assert third.ended == (early,)
    assert third.told_reborn
    assert world.asked_before == 150.0


def test_given_a_store_that_can_be_read_when_looked_at_first_then_told_once_and_later_rows_are_news() -> None:
    world = World(rows=[row(C1, 120.0)])

    async def story() -> list[PbxSeen]:
        knowing = view(world)
        first = await knowing.see()
        world.rows.append(row(C2, 170.0))
        second = await knowing.see()
        await knowing.catch_up(world.look)
        return [first, second]

    first, second = run_virtual(story())
    assert [first.told, second.told] == [{C1, C2}, set()]
    assert [[one.contact for one in seen.ended] for seen in (first, second)] == [[C1], [C2]]
    assert world.looks == 0


# A first start: whatever Asterisk wrote down before was never ours to tell.
def test_given_an_empty_store_when_looked_at_first_then_old_rows_are_no_news() -> None:
    world = World(rows=[row(C1, 120.0)], words=None)

    async def story() -> tuple[PbxSeen, PbxSeen]:
        knowing = view(world)
        first = await knowing.see()
        world.rows.append(row(C2, 170.0))
        return first, await knowing.see()

    first, second = run_virtual(story())
    assert (first.ended, [one.contact for one in second.ended]) == ((), [C2])
