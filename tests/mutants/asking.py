"""Seeded mistakes in asking first and in wished places."""

from __future__ import annotations

from acd.core import asking, exits, relaxing, rewriting, wished_place
from tests.acd.core import test_asking, test_wished_place
from tests.mutants.mutant import Mutant

ASKING = (
    Mutant(
        name="relaxed before the caller said yes",
        function=relaxing.open_rings,
        right="ring.ask is None",
        wrong="True",
        caught_by=test_asking.test_c53_given_a_welsh_line_when_the_step_comes_then_she_is_asked_and_nobody_is_rung_before_her_yes,
    ),
    Mutant(
        name="a later step comes by the back door",
        function=relaxing.open_rings,
        right="takewhile(",
        wrong="filter(",
        caught_by=test_asking.test_given_steps_after_one_that_asks_when_she_has_not_agreed_then_none_of_them_begins,
    ),
    Mutant(
        name="asked about agents who are not there",
        function=asking.ask_now,
        right="is Staffing.NOBODY",
        wrong="is None",
        caught_by=test_asking.test_given_nobody_logged_in_to_make_do_with_when_the_step_comes_then_she_is_not_asked_until_somebody_is,
    ),
    Mutant(
        name="asked once and never again",
        function=asking.schedule_question,
        right="if again <= 0.0:",
        wrong="if True:",
        caught_by=test_asking.test_given_no_answer_when_time_goes_on_then_asked_again_each_minute_and_served_by_who_has_the_skill,
    ),
    Mutant(
        name="a yes follows the call into another queue",
        function=exits.move,
        right="agreed=0",
        wrong="agreed=wish.agreed",
        caught_by=test_asking.test_given_a_yes_when_the_call_overflows_then_it_holds_no_more,
    ),
    Mutant(
        name="a wished place gets past a higher priority",
        function=wished_place._band,
        right="and math.floor(other.priority) == band",
        wrong="",
        caught_by=lambda: (
            test_wished_place.test_c10_given_a_wished_place_when_she_comes_then_there_in_her_own_band_and_never_before_a_higher_priority(
                1, "hnab"
            )
        ),
    ),
    Mutant(
        name="a wished place throws those ahead back",
        function=wished_place.take_wished_place,
        right="for other in line[: wish.place - 1]:",
        wrong="for other in ():",
        caught_by=lambda: (
            test_wished_place.test_c10_given_a_wished_place_when_she_comes_then_there_in_her_own_band_and_never_before_a_higher_priority(
                2, "hanb"
            )
        ),
    ),
    Mutant(
        name="an older word of the caller undoes a change of the wish",
        function=rewriting.newest,
        right="told.written >= known.written",
        wrong="True",
        caught_by=test_wished_place.test_c10_given_a_place_just_given_when_an_older_word_is_heard_then_the_order_stands,
    ),
)
