"""Limits of a queue: longest wait, full, nobody there, everybody on a break; each its own way out and its own word."""

from __future__ import annotations

import pytest

from acd.core.explain import explain
from kernel.agent import Presence
from kernel.exits import Exit, Full, LeaveWhy, Limit, Limits
from kernel.ids import AgentId
from kernel.queues import AgeStep, RelaxStep
from tests.fakes.limited import CALLBACK, LEFT, MESSAGE, TO_RENT, VOICEMAIL, limited, lines_hold
from tests.fakes.people import WASTE, ask, story

pytestmark = pytest.mark.unit


# C03: "all agents paused / call waits / nobody is rung; leaves at max wait with reason `timeout`; record says so".
def test_c03_given_everybody_on_a_break_when_the_longest_wait_is_over_then_timeout_and_nobody_was_rung() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=30.0, exit=MESSAGE)))
    ask(pbx, "a1", Presence.NOT_READY, "lunch")
    story(pbx)
    contact = pbx.wait(WASTE)
    pbx.advance(29.9)
    assert story(pbx) == ["call c1", "arrive c1 northmere.waste"]
    pbx.advance(0.2)
    assert story(pbx) == ["exit c1 northmere.waste timeout message", LEFT]
    assert not pbx.rung
    # The message is over: the dialplan hangs up.
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx) == ["end c1 timeout"]


# C02: "no agent logged in / call joins / policy of the queue acts (refuse at once, play closed message, wait)".
@pytest.mark.parametrize(
    ("way", "told"),
    [
        pytest.param(MESSAGE, ["exit c1 northmere.waste nobody message", LEFT], id="closed-message"),
        pytest.param(TO_RENT, ["exit c1 northmere.waste nobody overflow", "transfer c1 northmere.rent"], id="overflow"),
        pytest.param(None, [], id="wait"),
    ],
)
def test_c02_given_nobody_logged_in_when_a_call_joins_then_the_queues_policy_acts_at_once(
    way: Exit | None, told: list[str]
) -> None:
    pbx = limited(Limits(nobody=Limit(after_s=0.0, exit=way) if way else None))
    ask(pbx, "a1", Presence.LOGGED_OUT)
    story(pbx)
    pbx.wait(WASTE)
    assert story(pbx) == ["call c1", "arrive c1 northmere.waste", *told]


# C22: "leave when empty: last agent leaves while callers wait / queue policy acts <= 5 s".
def test_c22_given_callers_who_wait_when_the_last_agent_logs_out_then_all_leave_within_the_time() -> None:
    pbx = limited(Limits(nobody=Limit(after_s=3.0, exit=VOICEMAIL)))
    pbx.answer(pbx.wait(WASTE))
    pbx.settle()
    pbx.wait(WASTE)
    pbx.wait(WASTE)
    ask(pbx, "a1", Presence.LOGGED_OUT)
    pbx.agent_hangs_up(next(iter(pbx.callers)))
    pbx.settle()
    story(pbx)
    pbx.advance(2.9)
    assert not [line for line in story(pbx) if line.startswith("exit")]
    pbx.advance(0.2)
    assert story(pbx) == [
        "exit c2 northmere.waste nobody voicemail",
        "may c2 only",
        "exit c3 northmere.waste nobody voicemail",
        "may c3 only",
    ]


# C22: who comes back in time finds her callers; a phone that is unplugged counts as gone.
def test_c22_given_the_last_phone_gone_when_it_is_back_in_time_then_nobody_leaves() -> None:
    pbx = limited(Limits(nobody=Limit(after_s=3.0, exit=MESSAGE)))
    ask(pbx, "a1", Presence.NOT_READY, "break")
    pbx.wait(WASTE)
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.advance(2.0)
    pbx.reach(AgentId("a1"), reachable=True)
    pbx.advance(10.0)
    assert not [line for line in story(pbx) if line.startswith("exit")]
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.advance(3.1)
    assert "exit c1 northmere.waste nobody message" in story(pbx)


# Nobody logged in and everybody on a break are two reasons; somebody who talks is neither.
def test_given_one_talks_and_one_rests_when_the_talk_ends_with_a_break_then_on_break_not_nobody() -> None:
    pbx = limited(
        Limits(on_break=Limit(after_s=5.0, exit=CALLBACK), nobody=Limit(after_s=0.0, exit=MESSAGE)), "a1", "a2"
    )
    ask(pbx, "a2", Presence.NOT_READY, "lunch")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.wait(WASTE)
    ask(pbx, "a1", Presence.NOT_READY, "lunch")
    pbx.advance(60.0)
    assert not [line for line in story(pbx) if line.startswith("exit")]
    pbx.agent_hangs_up(talking)
    pbx.settle()
    pbx.advance(5.1)
    assert "exit c2 northmere.waste on_break callback" in story(pbx)


