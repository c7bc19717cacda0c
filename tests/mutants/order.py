"""Seeded mistakes in who is offered to whom and in what order."""

from __future__ import annotations

from acd.core import announcing, bars, estimate, matching, relaxing, score, selection, sightings, step, talk, world
from kernel.queues import LastResort
from tests.acd.core import (
    test_announcing,
    test_phone_dies,
    test_profile,
    test_relaxing,
    test_score,
    test_stories_offer,
)
from tests.mutants.mutant import Mutant, an_ordinary_day

ORDER = (
    Mutant(
        name="a caller's language takes the place of what the queue requires",
        function=relaxing.required_at_first,
        right="return {skill: max(own.get(skill, 0), language.get(skill, 0)) for skill in (*own, *language)}",
        wrong="return language",
        caught_by=test_profile.test_given_a_language_when_a_caller_speaks_it_then_its_skills_are_required_beside_the_queues,
    ),
    Mutant(
        name="a step that was passed over in one queue is so in the next",
        function=relaxing._past_empty,
        right="stay = (wish.queue, wish.entered)",
        wrong="stay = ('', 0.0)",
        caught_by=test_relaxing.test_c15_given_a_call_that_passed_a_step_over_when_it_overflows_then_the_next_queues_step_has_its_time,
    ),
    Mutant(
        name="a place is said as if no phone rang for those ahead",
        function=estimate.position,
        right="else other.offer is not None for other in inside",
        wrong="else False for other in inside",
        caught_by=test_announcing.test_c23_given_two_who_wait_when_time_goes_on_then_each_hears_her_place_at_her_times,
    ),
    Mutant(
        name="a talk that began unseen is learned as a wait",
        function=sightings._enter_talk,
        right="departed(world, contact, answered=True, at=joined_at)",
        wrong="pass",
        caught_by=test_announcing.test_c23_given_a_lost_link_when_she_is_answered_then_scored_by_her_wait_and_the_talk_is_nobodys_wait,
    ),
    Mutant(
        name="a wait is said from departures of this morning",
        function=estimate.band_for,
        right="if when >= world.now - OLD_S",
        wrong="",
        caught_by=test_announcing.test_c23_given_departures_one_by_one_when_it_is_time_then_a_wait_is_said_from_the_fifth_on,
    ),
    Mutant(
        name="a call waits for an agent who does not serve its queue",
        function=bars._preferred,
        right="wish.queue in agent.profile.queues and until > world.now",
        wrong="until > world.now",
        caught_by=test_profile.test_given_a_preferred_agent_when_she_logs_out_or_is_elsewhere_or_unknown_then_nobody_waits_for_her,
    ),
    Mutant(
        name="a call waits for the phone that died in its talk",
        function=talk.part,
        right='None if why == "failed" else (agent.id, world.now)',
        wrong="(agent.id, world.now)",
        caught_by=test_phone_dies.test_c52_given_a_talk_when_her_phone_dies_then_it_ended_failed_and_the_caller_is_served_first,
    ),
    Mutant(
        name="something is said to a caller who is on the way back to hold",
        function=announcing.say_now,
        right="not contact.holding or contact.place is None",
        wrong="contact.place is None",
        caught_by=test_announcing.test_c23_given_a_caller_on_the_way_back_when_her_time_comes_then_nothing_is_said,
    ),
    Mutant(
        name="a wait is said from two departures",
        function=estimate.band_for,
        right="if len(heads) < LEAST:",
        wrong="if len(heads) < 2:",
        caught_by=test_announcing.test_c23_given_departures_one_by_one_when_it_is_time_then_a_wait_is_said_from_the_fifth_on,
    ),
    Mutant(
        name="wrong skill",
        function=selection.heads,
        right="able.delay_s <= waited and can_take(able, needed)",
        wrong="True",
        caught_by=an_ordinary_day,
    ),
    Mutant(
        name="idle gap: a freed agent looks for nothing",
        function=matching.match,
        right="for agent_id in world.fresh_agents:",
        wrong="for agent_id in ():",
        caught_by=an_ordinary_day,
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
        caught_by=an_ordinary_day,
    ),
    Mutant(
        name="last come, first served",
        function=world.rank,
        right="wish.arrived - head_start_s, parts",
        wrong="-wish.arrived, parts",
        caught_by=an_ordinary_day,
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
        caught_by=test_profile.test_given_a_preferred_agent_when_she_logs_out_or_is_elsewhere_or_unknown_then_nobody_waits_for_her,
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
)
