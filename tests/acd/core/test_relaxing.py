"""What waiting changes: steps that relax, the last resort, priority by age; exact to the second."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.relaxing import priority_at, ring_at, rings
from kernel.agent import Presence
from kernel.contact import Wish
from kernel.exits import Exit, ExitKind, Limit, Limits
from kernel.ids import ContactId, LegId
from kernel.queues import AgeStep, LastResort, Queue, RelaxStep
from kernel.skill import Skills, meets
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx_view import COUNCIL

pytestmark = pytest.mark.unit


def _queue(*steps: tuple[float, Skills], ageing: tuple[tuple[float, int], ...] = (), **more: object) -> Queue:
    relaxing = tuple(RelaxStep(after_s=after_s, skills=skills) for after_s, skills in steps)
    aged = tuple(AgeStep(after_s=after_s, priority=priority) for after_s, priority in ageing)
    return replace(a_queue(wrap_up_s=0.0), relaxing=relaxing, ageing=aged, **more)  # type: ignore[arg-type]  # policies


def _wish(skills: Skills, priority: int = 0) -> Wish:
    return Wish(
        contact=ContactId("c1"),
        channel="x",
        leg=LegId("1.1"),
        tenant=COUNCIL,
        queue=WASTE,
        skills=skills,
        priority=priority,
        arrived=1000.0,
    )


# C14: "after t1 seconds level-1 agents too, after t2 any in the group; never earlier, <= 1 s later".
def test_c14_given_two_steps_when_time_goes_on_then_each_agent_is_rung_at_her_second() -> None:
    agents = (an_agent("a0"), an_agent("a1", skills={"waste": 1}), an_agent("a3", skills={"waste": 3}))
    pbx = switchboard(*agents, queues=(_queue((10.0, {"waste": 1}), (20.0, {})),))
    pbx.wait(WASTE, {"waste": 3})
    second = pbx.wait(WASTE, {"waste": 3})
    third = pbx.wait(WASTE, {"waste": 3})
    for contact in pbx.callers.values():
        contact.ring_time = 1e9
    assert story(pbx)[-1] == "arrive c3 northmere.waste"
    pbx.advance(9.99)
    assert story(pbx) == []
    pbx.advance(0.02)
    assert story(pbx) == [
        "relax c2 {'waste': 1}",
        "offer c2 a1",
        "agent a1 ringing",
        "relax c3 {'waste': 1}",
    ]
    pbx.callers[second].ring_time = 1e9
    # Back from an offer that nobody answered in the meantime, the first two still hold their agents.
    pbx.answer(second)
    pbx.answer(next(iter(pbx.callers)))
    pbx.advance(19.98)
    story(pbx)
    pbx.advance(0.02)
    assert story(pbx) == ["relax c3 {}", "offer c3 a0", "agent a0 ringing"]
    assert pbx.callers[third].place == "take"


# C11, C14: the step follows from the arrival, so a ring-out or a restart begins nothing anew.
def test_c11_given_a_relaxed_contact_when_the_engine_is_killed_then_it_is_relaxed_as_before() -> None:
    pbx = switchboard(an_agent("a1", skills={"waste": 1}), queues=(_queue((10.0, {"waste": 1})),))
    busy = pbx.wait(WASTE)
    pbx.answer(busy)
    pbx.settle()
    contact = pbx.wait(WASTE, {"waste": 3})
    pbx.advance(11.0)
    assert pbx.world.contacts[contact].step == 1
    pbx.boot()
    assert pbx.world.contacts[contact].step == 1
    story(pbx)
    pbx.hang_up(busy)
    pbx.advance(1.0)
    assert "offer c2 a1" in story(pbx)


# "Any agent must be chosen, never the default."
@pytest.mark.parametrize(("last_resort", "rung"), [(LastResort.STAY, 0), (LastResort.ANY, 1)])
def test_given_the_last_step_is_over_when_any_was_not_chosen_then_it_stays(last_resort: LastResort, rung: int) -> None:
    queue = _queue((10.0, {"waste": 2}), last_resort=last_resort, last_resort_after_s=5.0)
    pbx = switchboard(an_agent("a1"), queues=(queue,))
    pbx.wait(WASTE, {"waste": 3})
    pbx.advance(14.9)
    assert not pbx.rung
    pbx.advance(100.0)
    assert min(len(pbx.rung), 1) == rung


# Ageing is an explicit change of priority: the older one of the lower class gets ahead, and the facts say so.
def test_given_ageing_when_a_contact_is_old_then_it_goes_ahead_and_the_facts_say_so() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(ageing=((30.0, 5), (60.0, 4))),))
    busy = pbx.wait(WASTE)
    pbx.answer(busy)
    pbx.settle()
    pbx.wait(WASTE)
    pbx.advance(29.0)
    pbx.wait(WASTE, priority=3)
    story(pbx)
    pbx.advance(1.5)
    assert story(pbx) == ["priority c2 5"]
    pbx.hang_up(busy)
    pbx.settle()
    assert "offer c2 a1" in story(pbx)


# A published policy that changes under those who wait counts for them at once (C28).
def test_given_waiting_contacts_when_the_queue_gets_a_step_that_is_past_then_relaxed_at_once() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(),))
    pbx.wait(WASTE, {"waste": 1})
    pbx.advance(50.0)
    story(pbx)
    pbx.queues = (_queue((10.0, {})),)
    pbx.boot()
    assert "offer c1 a1" in story(pbx)


SKILLS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 5))


# Cumulative: whoever was eligible stays eligible.
@given(
    steps=st.lists(st.tuples(st.floats(0, 100), SKILLS), max_size=5),
    need=SKILLS,
    have=SKILLS,
    last_resort=st.sampled_from(LastResort),
)
def test_given_any_steps_when_they_follow_each_other_then_nobody_who_was_eligible_is_lost(
    steps: list[tuple[float, Skills]], need: Skills, have: Skills, last_resort: LastResort
) -> None:
    able = [meets(have, ring.skills) for ring in rings(_queue(*steps, last_resort=last_resort), _wish(need))]
    assert able == sorted(able)


@given(
    steps=st.lists(st.tuples(st.floats(0, 100), SKILLS), max_size=5),
    ageing=st.lists(st.tuples(st.floats(0, 100), st.integers(0, 9)), max_size=5),
    waited=st.lists(st.floats(0, 600), min_size=1, max_size=10),
)
def test_given_any_policy_when_asked_at_any_time_then_it_holds_until_the_moment_it_says(
    steps: list[tuple[float, Skills]], ageing: list[tuple[float, int]], waited: list[float]
) -> None:
    queue, wish = _queue(*steps, ageing=tuple(ageing)), _wish({"a": 5, "b": 5})
    priorities = [priority_at(queue, wish, 1000.0 + seconds)[0] for seconds in sorted(waited)]
    assert priorities == sorted(priorities)
    for seconds in waited:
        ring, until = ring_at(queue, wish, 1000.0 + seconds)
        assert ring.begins <= 1000.0 + seconds
        assert until is None or until > 1000.0 + seconds
        if until is not None:
            assert ring_at(queue, wish, until)[0].number > ring.number


# C15: "tier empty (nobody logged in) / skipped without its wait if so configured".
@pytest.mark.parametrize(("skip", "rung"), [(False, []), (True, ["a2"])])
def test_c15_given_a_step_nobody_is_there_for_when_so_configured_then_passed_over_at_once(
    skip: bool,  # noqa: FBT001 - a parametrised flag
    rung: list[str],
) -> None:
    queue = _queue((60.0, {"waste": 1}), skip_empty=skip)
    pbx = switchboard(an_agent("a1", skills={"waste": 3}), an_agent("a2", skills={"waste": 1}), queues=(queue,))
    ask(pbx, "a1", Presence.LOGGED_OUT)
    pbx.wait(WASTE, {"waste": 3})
    assert [ring.agent for ring in pbx.rung] == rung
    pbx.advance(60.1)
    assert [ring.agent for ring in pbx.rung][:1] == ["a2"]


def test_c15_given_a_waiting_call_when_the_last_of_its_step_goes_home_then_the_next_step_at_once_and_it_stays() -> None:
    queue = _queue((60.0, {"waste": 1}), skip_empty=True)
    pbx = switchboard(an_agent("a1", skills={"waste": 3}), an_agent("a2", skills={"waste": 1}), queues=(queue,))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE, {"waste": 3})
    assert pbx.rung == []
    ask(pbx, "a1", Presence.LOGGED_OUT)
    assert [ring.agent for ring in pbx.rung] == ["a2"]
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.refuse(contact, "reject")
    pbx.settle()
    assert (pbx.world.contacts[contact].step, pbx.world.contacts[contact].skills) == (1, {"waste": 1})


# "A call keeps its arrival in every queue; steps and limits count from entering the queue": age does from the arrival.
def test_given_a_call_that_overflowed_when_its_changes_are_due_then_steps_by_the_queue_and_age_by_the_call() -> None:
    queue = _queue(
        (10.0, {}), ageing=((30.0, 2),), limits=Limits(timeout=Limit(after_s=15.0, exit=Exit(kind=ExitKind.MESSAGE)))
    )
    moved = replace(_wish({"waste": 2}), moved_in=1040.0)
    assert [ring.begins for ring in rings(queue, moved)] == [1040.0, 1050.0]
    assert priority_at(queue, moved, 1030.0) == (2, None)
    first = a_queue(RENT, limits=Limits(timeout=Limit(after_s=20.0, exit=Exit(kind=ExitKind.OVERFLOW, queue=WASTE))))
    pbx = switchboard(an_agent("a1", queues=(RENT, WASTE)), queues=(first, queue))
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(RENT, {"waste": 2})
    pbx.advance(20.1)
    assert story(pbx)[-1] == f"transfer {contact} {WASTE}"
    pbx.advance(9.8)
    assert story(pbx) == []
    pbx.advance(0.2)
    assert story(pbx) == [f"priority {contact} 2"]
    pbx.advance(4.8)
    assert story(pbx) == []
    pbx.advance(0.2)
    assert story(pbx) == [f"exit {contact} {WASTE} timeout message", f"may {contact} only"]


# C14: "never earlier". A step that was passed over for want of people in one queue stands in the next one.
def test_c15_given_a_call_that_passed_a_step_over_when_it_overflows_then_the_next_queues_step_has_its_time() -> None:
    away = Limits(timeout=Limit(after_s=5.0, exit=Exit(kind=ExitKind.OVERFLOW, queue=RENT)))
    first = _queue((60.0, {}), skip_empty=True, limits=away)
    then = replace(_queue((60.0, {}), skip_empty=True), id=RENT, skills={"rent": 3})
    agents = (an_agent("able", queues=(RENT,), skills={"rent": 3}), an_agent("other", queues=(RENT,)), an_agent("a1"))
    pbx = switchboard(*agents, queues=(first, then))
    ask(pbx, "able", Presence.NOT_READY)
    ask(pbx, "a1", Presence.NOT_READY)
    contact = pbx.wait(WASTE, {"waste": 3})
    assert pbx.world.contacts[contact].skills == {}
    pbx.advance(5.1)
    assert (pbx.world.contacts[contact].told_in, pbx.world.contacts[contact].skills) == (RENT, {"rent": 3})
    assert pbx.rung == []
    pbx.advance(60.0)
    assert [ring.agent for ring in pbx.rung] == ["other"]
