"""Announcements: right when said, at their interval, never over a ringing phone; scored against what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.contact_law import ContactState
from acd.core.effects import SayToCaller
from acd.core.estimate import BANDS
from acd.core.inputs import DeadlinePassed
from acd.core.invariants import check
from acd.core.waits import LEAST, OLD_S, SCORES_LEAST
from kernel.agent import Presence
from kernel.ids import ContactId
from kernel.queues import Announcements, Queue
from tests.fakes.people import WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

ALL = Announcements(first_after_s=10.0, every_s=30.0, position=True, expected_wait=True, comfort=("a", "b"))


def _queue(plan: Announcements = ALL) -> Queue:
    return replace(a_queue(wrap_up_s=0.0), announce=plan)


def _said(pbx: SmallPbx) -> list[tuple[float, str, tuple[str, ...]]]:
    """What was said since the last look: when, to whom, which prompts."""
    said = [(at, str(effect.contact), effect.prompts) for at, effect in pbx.said]
    pbx.said.clear()
    return said


def _facts(pbx: SmallPbx, ev: str) -> list[dict[str, object]]:
    return [line for line in pbx.lines if line["ev"] == ev]


def _busy(plan: Announcements = ALL) -> tuple[SmallPbx, ContactId]:
    """Her only agent talks; what comes now waits."""
    pbx = switchboard(an_agent("a1"), queues=(_queue(plan),))
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.lines.clear()
    return pbx, talking


def _serve(pbx: SmallPbx, after_s: float) -> None:
    """The one who talks hangs up after so long; the next one is answered at once."""
    pbx.advance(after_s)
    talking = next(one for one, caller in pbx.callers.items() if caller.place == "talk")
    pbx.hang_up(talking)
    pbx.settle()
    ringing = next((one for one, caller in pbx.callers.items() if caller.place == "take"), None)
    if ringing is not None:
        pbx.answer(ringing)
        pbx.settle()


# C23: "position … right at the time said; periodic ones at the interval +-2 s".
def test_c23_given_two_who_wait_when_time_goes_on_then_each_hears_her_place_at_her_times() -> None:
    pbx, talking = _busy()
    began = pbx.now
    pbx.wait(WASTE)
    pbx.advance(4.0)
    pbx.wait(WASTE)
    pbx.advance(20.0)
    assert [(round(at - began, 3), call, prompts) for at, call, prompts in _said(pbx)] == [
        (10.0, "c2", ("position_1", "a")),
        (14.0, "c3", ("position_2", "a")),
    ]
    pbx.advance(16.0)
    pbx.hang_up(talking)
    pbx.settle()
    pbx.advance(9.0)
    assert [caller.place for caller in pbx.callers.values()] == ["take", "hold"]
    # The first one is being rung for: she hears nothing, and still counts as before the second.
    assert [(round(at - began, 3), call, prompts) for at, call, prompts in _said(pbx)][-1] == (
        44.0,
        "c3",
        ("position_2", "b"),
    )


# "every announced value is scored": both facts name the same moment, so that a reader finds the one by the other.
def test_c23_given_a_place_that_was_said_when_it_is_scored_then_the_moment_is_that_of_the_saying() -> None:
    pbx, _talking = _busy(replace(ALL, first_after_s=2.0 / 3.0))
    for _ in range(5):
        pbx.wait(WASTE)
        pbx.advance(0.1)
    pbx.advance(0.6)
    for _ in range(6):
        _serve(pbx, 0.5)
    said, scored = _facts(pbx, "announced"), _facts(pbx, "scored")
    assert len(said) == 5
    assert sorted((line["call"], line["t"]) for line in said) == [(line["call"], line["said_at"]) for line in scored]


# "every announced value is scored", also when the engine was killed meanwhile: whether she waits, rings or has gone.
@pytest.mark.parametrize(("then", "waited"), [("answered", 9.0), ("rings", 6.0), ("gone", 4.0)])
def test_c23_given_an_engine_killed_when_a_caller_was_told_her_place_then_the_next_one_scores_it(
    then: str, waited: float
) -> None:
    pbx, talking = _busy()
    contact = pbx.wait(WASTE)
    pbx.advance(14.0)
    if then == "gone":
        pbx.hang_up(contact)
    if then == "rings":
        pbx.hang_up(talking)
        pbx.settle()
    pbx.boot()
    pbx.advance(2.0)
    if then == "answered":
        _serve(pbx, 3.0)
    if then == "rings":
        pbx.answer(contact)
        pbx.settle()
    (scored,) = [line for line in _facts(pbx, "scored") if line["call"] == contact]
    assert isinstance(scored["waited_s"], float)
    assert (round(scored["waited_s"], 3), scored.get("served_before"), scored["position"]) == (waited, None, 1)


# An answer that a look tells of is one: it was scored at the call's end, and the talk was learned as time in the queue.
def test_c23_given_a_lost_link_when_she_is_answered_then_scored_by_her_wait_and_the_talk_is_nobodys_wait() -> None:
    pbx, talking = _busy()
    contact = pbx.wait(WASTE)
    pbx.advance(11.0)
    pbx.hang_up(talking)
    pbx.settle()
    pbx.advance(4.0)
    pbx.answer(contact)
    pbx.reconcile(lose=True)
    pbx.advance(300.0)
    pbx.hang_up(contact)
    pbx.settle()
    (scored,) = _facts(pbx, "scored")
    waited, served = scored["waited_s"], scored["served_before"]
    assert isinstance(waited, float)
    assert (round(waited, 3), served) == (5.0, 0)
    heads = [seconds for known in pbx.world.departures.values() for _when, seconds in known.heads]
    assert max(heads) < 20.0
    assert pbx.world.served == {WASTE: 2}


# C23: "an offer interrupts them without losing the caller"; back from a ring-out the old times go on.
def test_c23_given_an_offer_that_rings_out_when_the_caller_is_back_then_the_times_are_those_of_before() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(replace(ALL, first_after_s=20.0)),))
    began = pbx.now
    contact = pbx.wait(WASTE)
    pbx.advance(15.5)
    assert pbx.callers[contact].place == "hold"
    pbx.advance(40.0)
    assert [round(at - began) for at, _call, _prompts in _said(pbx)] == [20, 50]
    pbx.boot()
    pbx.advance(26.0)
    assert [round(at - began) for at, _call, _prompts in _said(pbx)] == [80]


# A caller who is on the way back from a phone that refused is not in [hold]: what is said there would be lost.
def test_c23_given_a_caller_on_the_way_back_when_her_time_comes_then_nothing_is_said() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(),))
    contact = pbx.wait(WASTE)
    pbx.advance(9.5)
    pbx.refuse(contact, "reject")
    while pbx.world.contacts[contact].state is not ContactState.WAITING:
        pbx.deliver()
    assert not pbx.world.contacts[contact].holding
    pbx.now += 1.0
    pbx.feed(DeadlinePassed())
    assert _said(pbx) == []
    pbx.settle()
    pbx.advance(30.0)
    assert [prompts[0] for _at, _call, prompts in _said(pbx)] == ["position_1"]


# "Estimates: … a range from live departures by class", withheld while too little is known.
def test_c23_given_too_few_departures_when_it_is_time_then_no_wait_is_said_and_the_fact_says_why() -> None:
    pbx, _ = _busy()
    pbx.wait(WASTE)
    pbx.advance(11.0)
    assert _facts(pbx, "announced")[0] | {"t": 0} == {
        "t": 0,
        "ev": "announced",
        "call": "c2",
        "position": 1,
        "withheld": "few",
    }


# ... and a range follows from no fewer than five departures: not with four, with the fifth.
def test_c23_given_departures_one_by_one_when_it_is_time_then_a_wait_is_said_from_the_fifth_on() -> None:
    pbx, _ = _busy(replace(ALL, comfort=()))
    for _ in range(LEAST + 2):
        pbx.wait(WASTE)
    # The one who talks already is the first.
    for _ in range(LEAST - 2):
        _serve(pbx, 45.0)
    pbx.lines.clear()
    pbx.advance(29.0)
    assert {line.get("withheld") for line in _facts(pbx, "announced")} == {"few"}
    _serve(pbx, 16.0)
    pbx.lines.clear()
    pbx.advance(29.0)
    assert {line.get("withheld") for line in _facts(pbx, "announced")} != {"few"}
    # Half an hour later they tell nothing of now.
    pbx.advance(OLD_S + 1.0)
    pbx.lines.clear()
    pbx.advance(29.0)
    assert {line.get("withheld") for line in _facts(pbx, "announced")} == {"few"}


# "every announced value is scored against what happened".
def test_c23_given_regular_departures_when_a_wait_is_said_then_it_comes_true_and_is_scored() -> None:
    pbx, _ = _busy(replace(ALL, comfort=()))
    for _ in range(LEAST + 4):
        pbx.wait(WASTE)
    for _ in range(LEAST + 1):
        _serve(pbx, 45.0)
    pbx.lines.clear()
    _said(pbx)
    last = pbx.wait(WASTE)
    pbx.advance(10.1)
    [(_, who, prompts)] = [one for one in _said(pbx) if one[1] == last]
    # Three wait before her, one each 45 s: the next in 35 s, so three minutes less ten seconds.
    assert (who, prompts) == (last, ("position_4", "wait_2_5"))
    for _ in range(4):
        _serve(pbx, 45.0)
    scored = next(line for line in _facts(pbx, "scored") if line["call"] == last)
    assert (scored["low_s"], scored["high_s"], scored["right"], scored["served_before"]) == (120.0, 300.0, True, 3)
    assert scored["waited_s"] == pytest.approx(169.9, abs=11)


# "withheld where it would mislead": the last ranges were wrong, so nothing more is promised.
def test_c23_given_ranges_that_were_wrong_when_the_next_is_due_then_it_is_withheld() -> None:
    pbx, _ = _busy(replace(ALL, comfort=()))
    for _ in range(LEAST + 2):
        pbx.wait(WASTE)
    for _ in range(LEAST + 1):
        _serve(pbx, 45.0)
    # From now on nobody hangs up for a long time: each of these is told something that will not come true.
    waiting = [pbx.wait(WASTE) for _ in range(SCORES_LEAST)]
    pbx.advance(10.1)
    assert all(line.get("high_s") for line in _facts(pbx, "announced")[-len(waiting) :])
    pbx.advance(1500.0)
    for contact in waiting:
        pbx.hang_up(contact)
    pbx.settle()
    assert any(line.get("right") is False for line in _facts(pbx, "scored"))
    pbx.wait(WASTE)
    pbx.advance(10.1)
    assert _facts(pbx, "announced")[-1]["withheld"] == "wrong_lately"


def test_c23_given_nobody_at_work_when_a_wait_is_due_then_it_is_withheld() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(),))
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.wait(WASTE)
    pbx.advance(10.1)
    assert _facts(pbx, "announced")[0]["withheld"] == "nobody"


# Whatever is said, the ten invariants hold; and a caller who is told nothing has no deadline of this kind.
def test_given_announcements_when_the_day_is_over_then_the_invariants_hold() -> None:
    pbx, _ = _busy()
    for _ in range(6):
        pbx.wait(WASTE)
        _serve(pbx, 20.0)
    pbx.advance(300.0)
    assert check(pbx.lines) == []
    assert {effect.language for _, effect in pbx.said} <= {"en"}
    assert all(isinstance(effect, SayToCaller) for _, effect in pbx.said)


def test_given_the_bands_when_read_then_each_is_wider_than_nothing_and_in_order() -> None:
    assert all(low < high for low, high in BANDS)
    assert sorted(BANDS) == sorted(BANDS, key=lambda band: band[0])
