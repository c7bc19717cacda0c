"""What the facts of open calls add to a snapshot, so that a restarted engine tells nothing twice."""

from __future__ import annotations

import pytest

from guildhall.knowing_view import with_told
from kernel.ids import AgentId, ContactId, QueueId
from kernel.seen import PbxSeen

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
            fact("answer", C2, agent=NIA),
            fact("leave", C2, agent=NIA, why="agent_hung_up"),
        ],
    )
    assert (seen.told_offers, seen.told_answers) == (frozenset(), frozenset())
    assert seen.told_answered == {C2}
    assert seen.told_excluded == {(C1, NIA, 61.0)}
    assert seen.told_last_agents == {(C2, NIA, 1.0)}


def test_given_a_call_that_was_moved_when_read_then_the_queue_it_was_told_to_be_in_last() -> None:
    rent = QueueId("northmere.rent")
    moved = [fact("arrive", queue=WASTE), fact("transfer", agent=NIA), fact("transfer", queue=rent)]
    assert with_told(NOTHING, moved).told_queues == {(C1, rent)}


# C52: her phone died in the talk: nobody waits for it.
def test_given_a_talk_that_failed_when_read_then_she_is_not_whom_the_call_waits_for() -> None:
    told = [fact("leave", agent=NIA, why="agent_hung_up"), fact("leave", agent=NIA, why="failed")]
    assert with_told(NOTHING, told).told_last_agents == frozenset()
