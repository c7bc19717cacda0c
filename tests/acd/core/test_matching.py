"""Who gets whom: order of contacts, choice of agents, and what keeps two apart."""

from __future__ import annotations

import pytest

from acd.core.inputs import PeopleChanged
from acd.core.invariants import check
from acd.core.snapshot import show
from kernel.agent import Presence
from kernel.ids import AgentId, TenantId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _serve(pbx: SmallPbx, contact: str) -> None:
    """Answer and hang up; with no wrap-up she is idle again at once."""
    found = next(key for key in pbx.callers if key == contact)
    pbx.answer(found)
    pbx.settle()
    pbx.hang_up(found)
    pbx.settle()


# Glossary: longest idle. C16 in small: over equal agents the order is a cycle.
def test_given_three_idle_agents_when_callers_come_then_the_longest_idle_each_time() -> None:
    pbx = switchboard(*(an_agent(name) for name in ("a3", "a1", "a2")), queues=(a_queue(wrap_up_s=0.0),))
    for _ in range(6):
        _serve(pbx, pbx.wait(WASTE))
        pbx.advance(1.0)
    assert [ring.agent for ring in pbx.rung] == ["a3", "a1", "a2", "a3", "a1", "a2"]


# C11: same priority, first come first served; higher priority goes first.
def test_c11_given_callers_of_two_priorities_when_an_agent_frees_then_priority_then_arrival() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=0.0),))
    ask(pbx, "a1", Presence.NOT_READY)
    for priority in (0, 0, 5, 5):
        pbx.wait(WASTE, priority=priority)
    ask(pbx, "a1", Presence.READY)
    for contact in ("c3", "c4", "c1"):
        _serve(pbx, contact)
    assert [ring.contact for ring in pbx.rung] == ["c3", "c4", "c1", "c2"]


# C18 in small: across her queues the earliest arrival of the highest priority.
def test_c18_given_an_agent_in_two_queues_when_she_frees_then_the_earliest_across_both() -> None:
    pbx = switchboard(an_agent("a1", queues=(WASTE, RENT)))
    ask(pbx, "a1", Presence.NOT_READY)
    rent = pbx.wait(RENT)
    pbx.wait(WASTE)
    ask(pbx, "a1", Presence.READY)
    assert [ring.contact for ring in pbx.rung] == [rent]


# C13: all skills at the level; a contact she may not take is skipped, not a stopper.
def test_c13_given_skills_when_matching_then_only_who_has_them_all_and_others_are_not_held_up() -> None:
    pbx = switchboard(an_agent("a1", skills={"waste": 1}))
    hard = pbx.wait(WASTE, {"waste": 2})
    welsh = pbx.wait(WASTE, {"waste": 1, "welsh": 1})
    easy = pbx.wait(WASTE, {"waste": 1})
    assert [pbx.callers[contact].place for contact in (hard, welsh, easy)] == ["hold", "hold", "take"]


# The queue's own requirement counts where the wish names none.
def test_given_a_queue_that_requires_a_skill_when_the_wish_names_none_then_it_is_required() -> None:
    queue = a_queue()
    strict = type(queue)(id=WASTE, tenant=queue.tenant, name="waste", skills={"waste": 2})
    pbx = switchboard(an_agent("a1", skills={"waste": 1}), an_agent("a2", skills={"waste": 2}), queues=(strict,))
    pbx.wait(WASTE)
    assert [ring.agent for ring in pbx.rung] == ["a2"]
    assert pbx.lines[1]["skills"] == {"waste": 2}


@pytest.mark.parametrize(("councils", "rung"), [(("eastmoor",), 0), (("eastmoor", "northmere"), 1), (("*",), 1)])
def test_given_councils_when_matching_then_only_agents_who_may_take_this_councils_calls(
    councils: tuple[TenantId, ...], rung: int
) -> None:
    pbx = switchboard(an_agent("a1", councils=councils))
    pbx.wait(WASTE)
    assert len(pbx.rung) == rung


# C03, C04: nobody on a break is rung.
def test_c04_given_one_on_a_break_and_one_free_when_a_caller_waits_then_only_the_free_one_is_rung() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    ask(pbx, "a1", Presence.NOT_READY)
    pbx.wait(WASTE)
    pbx.wait(WASTE)
    assert [ring.agent for ring in pbx.rung] == ["a2"]


# C17: logging out and in again puts her behind the others, and somebody else's failure changes nothing.
def test_c17_given_two_idle_agents_when_the_first_logs_in_anew_then_the_second_is_first() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    for presence in (Presence.LOGGED_OUT, Presence.NOT_READY, Presence.READY):
        ask(pbx, "a1", presence)
    contact = pbx.wait(WASTE)
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert [ring.agent for ring in pbx.rung] == ["a2", "a1"]


# Uniqueids count up: of two arrivals in the same microsecond ...-9 came before ...-12.
def test_given_equal_arrivals_when_ordered_then_numbers_in_ids_compare_as_numbers() -> None:
    pbx = switchboard(an_agent("a1"))
    ask(pbx, "a1", Presence.NOT_READY)
    for _ in range(8):
        pbx.call()
    contacts = [pbx.call() for _ in range(2)]
    assert contacts == ["c9", "c10"]
    pbx.count = 0
    for contact in reversed(contacts):
        pbx.enqueue(contact, WASTE, {})
    pbx.settle()
    ask(pbx, "a1", Presence.READY)
    assert pbx.rung[0].contact == "c9"


