"""A phone that answers no more in a talk: dead only when no sound comes from it either (decision 0050)."""

from __future__ import annotations

import pytest

from acd.core.dead_phone import HELD_LIMIT_S
from acd.core.inputs import LegHeld, LegSilent
from kernel.ids import AgentId, ContactId
from kernel.orders import EndLeg, ProbeLeg
from tests.fakes.people import WASTE, an_agent, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

A1 = AgentId("a1")


def _talk() -> tuple[SmallPbx, ContactId]:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    story(pbx)
    return pbx, contact


def _out_of_reach(pbx: SmallPbx) -> None:
    pbx.reach(A1, reachable=False)
    pbx.settle()


# C52: "in talking ends `failed` and caller is re-queued if still there".
def test_c52_given_a_talk_when_her_phone_neither_answers_nor_sounds_then_failed_and_the_next_agent_is_rung() -> None:
    pbx, contact = _talk()
    pbx.silent.add(A1)
    _out_of_reach(pbx)
    assert story(pbx)[:2] == [f"leave {contact} a1 failed", "agent a1 wrapup"]
    assert (pbx.callers[contact].place, pbx.callers[contact].agent) == ("take", "a2")
    assert [type(order) for order in pbx.orders] == [ProbeLeg, EndLeg]


# A home worker's line lost three small packets in a row: her voice goes on, and so does the talk.
def test_c52_given_a_talk_when_only_the_answers_are_lost_then_it_goes_on_however_long() -> None:
    pbx, contact = _talk()
    _out_of_reach(pbx)
    pbx.advance(10 * HELD_LIMIT_S)
    pbx.settle()
    assert (pbx.callers[contact].place, story(pbx)) == ("talk", [])
    assert {type(order) for order in pbx.orders} == {ProbeLeg}
    # Later the sound goes too, and nothing says so: it is looked at again.
    pbx.silent.add(A1)
    pbx.advance(HELD_LIMIT_S)
    pbx.settle()
    assert story(pbx)[0] == f"leave {contact} a1 failed"


# What was counted while it was away says nothing once it answers again, nor about another call of hers.
@pytest.mark.parametrize("moment", ["back", "over", "held", "never_lost"])
def test_c52_given_a_leg_told_silent_when_that_is_no_news_any_more_then_it_is_left_alone(moment: str) -> None:
    pbx, contact = _talk()
    leg = next(iter(pbx.legs))
    if moment != "never_lost":
        _out_of_reach(pbx)
    if moment == "back":
        pbx.reach(A1, reachable=True)
    elif moment == "over":
        pbx.hang_up(contact)
    elif moment == "held":
        pbx.feed(LegHeld(leg=leg, held=True))
    pbx.settle()
    pbx.feed(LegSilent(leg=leg))
    pbx.settle()
    assert EndLeg not in {type(order) for order in pbx.orders}


# A held call brings no sound, alive or dead; a phone that dies then held its caller in music for an hour.
def test_c52_given_a_call_on_hold_when_her_phone_stays_away_then_the_caller_waits_again() -> None:
    pbx, contact = _talk()
    pbx.feed(LegHeld(leg=next(iter(pbx.legs)), held=True))
    story(pbx)
    _out_of_reach(pbx)
    pbx.advance(HELD_LIMIT_S - 1.0)
    assert pbx.callers[contact].place == "talk"
    pbx.advance(1.5)
    pbx.settle()
    assert story(pbx)[0] == f"leave {contact} a1 failed"
    assert pbx.callers[contact].agent == "a2"
