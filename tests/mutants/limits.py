"""Seeded mistakes in shares, the floor and the ways out of a queue."""

from __future__ import annotations

from acd.core import alarm, exits, floor, limits, matching, relaxing, shares
from tests.acd.core import test_alarm, test_floor, test_limits, test_overflow, test_relaxing, test_reload, test_shares
from tests.mutants.mutant import Mutant

LIMITS = (
    Mutant(
        name="a council below its share is served in her own order",
        function=matching._order,
        right="(not below_guarantee(world, queue), own)",
        wrong="(own, not below_guarantee(world, queue))",
        caught_by=test_shares.test_given_a_council_below_its_share_when_she_frees_who_serves_it_last_then_its_caller_all_the_same,
    ),
    Mutant(
        name="a cap bars a caller, and the facts do not say so",
        function=matching._serve,
        right="world.cap_passed.append(contact.id)",
        wrong="pass",
        caught_by=test_shares.test_given_a_ring_out_and_another_who_takes_the_council_to_its_cap_again_then_the_facts_bar_the_first,
    ),
    Mutant(
        name="idle gap: below its cap a council's line stops at one who was refused",
        function=shares._may_be_others,
        right="or bool(contact.excluded)",
        wrong="",
        caught_by=test_shares.test_given_a_refused_caller_ahead_when_a_council_comes_below_its_cap_then_the_one_behind_is_served,
    ),
    Mutant(
        name="idle gap: below its cap a council's line stops at one who is delayed",
        function=shares._may_be_others,
        right="or delayed",
        wrong="",
        caught_by=test_shares.test_given_a_delayed_caller_ahead_when_a_council_comes_below_its_cap_then_the_one_behind_is_served,
    ),
    Mutant(
        name="the steps of a queue count from the first arrival",
        function=relaxing.rings,
        right="required_at_first(queue, wish), wish.entered, 0",
        wrong="required_at_first(queue, wish), wish.arrived, 0",
        caught_by=test_relaxing.test_given_a_call_that_overflowed_when_its_changes_are_due_then_steps_by_the_queue_and_age_by_the_call,
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
        name="overflow loses the arrival",
        function=exits.move,
        right="priority=max(",
        wrong="arrived=world.now,\n        priority=max(",
        caught_by=test_overflow.test_c21_given_an_overflow_when_two_wait_in_the_other_queue_then_the_old_arrival_goes_first,
    ),
    Mutant(
        name="leave-when-empty never acts",
        function=exits.look_at_staff,
        right="watch(world, world.contacts[contact])",
        wrong="pass",
        caught_by=test_limits.test_c22_given_callers_who_wait_when_the_last_agent_logs_out_then_all_leave_within_the_time,
    ),
    Mutant(
        name="an overflow lowers the priority",
        function=exits.move,
        right="max(wish.priority, target.priority if target else 0)",
        wrong="target.priority if target else 0",
        caught_by=test_overflow.test_c21_given_an_overflow_of_a_call_of_high_priority_when_it_moves_then_it_stays_ahead,
    ),
    Mutant(
        name="a queue is full one too early",
        function=exits.entered,
        right="if inside > full.at:",
        wrong="if inside >= full.at:",
        caught_by=test_limits.test_c10_given_a_full_queue_when_one_more_comes_then_refused_and_the_others_wait_on,
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
)
