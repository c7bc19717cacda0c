"""Seeded mistakes in the core, each caught by the suite. docs/mutants.md lists them for readers."""

from __future__ import annotations

import inspect
import json
import random
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

import pytest

from acd.core import (
    alarm,
    calls,
    exits,
    floor,
    limits,
    matching,
    offer,
    rebuild,
    relaxing,
    score,
    selection,
    several,
    shares,
    step,
    talk,
    telling,
    world,
)
from acd.core.invariants import check
from acd.core.people import people_changed
from acd.core.presence import _away, _ready
from acd.simulate.day import read_day
from acd.simulate.run import simulate
from kernel.agent import Presence
from kernel.errors import Refused
from kernel.queues import LastResort, WrapUpMode
from tests.acd.core import (
    test_alarm,
    test_floor,
    test_limits,
    test_matching,
    test_presence,
    test_profile,
    test_rebuild,
    test_relaxing,
    test_reload,
    test_score,
    test_selection,
    test_several,
    test_shares,
    test_stories_offer,
    test_stories_talk,
    test_wrap_up,
)
from tests.house.tree import text

pytestmark = pytest.mark.unit


def _an_ordinary_day() -> None:
    """Sixty calls of two priorities, with skills, ring-outs, breaks and impatience: I1-I10 hold."""
    chance = random.Random(7)  # noqa: S311 - reproducible, nothing secret
    plans = [
        {
            "call": f"k{number}",
            "t": number * 6.0,
            "queue": chance.choice(["n.waste", "n.rent"]),
            "council": "n",
            "priority": chance.choice([0, 0, 0, 1]),
            "skills": chance.choice([{}, {"waste": 2}]),
            "patience": chance.choice([None, 40.0]),
            "service": chance.uniform(5.0, 40.0),
            "wrap": chance.choice([0.0, 10.0]),
        }
        for number in range(60)
    ]
    people = [
        {
            "agent": f"a{number}",
            "council": "n",
            "queues": ["n.waste", "n.rent"],
            "skills": {"waste": number},
            "on": 0,
            "off": 900,
            "answer_delay": 3.0,
            "rona_p": 0.2,
            "breaks": [[100 + number * 30, 160 + number * 30]],
        }
        for number in range(4)
    ]
    lines: list[dict[str, object]] = []
    result = simulate(read_day(json.dumps({"calls": plans, "agents": people})), write=lambda x: lines.append(dict(x)))
    assert check(lines) == []
    assert result.offered == 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake: in this function, this text becomes that; ``caught_by`` must then fail."""

    name: str
    function: Callable[..., object]
    right: str
    wrong: str
    caught_by: Callable[[], None]


MUTANTS = (
    Mutant(
        name="lost place after a ring-out",
        function=offer.place_in_line,
        right="standing(world, contact, wish))",
        wrong="(-contact.priority, contact.since, *standing(world, contact, wish)[2:]))",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="double offer: a reserved agent stays in the idle line",
        function=telling._take_place,
        right="(agent.presence, agent.occupation) in OFFERABLE",
        wrong="agent.presence.value == 'ready'",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="wrong skill",
        function=selection.heads,
        right="able.delay_s <= waited and can_take(able, needed)",
        wrong="True",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="idle gap: a freed agent looks for nothing",
        function=matching.match,
        right="for agent_id in world.fresh_agents:",
        wrong="for agent_id in ():",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="idle gap: the end of an exclusion is not looked at",
        function=step._due_exclusion,
        right="world.fresh_contacts.add(contact.id)",
        wrong="pass",
        caught_by=test_stories_offer.test_c05_given_a_ring_out_when_she_is_ready_again_then_she_gets_the_later_caller_until_the_exclusion_ends,
    ),
    Mutant(
        name="priority upside down",
        function=world.rank,
        right="(-(wish.priority",
        wrong="((wish.priority",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="last come, first served",
        function=world.rank,
        right="wish.arrived - head_start_s, parts",
        wrong="-wish.arrived, parts",
        caught_by=_an_ordinary_day,
    ),
    Mutant(
        name="starvation: ageing is never looked at again",
        function=relaxing.require,
        right="for when in (next_ring, next_priority, next_bar)",
        wrong="for when in (next_ring, next_bar)",
        caught_by=test_relaxing.test_given_ageing_when_a_contact_is_old_then_it_goes_ahead_and_the_facts_say_so,
    ),
    Mutant(
        name="starvation: a queue's weight counts for ever",
        function=score.standing,
        right="head_start_s(queue))",
        wrong="head_start_s(queue) * 1e6)",
        caught_by=test_score.test_c18_given_three_queues_when_an_agent_frees_then_weight_then_age,
    ),
    Mutant(
        name="starvation: the head start is taken away instead of given",
        function=score.standing,
        right="head_start_s(queue))",
        wrong="-head_start_s(queue))",
        caught_by=test_score.test_c18_given_equal_weights_when_targets_differ_then_the_shorter_target_is_first,
    ),
    Mutant(
        name="an emergency waits behind a high priority",
        function=matching._order,
        right="policy is not None and policy.emergency",
        wrong="False",
        caught_by=test_score.test_c51_given_older_calls_of_the_highest_priority_when_an_emergency_comes_then_it_is_the_next_offer,
    ),
    Mutant(
        name="an agent's own order of queues is passed over",
        function=matching._order,
        right="agent.profile.order.get(queue, 1)",
        wrong="1",
        caught_by=test_profile.test_given_an_order_of_her_own_when_she_frees_then_the_younger_call_of_her_first_queue,
    ),
    Mutant(
        name="a delay is never looked at again",
        function=relaxing.require,
        right="for when in (next_ring, next_priority, next_bar)",
        wrong="for when in (next_ring, next_priority)",
        caught_by=test_profile.test_given_a_delay_when_nobody_else_is_free_then_rung_at_its_second_and_the_facts_say_why,
    ),
    Mutant(
        name="a call waits for an agent who has gone home",
        function=matching.match,
        right="_let_go(world)",
        wrong="pass",
        caught_by=test_profile.test_given_a_preferred_agent_when_she_logs_out_or_is_unknown_then_nobody_waits_for_her,
    ),
    Mutant(
        name="relaxed a second too early",
        function=relaxing.rings,
        right="begins += step.after_s",
        wrong="begins += step.after_s - 1.0",
        caught_by=test_relaxing.test_c14_given_two_steps_when_time_goes_on_then_each_agent_is_rung_at_her_second,
    ),
    Mutant(
        name="any agent by default",
        function=relaxing.rings,
        right="if queue.last_resort is LastResort.ANY:",
        wrong="if True:",
        caught_by=lambda: test_relaxing.test_given_the_last_step_is_over_when_any_was_not_chosen_then_it_stays(
            LastResort.STAY, 0
        ),
    ),
    Mutant(
        name="the same agent is offered the call she let ring out",
        function=offer.charge,
        right="_exclude(world, contact, agent)",
        wrong="pass",
        caught_by=test_stories_offer.test_c05_given_two_agents_when_the_first_rings_out_then_not_ready_and_the_other_is_rung_at_once,
    ),
    Mutant(
        name="a ring-out leaves her ready",
        function=offer.charge,
        right="if _too_often(queue, agent, why) and",
        wrong="if why != 'rona' and _too_often(queue, agent, why) and",
        caught_by=test_stories_offer.test_c05_given_two_agents_when_the_first_rings_out_then_not_ready_and_the_other_is_rung_at_once,
    ),
    Mutant(
        name="no wrap-up",
        function=talk.part,
        right="world.now + wrap_up_seconds(world, contact, agent)",
        wrong="world.now",
        caught_by=test_stories_talk.test_c12_given_wrap_up_when_time_is_over_or_ready_is_said_then_available_and_the_next_caller_is_offered,
    ),
    Mutant(
        name="idle time is reset by an offer that came to nothing",
        function=offer.become_idle,
        right="if agent.pending is not None:",
        wrong="agent.idle_since += 1.0\n    if agent.pending is not None:",
        caught_by=test_selection.test_c17_given_an_idle_agent_when_others_fail_or_a_caller_goes_then_her_idle_time_stands,
    ),
    Mutant(
        name="a caller in one bridge and an agent in another count as joined",
        function=several.who_joined,
        right="bridge is not None and hers.bridge == bridge",
        wrong="True",
        caught_by=test_stories_offer.test_given_a_ringing_phone_when_the_two_are_in_different_bridges_then_no_answer,
    ),
    Mutant(
        name="ring several: two win",
        function=several.stop_others,
        right="for agent_id in _all_beside(contact):",
        wrong="for agent_id in ():",
        caught_by=lambda: (
            test_several.test_c20_given_three_ringing_phones_when_one_answers_then_the_others_are_free_and_charged_with_nothing(
                test_several.A2
            )
        ),
    ),
    Mutant(
        name="ring several: the one who was rung first counts as who answered",
        function=calls.leg_entered_bridge,
        right="if agent != contact.offer.agent:",
        wrong="if False:",
        caught_by=lambda: (
            test_several.test_c20_given_three_ringing_phones_when_one_answers_then_the_others_are_free_and_charged_with_nothing(
                test_several.A2
            )
        ),
    ),
    Mutant(
        name="ring several: one more than allowed",
        function=several.gather,
        right="while 1 + len(contact.beside) < most",
        wrong="while len(contact.beside) < most",
        caught_by=lambda: test_several.test_c49_given_a_queue_that_rings_several_when_a_call_comes_then_at_most_so_many(
            2, ("a1", "a2")
        ),
    ),
    Mutant(
        name="a share is no guarantee",
        function=matching._order,
        right="not below_guarantee(world, queue)",
        wrong="True",
        caught_by=test_shares.test_given_one_council_over_its_share_when_agents_free_then_the_other_gets_them_until_its_share,
    ),
    Mutant(
        name="a council takes one more than its cap",
        function=shares.at_cap,
        right="world.in_use.get(council, 0) + 1",
        wrong="world.in_use.get(council, 0)",
        caught_by=test_shares.test_given_a_cap_when_it_is_reached_then_nobody_is_rung_though_some_idle_and_an_emergency_is,
    ),
    Mutant(
        name="idle gap: nobody looks when a council is below its cap again",
        function=matching._after_caps,
        right="for contact in released(world):",
        wrong="for contact in ():",
        caught_by=test_shares.test_given_a_cap_when_more_agents_come_to_work_then_idle_ones_take_what_waited,
    ),
    Mutant(
        name="the floor lets the last one go",
        function=floor.is_held,
        right="<= world.floors[queue]",
        wrong="< world.floors[queue]",
        caught_by=test_floor.test_given_a_floor_of_one_when_two_are_idle_then_one_ordinary_call_is_served_and_the_emergency_at_once,
    ),
    Mutant(
        name="idle gap: the held are not set free when another frees",
        function=floor.set_free,
        right="world.fresh_agents.add(agent_id)",
        wrong="pass",
        caught_by=test_floor.test_given_a_held_agent_when_another_frees_then_the_held_one_takes_what_only_she_can,
    ),
    Mutant(
        name="an emergency's alarm sounds once only",
        function=alarm.alarm_due,
        right="arm(world, contact, contact.wish)",
        wrong="pass",
        caught_by=test_alarm.test_given_an_emergency_when_nobody_answers_then_an_alarm_every_time_until_somebody_does,
    ),
    Mutant(
        name="rung before the caller is back in hold",
        function=offer.make_offer,
        right="if contact.holding:",
        wrong="if True:",
        caught_by=test_stories_offer.test_given_an_offer_that_came_back_when_not_yet_holding_then_chosen_but_not_rung,
    ),
    Mutant(
        name="two ends for one call",
        function=talk.close,
        right="del world.contacts[contact.id]",
        wrong="pass",
        caught_by=test_stories_talk.test_given_a_contact_that_ended_when_late_events_come_then_nothing_happens,
    ),
    Mutant(
        name="a break asked in a call is taken at once",
        function=_away,
        right="(agent.occupation, event) in PRESENCE_WAITS",
        wrong="False",
        caught_by=lambda: (
            test_presence.test_c26_given_a_ringing_phone_when_leaving_is_asked_then_pending_until_after_the_wrap_up(
                Presence.NOT_READY, "agent a1 paused break"
            )
        ),
    ),
    Mutant(
        name="decides while the PBX cannot be seen",
        function=rebuild.link_lost,
        right="world.deciding = False",
        wrong="pass",
        caught_by=test_rebuild.test_given_a_lost_link_when_an_agent_says_ready_then_nobody_is_rung_before_the_pbx_is_seen,
    ),
    Mutant(
        name="round robin begins anew after a restart",
        function=rebuild._rebuild,
        right="world.turns = dict(item.told_turns) | world.turns",
        wrong="world.turns = {}",
        caught_by=test_selection.test_c16_given_round_robin_when_the_engine_is_killed_in_between_then_the_cycle_goes_on,
    ),
    Mutant(
        name="a removed agent goes on being rung",
        function=people_changed,
        right="agent.removed = True",
        wrong="agent.removed = False",
        caught_by=test_matching.test_c28_given_people_that_change_when_reloaded_then_the_removed_gets_no_offer_and_the_new_one_does,
    ),
    Mutant(
        name="overflow loses the arrival",
        function=exits.move,
        right="priority=max(",
        wrong="arrived=world.now,\n        priority=max(",
        caught_by=test_limits.test_c21_given_an_overflow_when_two_wait_in_the_other_queue_then_the_old_arrival_goes_first,
    ),
    Mutant(
        name="leave-when-empty never acts",
        function=exits.look_at_staff,
        right="watch(world, world.contacts[contact])",
        wrong="pass",
        caught_by=test_limits.test_c22_given_callers_who_wait_when_the_last_agent_logs_out_then_all_leave_within_the_time,
    ),
    Mutant(
        name="a full queue takes one more",
        function=exits.entered,
        right="inside > full.at",
        wrong="inside > full.at + 1",
        caught_by=test_limits.test_c10_given_a_full_queue_when_one_more_comes_then_refused_and_the_others_wait_on,
    ),
    Mutant(
        name="an emergency is offered a callback",
        function=exits.leave,
        right="and queue.emergency",
        wrong="and False",
        caught_by=test_limits.test_c21_given_an_emergency_when_its_way_out_is_a_callback_then_it_stays,
    ),
    Mutant(
        name="a queue that is deleted leaves orphans",
        function=limits.watch,
        right="if wish.queue not in world.queues:",
        wrong="if False:",
        caught_by=test_reload.test_c29_given_a_queue_that_is_deleted_when_calls_wait_ring_and_talk_there_then_none_is_orphaned,
    ),
    Mutant(
        name="ready ends a mandatory wrap-up",
        function=_ready,
        right="agent.wrap_up_mode is WrapUpMode.MANDATORY",
        wrong="False",
        caught_by=lambda: test_wrap_up.test_c12_given_a_mode_when_ready_is_said_in_wrap_up_then_it_ends_or_lasts(
            WrapUpMode.MANDATORY, "pending", 10.0
        ),
    ),
    Mutant(
        name="an agent's own wrap-up is ignored",
        function=talk.wrap_up_seconds,
        right="agent.profile.wrap_up_s is None",
        wrong="True",
        caught_by=lambda: test_wrap_up.test_c12_given_an_agents_own_wrap_up_when_a_call_ends_then_it_beats_the_queues(
            3.0, 3.0
        ),
    ),
)


def _mutate(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the function the wrong body in place, so that every module that imported it has the mistake."""
    function = mutant.function
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(mutant.right) == 1, f"{mutant.name}: the text to change is not there once"
    names: dict[str, object] = {}
    made = compile(source.replace(mutant.right, mutant.wrong), f"<mutant: {mutant.name}>", "exec", flags=_ANNOTATIONS)
    exec(made, function.__globals__, names)  # noqa: S102 - our own text, in a test
    changed = names[function.__name__]
    assert isinstance(changed, FunctionType)
    monkeypatch.setattr(function, "__code__", changed.__code__)


#: The modules are written with ``from __future__ import annotations``: so is the mutant compiled.
_ANNOTATIONS = 0x1000000


def test_given_the_core_as_it_is_when_an_ordinary_day_is_played_then_nothing_is_caught() -> None:
    _an_ordinary_day()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_given_a_seeded_mistake_when_the_suite_looks_then_it_is_caught(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mutate(mutant, monkeypatch)
    with pytest.raises((AssertionError, LookupError, Refused)):
        mutant.caught_by()


def test_given_the_page_of_mutants_when_read_then_every_one_is_listed() -> None:
    assert not [mutant.name for mutant in MUTANTS if f"| {mutant.name} |" not in text("docs/mutants.md")]
