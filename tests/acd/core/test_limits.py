"""Limits of a queue: longest wait, full, nobody there, everybody on a break; each its own way out and its own word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.explain import explain
from acd.core.inputs import ContactHolding, PeopleChanged
from acd.core.invariants import check
from kernel.agent import Presence
from kernel.exits import Exit, ExitKind, Full, LeaveWhy, Limit, Limits
from kernel.ids import AgentId, ContactId, QueueId
from kernel.queues import AgeStep, Queue, RelaxStep
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

MESSAGE = Exit(kind=ExitKind.MESSAGE, prompts=("sorry_busy",))
VOICEMAIL = Exit(kind=ExitKind.VOICEMAIL, box="waste")
CALLBACK = Exit(kind=ExitKind.CALLBACK)
TO_RENT = Exit(kind=ExitKind.OVERFLOW, queue=RENT)
LEFT = "may c1 only"


def _queue(limits: Limits, **policy: object) -> Queue:
    return replace(a_queue(wrap_up_s=0.0), limits=limits, **policy)  # type: ignore[arg-type]  # policies of many kinds


def _with(limits: Limits, *agents: str, **policy: object) -> SmallPbx:
    people = (an_agent(name) for name in agents or ("a1",))
    return switchboard(*people, queues=(_queue(limits, **policy), a_queue(RENT)))


def _queue_of(pbx: SmallPbx, contact: ContactId) -> QueueId | None:
    """Where the channel itself says that it waits."""
    wish = pbx.callers[contact].wish
    return wish.queue if wish else None


def _lines_hold(pbx: SmallPbx) -> None:
    pbx.advance(60.0)
    assert check(pbx.lines) == []


# C03: "all agents paused / call waits / nobody is rung; leaves at max wait with reason `timeout`; record says so".
def test_c03_given_everybody_on_a_break_when_the_longest_wait_is_over_then_timeout_and_nobody_was_rung() -> None:
    pbx = _with(Limits(timeout=Limit(after_s=30.0, exit=MESSAGE)))
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
    pbx = _with(Limits(nobody=Limit(after_s=0.0, exit=way) if way else None))
    ask(pbx, "a1", Presence.LOGGED_OUT)
    story(pbx)
    pbx.wait(WASTE)
    assert story(pbx) == ["call c1", "arrive c1 northmere.waste", *told]


# C22: "leave when empty: last agent leaves while callers wait / queue policy acts <= 5 s".
def test_c22_given_callers_who_wait_when_the_last_agent_logs_out_then_all_leave_within_the_time() -> None:
    pbx = _with(Limits(nobody=Limit(after_s=3.0, exit=VOICEMAIL)))
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
    pbx = _with(Limits(nobody=Limit(after_s=3.0, exit=MESSAGE)))
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
    pbx = _with(Limits(on_break=Limit(after_s=5.0, exit=CALLBACK), nobody=Limit(after_s=0.0, exit=MESSAGE)), "a1", "a2")
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
    pbx = _with(Limits(full=Full(at=2, exit=MESSAGE)), "a1")
    for contact in (pbx.wait(WASTE), pbx.wait(WASTE)):
        pbx.callers[contact].ring_time = 1e9
    story(pbx)
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


# C21: "max wait, no-agent max wait, queue full / each its own exit"; C11: the original arrival is kept.
def test_c21_given_an_overflow_when_two_wait_in_the_other_queue_then_the_old_arrival_goes_first() -> None:
    busy, old_first = an_agent("a1", queues=(RENT,)), an_agent("a2", queues=(WASTE,))
    pbx = switchboard(
        busy, old_first, queues=(_queue(Limits(timeout=Limit(after_s=20.0, exit=TO_RENT))), a_queue(RENT))
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
    assert _queue_of(pbx, old) == RENT
    pbx.boot()
    pbx.settle()
    story(pbx)
    pbx.agent_hangs_up(next(iter(pbx.callers)))
    pbx.settle()
    pbx.advance(10.0)
    assert [contact for contact, caller in pbx.callers.items() if caller.place == "take"] == [old]
    assert pbx.callers[young].place == "hold"
    _lines_hold(pbx)


# docs/decisions/0042: what the caller says who came back to [hold] as the limit was met is older than her move.
def test_c21_given_an_overflow_when_an_older_word_of_the_caller_is_heard_then_she_waits_in_the_other_queue() -> None:
    pbx = _with(Limits(timeout=Limit(after_s=20.0, exit=TO_RENT)))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    before = pbx.callers[contact].wish
    assert before is not None
    pbx.advance(21.0)
    pbx.feed(ContactHolding(wish=before))
    pbx.settle()
    wish = pbx.world.contacts[contact].wish
    assert wish is not None
    assert (wish.queue, _queue_of(pbx, contact)) == (RENT, RENT)
    _lines_hold(pbx)


# An emergency is never offered a callback: it waits on for a person.
def test_c21_given_an_emergency_when_its_way_out_is_a_callback_then_it_stays() -> None:
    pbx = _with(Limits(timeout=Limit(after_s=5.0, exit=CALLBACK)), emergency=True)
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE)
    pbx.advance(60.0)
    assert not [line for line in story(pbx) if line.startswith("exit")]
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[contact].place == "take"


# "Steps that relax them with expiry … and an explicit terminal".
def test_c21_given_steps_when_the_last_one_has_expired_then_the_explicit_terminal() -> None:
    steps = (RelaxStep(after_s=10.0, skills={"waste": 1}),)
    pbx = _with(Limits(steps_over=Limit(after_s=5.0, exit=MESSAGE)), relaxing=steps, skills={"waste": 3})
    pbx.wait(WASTE)
    pbx.advance(14.9)
    assert "exit" not in " ".join(story(pbx))
    pbx.advance(0.2)
    assert story(pbx) == ["exit c1 northmere.waste steps_over message", LEFT]


# A limit that is met while a phone rings waits for the ringing to end; an answer wins.
@pytest.mark.parametrize("answers", [True, False])
def test_given_a_ringing_phone_when_the_limit_is_met_then_the_offer_is_let_end(*, answers: bool) -> None:
    pbx = _with(Limits(timeout=Limit(after_s=10.0, exit=MESSAGE)))
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
    _lines_hold(pbx)


# Fail towards a person: a way out that came to nothing leads back, and the same reason does not send her away again.
def test_given_a_voicemail_that_failed_when_the_caller_is_back_then_she_waits_on_with_her_arrival() -> None:
    pbx = _with(Limits(timeout=Limit(after_s=10.0, exit=VOICEMAIL)))
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
    _lines_hold(pbx)


# Law 1: an engine that died while the caller was on the way out does not put her back, and her end says why she left.
def test_given_a_caller_who_left_when_the_engine_is_killed_then_her_end_says_why() -> None:
    pbx = _with(Limits(timeout=Limit(after_s=10.0, exit=MESSAGE)))
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
    pbx = _with(Limits(nobody=Limit(after_s=5.0, exit=MESSAGE)), ageing=(AgeStep(after_s=4.0, priority=1),))
    ask(pbx, "a1", Presence.LOGGED_OUT)
    pbx.wait(WASTE)
    pbx.advance(5.1)
    assert "exit c1 northmere.waste nobody message" in story(pbx)


# C28: "members/skills added, removed; agents in call unaffected; removed agent gets no further offer; state kept".
def test_c28_given_a_reload_when_agents_come_and_go_then_calls_go_on_and_the_word_of_each_is_kept() -> None:
    pbx = _with(Limits(), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY, "lunch")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.feed(PeopleChanged(agents=(an_agent("a2", skills={"waste": 2}), an_agent("a3")), queues=pbx.queues))
    pbx.wait(WASTE)
    assert pbx.callers[talking].place == "talk"
    assert (pbx.world.agents[AgentId("a2")].aux_code, pbx.world.agents[AgentId("a3")].presence) == (
        "lunch",
        "logged_out",
    )
    pbx.agent_hangs_up(talking)
    pbx.settle()
    pbx.advance(5.0)
    assert not [ring for ring in pbx.rung[1:] if ring.agent == "a1"]
    ask(pbx, "a2", Presence.READY)
    assert pbx.rung[-1].agent == "a2"


# C29: "queue or agent deleted while calls wait/talk / calls finish or overflow, no orphan".
def test_c29_given_a_queue_that_is_deleted_when_calls_wait_ring_and_talk_there_then_none_is_orphaned() -> None:
    agents = (an_agent("a1", queues=(WASTE, RENT)), an_agent("a2", queues=(WASTE, RENT)))
    home = replace(a_queue(RENT, wrap_up_s=0.0), default=True)
    pbx = switchboard(*agents, queues=(a_queue(wrap_up_s=0.0), home))
    talking, ringing, waiting = pbx.wait(WASTE), pbx.wait(WASTE), pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    left = tuple(an_agent(agent.id, queues=(RENT,)) for agent in agents)
    pbx.feed(PeopleChanged(agents=left, queues=(home,)))
    pbx.settle()
    told = story(pbx)
    assert f"exit {waiting} northmere.waste queue_gone overflow" in told
    assert f"transfer {waiting} northmere.rent" in told
    assert (pbx.callers[talking].place, pbx.callers[ringing].place) == ("talk", "take")
    pbx.refuse(ringing, "reject")
    pbx.settle()
    assert f"transfer {ringing} northmere.rent" in story(pbx)
    pbx.agent_hangs_up(talking)
    pbx.settle()
    pbx.advance(15.0)
    assert {_queue_of(pbx, one) for one in (ringing, waiting)} == {RENT}
    assert [one for one in (ringing, waiting) if pbx.callers[one].place == "take"]


# C29: an agent who is deleted while she is rung for: the offer is let end, and the caller goes to somebody else.
def test_c29_given_an_agent_deleted_while_her_phone_rings_when_it_rings_out_then_the_other_is_rung() -> None:
    pbx = _with(Limits(), "a1", "a2")
    contact = pbx.wait(WASTE)
    pbx.feed(PeopleChanged(agents=(an_agent("a2"),), queues=pbx.queues))
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert [ring.agent for ring in pbx.rung] == ["a1", "a2"]


def test_given_every_reason_when_asked_for_its_way_then_the_one_of_the_queue() -> None:
    limits = Limits(timeout=Limit(after_s=1.0, exit=MESSAGE), full=Full(at=1, exit=CALLBACK))
    ways = {why: limits.exit_for(why) for why in LeaveWhy}
    assert {why: way for why, way in ways.items() if way} == {LeaveWhy.TIMEOUT: MESSAGE, LeaveWhy.FULL: CALLBACK}


# C52: a phone that dies while it rings: the offer does not ring out, the caller is at the front and the next is rung.
def test_c52_given_a_ringing_phone_when_it_is_out_of_reach_then_the_next_agent_is_rung_and_nothing_is_a_rona() -> None:
    pbx = _with(Limits(), "a1", "a2")
    first, _second = pbx.wait(WASTE), None
    pbx.callers[first].ring_time = 1e9
    ask(pbx, "a2", Presence.NOT_READY)
    later = pbx.wait(WASTE)
    story(pbx)
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.settle()
    told = story(pbx)
    assert f"offer_end {first} a1 unreachable" in told
    assert "agent a1 offline" in told
    ask(pbx, "a2", Presence.READY)
    assert (pbx.callers[first].place, pbx.callers[later].place) == ("take", "hold")


# C52: "in talking ends `failed` and caller is re-queued if still there": at the front, with the arrival kept.
def test_c52_given_a_talk_when_her_phone_dies_then_it_ended_failed_and_the_caller_is_served_first() -> None:
    pbx = _with(Limits(), "a1", "a2")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    ask(pbx, "a2", Presence.NOT_READY)
    later = pbx.wait(WASTE)
    pbx.reach(AgentId("a1"), reachable=False)
    pbx.settle()
    story(pbx)
    pbx.phone_dies(talking)
    pbx.settle()
    told = story(pbx)
    assert told[:2] == [f"leave {talking} a1 failed", "agent a1 wrapup"]
    assert f"transfer {talking} northmere.waste" in told
    ask(pbx, "a2", Presence.READY)
    assert pbx.callers[talking].place == "take"
    assert pbx.callers[later].place == "hold"
    # Nothing of the first talk is left: who hangs up now is told as it is.
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    pbx.hang_up(talking)
    pbx.settle()
    assert story(pbx)[0] == f"leave {talking} a2 caller_hung_up"


# The same when nobody was told: the engine was away as her phone died, and finds the caller back in the line.
@pytest.mark.parametrize("killed", [False, True])
def test_c52_given_a_phone_that_dies_unseen_when_looked_at_then_it_ended_failed_and_nobody_waits_for_it(
    *, killed: bool
) -> None:
    pbx = _with(Limits(), "a1", "a2", preferred_s=60.0)
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    pbx.phone_dies(talking)
    pbx.events.clear()
    pbx.reachable.discard(AgentId("a1"))
    pbx.boot() if killed else pbx.reconcile(lose=True)
    pbx.settle()
    assert f"leave {talking} a1 failed" in story(pbx)
    assert (pbx.callers[talking].place, pbx.callers[talking].agent) == ("take", "a2")


# A look between the two events told the end of the talk and nothing after it: the call stood in no queue by the facts.
def test_c52_given_a_phone_that_dies_when_only_its_end_is_heard_then_the_look_tells_where_the_caller_waits() -> None:
    pbx = _with(Limits(), "a1", "a2")
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    story(pbx)
    pbx.phone_dies(talking)
    pbx.deliver()
    pbx.events.clear()
    pbx.reachable.discard(AgentId("a1"))
    pbx.reconcile(lose=True)
    pbx.settle()
    told = story(pbx)
    assert told.count(f"transfer {talking} northmere.waste") == 1
    assert told.index(f"leave {talking} a1 failed") < told.index(f"transfer {talking} northmere.waste")


# Issue 3: "an explicit terminal: … static person"; an agent is a person too: for a while hers alone, then anybody's.
@pytest.mark.parametrize("killed", [False, True])
def test_c21_given_an_agent_as_the_person_when_the_wait_is_over_then_hers_alone_for_a_while(*, killed: bool) -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a2"), wait_s=40.0)
    pbx = _with(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    for _ in range(2):
        pbx.answer(pbx.wait(WASTE))
        pbx.settle()
    waiting = pbx.wait(WASTE)
    story(pbx)
    pbx.advance(31.0)
    assert story(pbx) == [
        f"exit {waiting} northmere.waste timeout person",
        f"transfer {waiting} northmere.waste",
        f"may {waiting} only a2",
    ]
    if killed:
        pbx.boot()
        pbx.settle()
    pbx.agent_hangs_up(ContactId("c1"))
    pbx.advance(5.0)
    assert (pbx.callers[waiting].place, pbx.callers[waiting].agent) == ("hold", None)
    other = pbx.wait(WASTE)
    assert (pbx.callers[other].place, pbx.callers[other].agent) == ("take", "a1")
    pbx.refuse(other, "rona")
    pbx.settle()
    ask(pbx, "a1", Presence.READY)
    pbx.agent_hangs_up(ContactId("c2"))
    pbx.advance(1.0)
    assert (pbx.callers[waiting].place, pbx.callers[waiting].agent) == ("take", "a2")


def test_c21_given_an_agent_as_the_person_when_she_takes_no_call_then_anybody_after_her_time() -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a2"), wait_s=40.0)
    pbx = _with(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    ask(pbx, "a2", Presence.NOT_READY)
    pbx.answer(pbx.wait(WASTE))
    pbx.settle()
    waiting = pbx.wait(WASTE)
    pbx.advance(31.0)
    pbx.agent_hangs_up(ContactId("c1"))
    pbx.advance(30.0)
    assert pbx.callers[waiting].place == "hold"
    pbx.advance(15.0)
    assert (pbx.callers[waiting].offer, pbx.callers[waiting].agent) != (None, None)
    assert pbx.callers[waiting].agent == "a1"


# Law 5: nobody is stuck for somebody who is not there: it stays as it was.
@pytest.mark.parametrize("gone", ["logged_out", "unreachable", "unknown"])
def test_c21_given_an_agent_as_the_person_when_she_is_not_there_then_the_call_stays_everybodys(gone: str) -> None:
    duty = Exit(kind=ExitKind.PERSON, agent=AgentId("a9" if gone == "unknown" else "a2"))
    pbx = _with(Limits(timeout=Limit(after_s=30.0, exit=duty)), "a1", "a2")
    ask(pbx, "a1", Presence.NOT_READY)
    if gone == "logged_out":
        ask(pbx, "a2", Presence.LOGGED_OUT)
    elif gone == "unreachable":
        pbx.reach(AgentId("a2"), reachable=False)
        pbx.settle()
    else:
        ask(pbx, "a2", Presence.NOT_READY)
    waiting = pbx.wait(WASTE)
    story(pbx)
    pbx.advance(31.0)
    assert story(pbx) == []
    ask(pbx, "a1", Presence.READY)
    assert pbx.callers[waiting].agent == "a1"


# Law 4: a waiting contact's explanation says which limits run, and where each leads.
def test_given_limits_that_run_when_explained_then_when_and_where_to() -> None:
    limits = Limits(timeout=Limit(after_s=30.0, exit=TO_RENT), nobody=Limit(after_s=5.0, exit=MESSAGE))
    pbx = _with(limits)
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
