"""Overflow into another queue: the arrival is kept, the priority never falls, and the channel has the last word."""

from __future__ import annotations

import pytest

from acd.core.inputs import ContactHolding
from kernel.agent import Presence
from kernel.exits import Limit, Limits
from tests.fakes.limited import TO_RENT, limited, limited_queue, lines_hold, queue_of
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard

pytestmark = pytest.mark.unit


# C21: "max wait, no-agent max wait, queue full / each its own exit"; C11: the original arrival is kept.
def test_c21_given_an_overflow_when_two_wait_in_the_other_queue_then_the_old_arrival_goes_first() -> None:
    busy, old_first = an_agent("a1", queues=(RENT,)), an_agent("a2", queues=(WASTE,))
    pbx = switchboard(
        busy, old_first, queues=(limited_queue(Limits(timeout=Limit(after_s=20.0, exit=TO_RENT))), a_queue(RENT))
    )
    for queue in (RENT, WASTE):
        pbx.answer(pbx.wait(queue))
        pbx.settle()
    old = pbx.wait(WASTE)
    pbx.advance(10.0)
    young = pbx.wait(RENT)
    story(pbx)
    pbx.advance(10.1)
    assert story(pbx) == ["exit c3 northmere.waste timeout overflow", "transfer c3 northmere.rent"]
    assert queue_of(pbx, old) == RENT
    pbx.boot()
    pbx.settle()
    story(pbx)
    pbx.agent_hangs_up(next(iter(pbx.callers)))
    pbx.settle()
    pbx.advance(10.0)
    assert [contact for contact, caller in pbx.callers.items() if caller.place == "take"] == [old]
    assert pbx.callers[young].place == "hold"
    lines_hold(pbx)


# ... and never with less priority than she came with.
def test_c21_given_an_overflow_of_a_call_of_high_priority_when_it_moves_then_it_stays_ahead() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=20.0, exit=TO_RENT)))
    ask(pbx, "a1", Presence.NOT_READY)
    urgent = pbx.wait(WASTE, priority=3)
    pbx.advance(20.1)
    assert queue_of(pbx, urgent) == RENT
    assert pbx.world.contacts[urgent].priority == 3
    assert not [line for line in pbx.lines if line["ev"] == "priority"]


# docs/decisions/0042: what the caller says who came back to [hold] as the limit was met is older than her move.
def test_c21_given_an_overflow_when_an_older_word_of_the_caller_is_heard_then_she_waits_in_the_other_queue() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=20.0, exit=TO_RENT)))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    before = pbx.callers[contact].wish
    assert before is not None
    pbx.advance(21.0)
    pbx.feed(ContactHolding(wish=before))
    pbx.settle()
    wish = pbx.world.contacts[contact].wish
    assert wish is not None
    assert (wish.queue, queue_of(pbx, contact)) == (RENT, RENT)
    lines_hold(pbx)
