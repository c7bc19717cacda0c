"""Seeded mistakes in offers, talks and what comes after a restart."""

from __future__ import annotations

from acd.core import calls, offer, rebuild, rebuild_agents, several, talk, telling
from acd.core.people import people_changed
from acd.core.presence import _away, _ready
from kernel.agent import Presence
from kernel.queues import IdleAfterLost, WrapUpMode
from tests.acd.core import (
    test_fallback,
    test_gone_at_once,
    test_matching,
    test_presence,
    test_rebuild,
    test_selection,
    test_several,
    test_stories_offer,
    test_stories_talk,
    test_supervision,
    test_wrap_up,
)
from tests.mutants.mutant import Mutant, an_ordinary_day

OFFERS = (
    Mutant(
        name="what a dead engine said of a caller stands on",
        function=rebuild._recall_waits,
        right="world.contacts[contact_id].told_nobody = 0.0",
        wrong="pass",
        caught_by=test_fallback.test_given_an_engine_killed_with_a_caller_in_app_queue_when_the_next_one_looks_then_no_old_bar_stands,
    ),
    Mutant(
        name="a restart forgets the break she asked for",
        function=rebuild_agents._restore,
        right="agent.pending, agent.pending_aux = kept.pending, kept.pending_aux",
        wrong="pass",
        caught_by=test_presence.test_c26_given_a_pending_break_when_the_engine_is_killed_in_the_talk_then_it_is_taken_all_the_same,
    ),
    Mutant(
        name="a reload undoes a supervisor's move",
        function=people_changed,
        right="profile if agent.moved_to is None else replace(profile, queues=agent.moved_to)",
        wrong="profile",
        caught_by=test_supervision.test_given_a_caller_nobody_serves_when_an_agent_is_moved_there_then_she_is_rung_and_it_stays,
    ),
    Mutant(
        name="a call waits for the agent whose phone hung up as it answered",
        function=talk.no_talk,
        right="contact.last_agent = None",
        wrong="pass",
        caught_by=test_gone_at_once.test_given_two_who_met_for_a_moment_when_her_phone_is_gone_then_the_caller_is_served_first_by_another,
    ),
    Mutant(
        name="lost place after a ring-out",
        function=offer.place_in_line,
        right="standing(world, contact, wish))",
        wrong="(-contact.priority, contact.since, *standing(world, contact, wish)[2:]))",
        caught_by=an_ordinary_day,
    ),
    Mutant(
        name="double offer: a reserved agent stays in the idle line",
        function=telling._take_place,
        right="(agent.presence, agent.occupation) in OFFERABLE",
        wrong="agent.presence.value == 'ready'",
        caught_by=an_ordinary_day,
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
        name="idle time stands though the queue says anew",
        function=offer.lost_while_ringing,
        right="world.agents[agent].idle_since = at",
        wrong="pass",
        caught_by=lambda: (
            test_selection.test_c17_given_a_queue_when_a_call_is_lost_while_ringing_then_her_idle_time_does_as_it_says(
                IdleAfterLost.ANEW, "a2"
            )
        ),
    ),
    Mutant(
        name="idle time begins anew by a call that is lost, unasked",
        function=offer.lost_while_ringing,
        right="queue_of(world, contact.wish).idle_after_lost is IdleAfterLost.KEPT",
        wrong="False",
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