# C10: "with the maximum length reached the next caller is refused (FULL)"; who was there is not touched.
def test_c10_given_a_full_queue_when_one_more_comes_then_refused_and_the_others_wait_on() -> None:
    pbx = limited(Limits(full=Full(at=2, exit=MESSAGE)), "a1")
    for contact in (pbx.wait(WASTE), pbx.wait(WASTE)):
        pbx.callers[contact].ring_time = 1e9
    # There is room for as many as it says.
    assert "exit" not in " ".join(story(pbx))
    pbx.wait(WASTE)
    assert story(pbx) == [
        "call c3",
        "arrive c3 northmere.waste",
        "exit c3 northmere.waste full message",
        "may c3 only",
    ]
    pbx.hang_up(next(contact for contact in pbx.callers if contact == "c3"))
    pbx.settle()
    assert story(pbx) == ["end c3 rejected"]
    # One goes: there is room again.
    pbx.answer(next(iter(pbx.callers)))
    pbx.settle()
    pbx.wait(WASTE)
    assert "exit" not in " ".join(story(pbx))


# An emergency is never offered a callback: it waits on for a person.
def test_c21_given_an_emergency_when_its_way_out_is_a_callback_then_it_stays() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=5.0, exit=CALLBACK)), emergency=True)
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.advance(60.0)
    assert not [line for line in story(pbx) if line.startswith("exit")]
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[contact].place == "take"


# "Steps that relax them with expiry … and an explicit terminal".
def test_c21_given_steps_when_the_last_one_has_expired_then_the_explicit_terminal() -> None:
    steps = (RelaxStep(after_s=10.0, skills={"waste": 1}),)
    pbx = limited(Limits(steps_over=Limit(after_s=5.0, exit=MESSAGE)), relaxing=steps, skills={"waste": 3})
    pbx.wait(WASTE)
    pbx.advance(14.9)
    assert "exit" not in " ".join(story(pbx))
    pbx.advance(0.2)
    assert story(pbx) == ["exit c1 northmere.waste steps_over message", LEFT]


# A limit that is met while a phone rings waits for the ringing to end; an answer wins.
@pytest.mark.parametrize("answers", [True, False])
def test_given_a_ringing_phone_when_the_limit_is_met_then_the_offer_is_let_end(*, answers: bool) -> None:
    pbx = limited(Limits(timeout=Limit(after_s=10.0, exit=MESSAGE)))
    contact = pbx.wait(WASTE)
    pbx.advance(12.0)
    assert pbx.callers[contact].place == "take"
    if answers:
        pbx.answer(contact)
    else:
        pbx.refuse(contact, "rona")
    pbx.settle()
    pbx.advance(0.1)
    assert pbx.callers[contact].place == ("talk" if answers else "left")
    assert ("exit c1 northmere.waste timeout message" in story(pbx)) is not answers
    pbx.hang_up(contact)
    lines_hold(pbx)


# Fail towards a person: a way out that came to nothing leads back, and the same reason does not send her away again.
def test_given_a_voicemail_that_failed_when_the_caller_is_back_then_she_waits_on_with_her_arrival() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=10.0, exit=VOICEMAIL)))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.advance(11.0)
    pbx.come_back(contact)
    pbx.settle()
    assert story(pbx)[-2:] == ["may c1 only", "transfer c1 northmere.waste"]
    pbx.advance(100.0)
    ask(pbx, "a1", Presence.READY)
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx)[-2:] == ["end c1 completed", "agent a1 available"]
    lines_hold(pbx)


# Law 1: an engine that died while the caller was on the way out does not put her back, and her end says why she left.
def test_given_a_caller_who_left_when_the_engine_is_killed_then_her_end_says_why() -> None:
    pbx = limited(Limits(timeout=Limit(after_s=10.0, exit=MESSAGE)))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.advance(11.0)
    pbx.boot()
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[contact].place == "left"
    story(pbx)
    pbx.hang_up(contact)
    pbx.settle()
    assert story(pbx) == ["end c1 timeout"]


# Ageing puts a contact into another place; the clock of an empty queue runs on.
def test_given_ageing_when_nobody_is_there_then_the_clock_is_not_begun_anew() -> None:
    pbx = limited(Limits(nobody=Limit(after_s=5.0, exit=MESSAGE)), ageing=(AgeStep(after_s=4.0, priority=1),))
    ask(pbx, "a1", Presence.LOGGED_OUT)
    pbx.wait(WASTE)
    pbx.advance(5.1)
    assert "exit c1 northmere.waste nobody message" in story(pbx)


def test_given_every_reason_when_asked_for_its_way_then_the_one_of_the_queue() -> None:
    limits = Limits(timeout=Limit(after_s=1.0, exit=MESSAGE), full=Full(at=1, exit=CALLBACK))
    ways = {why: limits.exit_for(why) for why in LeaveWhy}
    assert {why: way for why, way in ways.items() if way} == {LeaveWhy.TIMEOUT: MESSAGE, LeaveWhy.FULL: CALLBACK}


# Law 4: a waiting contact's explanation says which limits run, and where each leads.
def test_given_limits_that_run_when_explained_then_when_and_where_to() -> None:
    limits = Limits(timeout=Limit(after_s=30.0, exit=TO_RENT), nobody=Limit(after_s=5.0, exit=MESSAGE))
    pbx = limited(limits)
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    assert told["limits"] == [
        {"why": "timeout", "at": pytest.approx(pbx.now + 30.0, abs=0.01), "to": "overflow"},
    ]
    ask(pbx, "a1", Presence.LOGGED_OUT)
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    assert [row["why"] for row in told["limits"]] == ["timeout", "nobody"]  # type: ignore[attr-defined]  # a list of rows
