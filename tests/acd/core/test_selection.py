"""Who gets the contact: each strategy's exact order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from acd.core.effects import RingAgent
from kernel.agent import AgentProfile, Presence
from kernel.commands import CallDeed
from kernel.ids import AgentId, QueueId
from kernel.queues import IdleAfterLost, Queue, Strategy
from kernel.skill import Skills
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.talks import move

pytestmark = pytest.mark.unit


def _queue(strategy: Strategy, queue: QueueId = WASTE) -> Queue:
    return replace(a_queue(queue, wrap_up_s=0.0), strategy=strategy)


def _floor(strategy: Strategy, *agents: AgentProfile) -> SmallPbx:
    return switchboard(*agents, queues=(_queue(strategy), _queue(strategy, RENT)))


def _served(pbx: SmallPbx, seconds: float = 1.0, skills: Skills | None = None, queue: QueueId = WASTE) -> str:
    """A call from its arrival to its end; who took it."""
    contact = pbx.wait(queue, skills)
    agent = _rung(pbx).agent
    pbx.answer(contact)
    pbx.advance(seconds)
    pbx.hang_up(contact)
    pbx.advance(1.0)
    return agent


def _rung(pbx: SmallPbx) -> RingAgent:
    return pbx.rung[-1]


# C16: "longest idle: exact order over 50 calls with equal agents".
def test_c16_given_longest_idle_when_50_calls_come_then_the_agents_take_turns_exactly() -> None:
    pbx = _floor(Strategy.LONGEST_IDLE, *(an_agent(f"a{n}") for n in range(1, 6)))
    assert [_served(pbx, 1.0 + n % 7) for n in range(50)] == [f"a{1 + n % 5}" for n in range(50)]


# C16: "round robin: exact cycle, also after restart": by the ids, whoever was idle longer.
def test_c16_given_round_robin_when_the_engine_is_killed_in_between_then_the_cycle_goes_on() -> None:
    pbx = _floor(Strategy.ROUND_ROBIN, *(an_agent(f"a{n}") for n in (3, 1, 2)))
    assert [_served(pbx) for _ in range(4)] == ["a1", "a2", "a3", "a1"]
    pbx.boot()
    assert [_served(pbx) for _ in range(4)] == ["a2", "a3", "a1", "a2"]


# ... and by nothing else: a call that is sent to one certain agent is nobody's turn, in memory as in what was told.
def test_c16_given_round_robin_when_a_call_is_sent_to_an_agent_then_the_cycle_goes_on_after_a_restart_too() -> None:
    pbx = _floor(Strategy.ROUND_ROBIN, *(an_agent(f"a{n}") for n in (1, 2, 3)))
    sent = pbx.wait(WASTE)
    pbx.answer(sent)
    pbx.settle()
    assert move(pbx, CallDeed.TRANSFER, AgentId("a3")).ok
    pbx.answer(sent)
    pbx.settle()
    pbx.hang_up(sent)
    pbx.advance(1.0)
    pbx.boot()
    assert [_served(pbx) for _ in range(3)] == ["a2", "a3", "a1"]


# ... nor is an offer passed over that rings as the engine dies, before it is stored: the channel tells of it.
def test_c16_given_round_robin_when_the_last_offer_was_not_stored_then_the_channel_tells_whose_turn_it_was() -> None:
    pbx = _floor(Strategy.ROUND_ROBIN, *(an_agent(f"a{n}") for n in (1, 2, 3)))
    assert _served(pbx) == "a1"
    ringing = pbx.wait(WASTE)
    pbx.lines = [line for line in pbx.lines if (line["ev"], line.get("agent")) != ("offer", "a2")]
    pbx.boot()
    pbx.answer(ringing)
    pbx.settle()
    pbx.hang_up(ringing)
    pbx.advance(1.0)
    assert _served(pbx) == "a3"


def test_given_round_robin_in_two_queues_when_calls_alternate_then_each_queue_has_its_own_turn() -> None:
    pbx = _floor(Strategy.ROUND_ROBIN, *(an_agent(f"a{n}", queues=(WASTE, RENT)) for n in (1, 2)))
    assert [_served(pbx, queue=queue) for queue in (WASTE, RENT, RENT, WASTE)] == ["a1", "a1", "a2", "a2"]


# C13: "the best fitting by the declared rule (highest level / least skilled sufficient / longest idle)".
def test_c13_given_levels_when_a_skill_is_required_then_the_declared_rule_picks() -> None:
    agents = (
        an_agent("a1", skills={"waste": 2, "welsh": 5}),
        an_agent("a2", skills={"waste": 3}),
        an_agent("a3", skills={"waste": 5, "welsh": 5}),
    )
    need = {"waste": 2}
    assert _served(_floor(Strategy.LONGEST_IDLE, *agents), skills=need) == "a1"
    assert _served(_floor(Strategy.BEST_SKILL, *agents), skills=need) == "a3"
    assert _served(_floor(Strategy.LEAST_SKILLED, *agents), skills=need) == "a2"
    assert _served(_floor(Strategy.LEAST_SKILLED, *agents), skills={"welsh": 5}) == "a1"
    # Nothing required: among equals, who has been idle longest.
    assert _served(_floor(Strategy.BEST_SKILL, *agents)) == "a1"


# C16: "fewest calls: right counters, reset rule stated": since she logged in.
def test_c16_given_fewest_calls_when_one_logs_in_anew_then_her_count_begins_anew() -> None:
    pbx = _floor(Strategy.FEWEST_CALLS, an_agent("a1"), an_agent("a2"))
    assert [_served(pbx) for _ in range(4)] == ["a1", "a2", "a1", "a2"]
    ask(pbx, "a1", Presence.LOGGED_OUT)
    ask(pbx, "a1", Presence.NOT_READY)
    ask(pbx, "a1", Presence.READY)
    pbx.advance(1.0)
    assert [_served(pbx) for _ in range(3)] == ["a1", "a1", "a2"]


def test_given_least_occupied_when_one_had_a_long_call_then_the_other_until_it_is_made_up() -> None:
    pbx = _floor(Strategy.LEAST_OCCUPIED, an_agent("a1"), an_agent("a2"))
    assert _served(pbx, 100.0) == "a1"
    assert [_served(pbx, 20.0) for _ in range(3)] == ["a2", "a2", "a2"]
    assert _served(pbx, 60.0) == "a2"
    assert _served(pbx) == "a1"


def test_given_a_fixed_order_when_the_first_is_busy_then_the_next_in_the_file() -> None:
    pbx = _floor(Strategy.FIXED_ORDER, an_agent("a3"), an_agent("a1"), an_agent("a2"))
    assert [_served(pbx) for _ in range(3)] == ["a3", "a3", "a3"]
    pbx.wait(WASTE)
    pbx.wait(WASTE)
    assert [ring.agent for ring in pbx.rung[-2:]] == ["a3", "a1"]


# C16: "random: chi-square ok": 4 agents, 800 calls, 3 degrees of freedom, 16.27 is the 0.1 % point.
def test_c16_given_random_when_800_calls_come_then_spread_evenly_and_the_same_again() -> None:
    def play() -> list[str]:
        pbx = _floor(Strategy.RANDOM, *(an_agent(f"a{n}") for n in range(4)))
        return [_served(pbx) for _ in range(800)]

    first = play()
    counts = Counter(first)
    assert sum((counts[f"a{n}"] - 200) ** 2 / 200 for n in range(4)) < 16.27
    assert play() == first


# An agent who is kept from a contact is passed over by every strategy.
@pytest.mark.parametrize("strategy", Strategy)
def test_given_any_strategy_when_the_chosen_one_refuses_then_the_other_and_never_her_again(strategy: Strategy) -> None:
    pbx = _floor(strategy, an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    first = _rung(pbx).agent
    pbx.refuse(contact, "reject")
    pbx.settle()
    assert {first, _rung(pbx).agent} == {"a1", "a2"}
    pbx.refuse(contact, "reject")
    pbx.advance(30.0)
    assert pbx.callers[contact].place == "hold"


# C17: "not reset by a RONA of another agent, by a call lost while ringing".
def test_c17_given_an_idle_agent_when_others_fail_or_a_caller_goes_then_her_idle_time_stands() -> None:
    pbx = _floor(Strategy.LONGEST_IDLE, an_agent("a1"), an_agent("a2"), an_agent("a3"))
    idle = {agent: pbx.world.agents[AgentId(agent)].idle_since for agent in ("a1", "a2", "a3")}
    lost = pbx.wait(WASTE)
    pbx.hang_up(lost)
    pbx.advance(1.0)
    rung_out = pbx.wait(WASTE)
    pbx.refuse(rung_out, "rona")
    pbx.settle()
    assert {agent: pbx.world.agents[AgentId(agent)].idle_since for agent in idle} == idle


# C17: "by a call lost while ringing (configurable)": `idle_after_lost`, of the queue whose call it was.
@pytest.mark.parametrize(("says", "next_one"), [(IdleAfterLost.KEPT, "a1"), (IdleAfterLost.ANEW, "a2")])
def test_c17_given_a_queue_when_a_call_is_lost_while_ringing_then_her_idle_time_does_as_it_says(
    says: IdleAfterLost, next_one: str
) -> None:
    queue = replace(_queue(Strategy.LONGEST_IDLE), idle_after_lost=says)
    pbx = switchboard(an_agent("a1"), an_agent("a2"), queues=(queue, _queue(Strategy.LONGEST_IDLE, RENT)))
    lost = pbx.wait(WASTE)
    pbx.advance(4.0)
    assert _rung(pbx).agent == "a1"
    pbx.hang_up(lost)
    pbx.settle()
    # What is remembered in the PBX is what counts after a restart.
    pbx.boot()
    assert _served(pbx) == next_one


# ... and of each phone that rang for it, of none that did not.
def test_c17_given_idle_time_anew_when_a_call_is_lost_then_for_those_whose_phones_rang_alone() -> None:
    queue = replace(_queue(Strategy.LONGEST_IDLE), idle_after_lost=IdleAfterLost.ANEW, ring_at_once=2)
    pbx = switchboard(*(an_agent(f"a{n}") for n in (1, 2, 3)), queues=(queue,))
    before = pbx.world.agents[AgentId("a3")].idle_since
    pbx.hang_up(pbx.wait(WASTE))
    pbx.settle()
    assert [pbx.world.agents[AgentId(f"a{n}")].idle_since for n in (1, 2, 3)] == [pbx.now, pbx.now, before]
    # The Redirect comes too late: her phone was never rung.
    pbx.advance(1.0)
    late = pbx.call()
    pbx.enqueue(late, WASTE, {})
    pbx.deliver()
    pbx.deliver()
    assert _rung(pbx).agent == "a3"
    pbx.hang_up(late)
    pbx.settle()
    assert pbx.world.agents[AgentId("a3")].idle_since == before


# ... also where nobody heard the hang-up, for the link was down: as of when the PBX wrote that the call was over.
@pytest.mark.parametrize(("says", "moved"), [(IdleAfterLost.KEPT, False), (IdleAfterLost.ANEW, True)])
def test_c17_given_a_lost_link_when_the_caller_goes_while_it_rings_then_her_idle_time_does_as_the_queue_says(
    says: IdleAfterLost,
    moved: bool,  # noqa: FBT001 - a case of the table
) -> None:
    queue = replace(_queue(Strategy.LONGEST_IDLE), idle_after_lost=says)
    pbx = switchboard(an_agent("a1"), queues=(queue,))
    before = pbx.world.agents[AgentId("a1")].idle_since
    lost = pbx.wait(WASTE)
    pbx.advance(2.0)
    pbx.hang_up(lost)
    pbx.reconcile(lose=True)
    assert pbx.world.agents[AgentId("a1")].idle_since == (pbx.now if moved else before)
