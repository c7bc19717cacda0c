"""Ask first: nothing is relaxed before the caller says yes; she waits on as before when she does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from acd.core.explain import explain
from acd.core.inputs import PeopleChanged, SuperviseAsked
from acd.core.invariants import check
from acd.core.relaxing import open_rings, question_of, rings
from kernel.agent import Presence
from kernel.commands import Oversight
from kernel.exits import Exit, ExitKind, Limit, Limits
from kernel.ids import AgentId, ContactId
from kernel.queues import LastResort, Question, Queue, RelaxStep
from kernel.skill import Skills
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

WELSH: Skills = {"welsh": 3}
ASK = Question(prompts=("ask_other_language",), key="1", again_s=60.0)


def _queue(*steps: RelaxStep, **more: Any) -> Queue:  # noqa: ANN401 - any field of a policy
    return replace(a_queue(wrap_up_s=0.0), skills=WELSH, relaxing=steps, **more)


def _asking(again_s: float = 60.0, **more: Any) -> Queue:  # noqa: ANN401 - as above
    return _queue(RelaxStep(after_s=20.0, skills={}, ask=replace(ASK, again_s=again_s)), **more)


def _floor(queue: Queue) -> tuple[SmallPbx, ContactId]:
    """One who speaks English only is ready; one who speaks Welsh is on a break; a caller waits."""
    pbx = switchboard(an_agent("en"), an_agent("cy", skills=WELSH), queues=(queue, a_queue(RENT)))
    pbx.boot()
    ask(pbx, "en", Presence.READY)
    ask(pbx, "cy", Presence.NOT_READY, "lunch")
    contact = pbx.wait(WASTE, WELSH)
    story(pbx)
    return pbx, contact


# C53: "language skill needed; relaxation rule": "any agent" must be chosen, and a Welsh line asks first.
def test_c53_given_a_welsh_line_when_the_step_comes_then_she_is_asked_and_nobody_is_rung_before_her_yes() -> None:
    pbx, contact = _floor(_asking())
    pbx.advance(19.9)
    assert story(pbx) == []
    pbx.advance(0.2)
    assert story(pbx) == [f"asked {contact} 1 {{}}"]
    [(_, asked)] = pbx.asked
    assert (asked.prompts, asked.key, asked.step, asked.language) == (("ask_other_language",), "1", 1, "en")
    pbx.advance(30.0)
    assert story(pbx) == []
    pbx.agree(contact)
    pbx.settle()
    assert story(pbx)[:3] == [f"agreed {contact} 1", f"relax {contact} {{}}", f"offer {contact} en"]
    assert check(pbx.lines) == []


# Who does not say yes waits on, is asked again at the interval, and is served as she wished.
def test_given_no_answer_when_time_goes_on_then_asked_again_each_minute_and_served_by_who_has_the_skill() -> None:
    pbx, contact = _floor(_asking())
    pbx.advance(201.0)
    assert [round(at - pbx.asked[0][0]) for at, _ in pbx.asked] == [0, 60, 120, 180]
    story(pbx)
    ask(pbx, "cy", Presence.READY)
    assert f"offer {contact} cy" in story(pbx)
    pbx.answer(contact)
    pbx.advance(200.0)
    assert len(pbx.asked) == 4


def test_given_a_question_that_is_asked_once_when_time_goes_on_then_once() -> None:
    pbx, _ = _floor(_asking(again_s=0.0))
    pbx.advance(300.0)
    assert len(pbx.asked) == 1


# A question nobody could make good is not asked: there must be somebody to speak to.
def test_given_nobody_logged_in_to_make_do_with_when_the_step_comes_then_she_is_not_asked_until_somebody_is() -> None:
    pbx, _ = _floor(_asking())
    ask(pbx, "en", Presence.LOGGED_OUT)
    ask(pbx, "cy", Presence.LOGGED_OUT)
    pbx.advance(60.0)
    assert pbx.asked == []
    ask(pbx, "en", Presence.NOT_READY, "tea")
    pbx.advance(60.0)
    assert len(pbx.asked) == 1


# C46: the answer stands on the channel: a restarted engine knows it; without it, it asks at the same times.
@pytest.mark.parametrize("agreed", [True, False])
def test_c46_given_a_restart_when_the_engine_is_back_then_her_answer_holds_and_no_question_is_doubled(
    *, agreed: bool
) -> None:
    pbx, contact = _floor(_asking())
    ask(pbx, "en", Presence.NOT_READY, "tea")
    pbx.advance(25.0)
    if agreed:
        pbx.agree(contact)
        pbx.settle()
    pbx.boot()
    pbx.settle()
    story(pbx)
    ask(pbx, "en", Presence.READY)
    assert (f"offer {contact} en" in story(pbx)) is agreed
    pbx.advance(30.0)
    assert len(pbx.asked) == 1
    pbx.advance(60.0)
    assert len(pbx.asked) == (1 if agreed else 2)


# "terminal … 'any agent' … may say 'ask first'": the last resort asks as a step does.
def test_given_a_last_resort_that_asks_when_it_comes_then_any_agent_only_after_her_yes() -> None:
    queue = _queue(
        RelaxStep(after_s=10.0, skills={"welsh": 1}),
        last_resort=LastResort.ANY,
        last_resort_after_s=10.0,
        last_resort_ask=ASK,
    )
    pbx, contact = _floor(queue)
    pbx.advance(20.1)
    assert story(pbx) == [f"relax {contact} {{'welsh': 1}}", f"asked {contact} 2 {{}}"]
    pbx.agree(contact)
    pbx.settle()
    assert f"offer {contact} en" in story(pbx)


# A step that asks holds back those after it: what was not agreed to does not come by the back door.
def test_given_steps_after_one_that_asks_when_she_has_not_agreed_then_none_of_them_begins() -> None:
    queue = _queue(RelaxStep(after_s=5.0, skills={"welsh": 1}, ask=ASK), RelaxStep(after_s=5.0, skills={}))
    pbx, contact = _floor(queue)
    wish = pbx.world.contacts[contact].wish
    assert wish is not None
    assert [ring.number for ring in open_rings(queue, wish)] == [0]
    held = question_of(queue, wish)
    assert held is not None
    assert held.number == 1
    assert [ring.number for ring in open_rings(queue, replace(wish, agreed=1))] == [0, 1, 2]
    assert [ring.begins - wish.entered for ring in rings(queue, wish)] == [0.0, 5.0, 10.0]
    pbx.advance(30.0)
    assert pbx.world.contacts[contact].skills == WELSH


# A yes is given in one queue and holds there: after an overflow the new queue's own steps ask anew.
def test_given_a_yes_when_the_call_overflows_then_it_holds_no_more() -> None:
    over = Exit(kind=ExitKind.OVERFLOW, queue=RENT)
    pbx, contact = _floor(_asking(limits=Limits(timeout=Limit(after_s=40.0, exit=over))))
    ask(pbx, "en", Presence.NOT_READY, "tea")
    pbx.advance(21.0)
    pbx.agree(contact)
    pbx.settle()
    pbx.advance(40.0)
    wish = pbx.world.contacts[contact].wish
    assert wish is not None
    assert (wish.queue, wish.agreed) == (RENT, 0)
    caller = pbx.callers[contact].wish
    assert caller is not None
    assert caller.agreed == 0


# An offer interrupts the question: who is being rung for is not asked, and her key is no answer then.
def test_given_an_offer_when_a_question_is_due_then_it_is_not_asked() -> None:
    pbx, contact = _floor(_asking())
    pbx.advance(15.0)
    pbx.callers[contact].ring_time = 1e9
    ask(pbx, "cy", Presence.READY)
    pbx.advance(10.0)
    assert pbx.asked == []


def test_given_a_caller_who_is_to_be_asked_when_explained_then_what_hangs_on_her_yes() -> None:
    pbx, contact = _floor(_asking())
    told = json.loads(json.dumps(explain(pbx.world, contact, pbx.now)))
    entered = pbx.world.contacts[contact].wish
    assert entered is not None
    assert told["asked"] == {"step": 1, "required": {}, "next_at": entered.entered + 20.0}
    whys = {row["agent"]: row["why"] for row in told["not_eligible"]}
    assert whys == {"en": "ask_first", "cy": "paused"}


# docs/decisions/0042: her yes and a change of her priority cross: both hold, on the channel and in memory.
def test_given_a_yes_when_her_priority_is_changed_in_the_same_moment_then_both_hold() -> None:
    pbx, contact = _floor(_asking())
    ask(pbx, "en", Presence.NOT_READY)
    pbx.advance(21.0)
    pbx.agree(contact)
    asked = SuperviseAsked(deed=Oversight.PRIORITY, by=AgentId("boss"), contact=contact, priority=7, ask=99)
    boss = replace(an_agent("boss", queues=(RENT,)), supervisor=True)
    pbx.feed(PeopleChanged(agents=(*pbx.agents, boss), queues=pbx.queues))
    pbx.feed(asked)
    assert pbx.outcomes[99].ok
    pbx.settle()
    known, said = pbx.world.contacts[contact].wish, pbx.callers[contact].wish
    assert known is not None
    assert (known.agreed, known.priority) == (1, 7)
    assert known == said
    assert f"agreed {contact} 1" in story(pbx)
