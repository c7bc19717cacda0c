"""Seeded mistakes in transfers, consults and supervision."""

from __future__ import annotations

from acd.core import consult, handing_on, leaving, moving_goal, offer, parting, parting_seen, supervision
from kernel.commands import Oversight
from tests.acd.core import test_callbacks, test_consults, test_moves_refused, test_supervision, test_transfers
from tests.mutants.mutant import Mutant

TRANSFERS = (
    Mutant(
        name="a supervisor is bound by a call that rests",
        function=supervision._waiting,
        right="if rests(contact):",
        wrong="if False:",
        caught_by=lambda: (
            test_callbacks.test_c24_given_a_resident_who_rests_when_asked_about_or_pulled_then_not_due_and_nobody_is_bound(
                Oversight.PULL
            )
        ),
    ),
    Mutant(
        name="a transfer to a queue loses the age",
        function=handing_on.to_line,
        right="moved_in=round(world.now, 6)",
        wrong="moved_in=None, arrived=world.now",
        caught_by=test_transfers.test_c32_given_a_talk_when_sent_to_another_queue_then_age_priority_and_own_wishes_go_along,
    ),
    Mutant(
        name="a transfer forgets what the caller wanted",
        function=handing_on.skills_in,
        right="if old.get(name, 0) < level",
        wrong="if False",
        caught_by=test_transfers.test_c32_given_a_caller_who_wanted_more_than_the_queue_when_sent_on_then_that_wish_is_kept,
    ),
    Mutant(
        name="a transfer rings an agent who is not free",
        function=handing_on.may_be_sent_to,
        right="(agent.presence, agent.occupation) in OFFERABLE",
        wrong="True",
        caught_by=test_moves_refused.test_c30_given_a_talk_when_sent_to_an_agent_who_is_not_free_then_refused_and_the_talk_goes_on,
    ),
    Mutant(
        name="a blind transfer that failed is told as waiting nowhere",
        function=offer.tell_back_in_line,
        right='offer.via == "transfer_agent"',
        wrong='offer.via == "never"',
        caught_by=lambda: (
            test_transfers.test_c30_given_a_blind_transfer_when_she_does_not_take_it_then_the_line_with_the_old_place(
                "rona"
            )
        ),
    ),
    Mutant(
        name="any number outside can be reached",
        function=moving_goal.goal_of,
        right="number = world.outside.get(contact.tenant, {}).get(to)",
        wrong="number = Dialled(to)",
        caught_by=test_transfers.test_c30_given_an_allow_list_when_sent_outside_by_name_then_dialled_and_any_other_text_is_refused,
    ),
    Mutant(
        name="a call is sent to whoever may not take that council's",
        function=moving_goal._takes,
        right="council in agent.profile.councils or ALL_COUNCILS in agent.profile.councils",
        wrong="True",
        caught_by=test_moves_refused.test_c48_given_another_councils_agent_or_queue_when_a_call_is_sent_there_then_refused_unless_somebody_may,
    ),
    Mutant(
        name="a caller on hold is left alone when the agent hangs up",
        function=parting._to_line,
        right="    to_line(world, contact)",
        wrong="    pass",
        caught_by=test_transfers.test_c30_given_a_hold_by_command_when_the_agent_hangs_up_then_the_caller_is_back_in_the_line,
    ),
    Mutant(
        name="a stale word of an older consult is believed",
        function=consult.parted,
        right="contact.parting.id != consult",
        wrong="False",
        caught_by=test_consults.test_c31_given_a_second_consult_when_a_late_word_of_the_first_comes_then_it_is_passed_over,
    ),
    Mutant(
        name="hanging up while it rings is taken for the other's refusal",
        function=leaving.hang_up_heard,
        right="if leg.id == contact.parting.agent_leg:",
        wrong="if False:",
        caught_by=test_consults.test_c31_given_a_ringing_phone_when_she_is_heard_hanging_up_then_the_other_legs_end_is_no_refusal,
    ),
    Mutant(
        name="a restarted engine takes two who consult for a phone that rings",
        function=parting_seen._state,
        right="target.bridge == by.bridge",
        wrong="False",
        caught_by=lambda: (
            test_transfers.test_c46_given_a_transfer_when_the_engine_is_killed_in_the_middle_then_the_next_one_goes_on_with_it(
                "consulting"
            )
        ),
    ),
    Mutant(
        name="anybody may supervise",
        function=supervision._outcome,
        right="not boss.profile.supervisor",
        wrong="False",
        caught_by=lambda: test_supervision.test_c37_given_anybody_else_when_she_asks_then_refused_and_nothing_is_told(
            Oversight.LISTEN
        ),
    ),
    Mutant(
        name="a supervisor of any council may listen",
        function=supervision._answers_for,
        right="return council in",
        wrong="return True or council in",
        caught_by=lambda: test_supervision.test_c37_given_a_supervisor_of_another_council_when_she_asks_then_refused(
            Oversight.LISTEN
        ),
    ),
)