# C28: agents removed get no further offer, calls go on; added ones serve at once.
def test_c28_given_people_that_change_when_reloaded_then_the_removed_gets_no_offer_and_the_new_one_does() -> None:
    pbx = switchboard(an_agent("a1"))
    talk = pbx.wait(WASTE)
    pbx.answer(talk)
    pbx.settle()
    story(pbx)
    pbx.reachable.add(AgentId("a2"))
    pbx.reach(AgentId("a2"), reachable=True)
    pbx.feed(PeopleChanged(agents=(an_agent("a2"),), queues=pbx.queues))
    assert story(pbx) == ["agent a2 offline"]
    pbx.settle()
    ask(pbx, "a2", Presence.NOT_READY)
    ask(pbx, "a2", Presence.READY)
    later = pbx.wait(WASTE)
    assert pbx.rung[-1].agent == "a2"
    pbx.hang_up(later)
    story(pbx)
    pbx.hang_up(talk)
    pbx.advance(20.0)
    assert "end c1 completed" in (told := story(pbx))
    assert "agent a1 offline" in told
    assert ask(pbx, "a1", Presence.READY).code == "unknown_agent"


def test_given_callers_when_the_state_is_shown_then_positions_waits_and_agents_are_plain_data() -> None:
    pbx = switchboard(an_agent("a1"))
    contacts = [pbx.wait(WASTE) for _ in range(2)]
    pbx.answer(contacts[0])
    pbx.settle()
    pbx.wait(RENT)
    pbx.advance(4.0)
    view = show(pbx.world, pbx.now)
    waiting, agents = view["waiting"], view["agents"]
    assert isinstance(waiting, list)
    assert isinstance(agents, list)
    assert [(row["contact"], row["queue"], row["position"]) for row in waiting] == [("c2", WASTE, 1), ("c3", RENT, 1)]
    assert 3.9 < waiting[0]["waited_s"] <= 4.0
    assert (agents[0]["word"], agents[0]["contact"]) == ("talking", "c1")
    assert view["engine"] == "up"


# C05, C11: after a ring-out the old place, ahead of those who came later.
def test_c11_given_a_ring_out_and_a_later_caller_when_another_agent_frees_then_the_earlier_caller_is_first() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    ask(pbx, "a2", Presence.NOT_READY)
    first = pbx.wait(WASTE)
    pbx.advance(5.0)
    pbx.wait(WASTE)
    pbx.advance(5.0)
    pbx.refuse(first, "rona")
    pbx.advance(5.0)
    ask(pbx, "a2", Presence.READY)
    assert [(ring.contact, ring.agent) for ring in pbx.rung] == [("c1", "a1"), ("c1", "a2")]


# Two agents whose wrap-up ends in the same instant do not both look at one caller only.
def test_given_two_agents_who_free_at_once_when_two_callers_wait_then_both_are_offered() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    talks = [pbx.wait(WASTE) for _ in range(2)]
    for contact in talks:
        pbx.answer(contact)
    pbx.settle()
    for contact in talks:
        pbx.hang_up(contact)
    pbx.settle()
    for _ in range(2):
        pbx.wait(WASTE)
    pbx.advance(10.0)
    assert [(ring.contact, ring.agent) for ring in pbx.rung[2:]] == [("c3", "a1"), ("c4", "a2")]


# C08: "agent talking (queue call, own outgoing call, other queue) / never offered another call".
def test_c08_given_an_agent_in_any_call_when_others_wait_in_all_her_queues_then_she_is_offered_nothing() -> None:
    pbx = switchboard(an_agent("a1", queues=(WASTE, RENT)), queues=(a_queue(wrap_up_s=0.0), a_queue(RENT)))
    own = pbx.own_call(AgentId("a1"))
    pbx.settle()
    first, _second = pbx.wait(WASTE), pbx.wait(RENT)
    pbx.advance(30.0)
    assert pbx.rung == []
    pbx.own_call_over(own)
    pbx.settle()
    pbx.answer(first)
    pbx.advance(30.0)
    pbx.wait(WASTE)
    pbx.wait(RENT)
    assert [ring.contact for ring in pbx.rung] == [first]


# I3, "equal priority and earlier arrival": on a PBX that stood still for moments the words of two who came within a
# millisecond were heard the wrong way round; the first was served first, and the facts accused us of it.
def test_given_two_arrivals_heard_the_wrong_way_round_when_told_then_with_the_channels_own_times() -> None:
    pbx = switchboard(an_agent("a1"))
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    first, second = pbx.call(), pbx.call()
    pbx.settle()
    pbx.enqueue(first, WASTE, {})
    pbx.now += 0.001
    pbx.enqueue(second, WASTE, {})
    pbx.events.reverse()
    pbx.now += 0.02
    pbx.settle()
    told = {str(line["call"]): float(str(line["t"])) for line in pbx.lines if line["ev"] == "arrive"}
    assert told[second] - told[first] == pytest.approx(0.001, abs=1e-4)
    pbx.agent_hangs_up(talking)
    pbx.advance(60.0)
    assert pbx.rung[-1].contact == first
    assert check(pbx.lines) == []
    # Heard of long after it: nobody could have been rung for it before.
    late = pbx.call()
    pbx.settle()
    pbx.enqueue(late, WASTE, {})
    pbx.now += 1.5
    pbx.settle()
    assert [line["t"] for line in pbx.lines if line["ev"] == "arrive"][-1] == pbx.now
