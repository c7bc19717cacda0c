"""The walk through a flow: every way a caller can behave ends in a queue or an honest end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.effects import Effect, Enqueue, HangUp, Listen, NoteStep, Play
from ivr.core.flow import Flow
from ivr.core.inputs import Began, Input, KeyPressed, NoKey, PlaybackFailed, Played
from ivr.core.load import Surroundings, load_flow
from ivr.core.step import MAX_STEPS, begin, step
from ivr.core.walk import Walk
from kernel.ids import QueueId, TenantId
from kernel.located import parse
from kernel.queues import Queue
from kernel.tenant import Tenant

pytestmark = pytest.mark.unit

COUNCIL = TenantId("northmere")
WASTE, URGENT, DESK = QueueId("northmere.waste"), QueueId("northmere.urgent"), QueueId("northmere.desk")
AROUND = Surroundings(
    tenant=Tenant(id=COUNCIL, name="Northmere", languages=("en", "cy"), numbers=(), default_queue=DESK),
    queues={
        WASTE: Queue(id=WASTE, tenant=COUNCIL, name="Bins", skills={"waste": 1}),
        URGENT: Queue(id=URGENT, tenant=COUNCIL, name="Urgent", priority=10),
        DESK: Queue(id=DESK, tenant=COUNCIL, name="Desk"),
    },
    prompts=("welcome", "choices", "bye", "law", "sorry_no_input", "sorry_no_match"),
)
MAIN = """
start: welcome
steps:
  welcome: {verb: play, prompts: [welcome], next: choices}
  choices:
    verb: menu
    prompts: [choices]
    keys: {1: bins, 2: more, 8: info, 9: urgent, "*": choices}
    timeout: 5s
    tries: 3
    no_input: silent
    no_match: lost
  more:
    verb: menu
    prompts: [choices]
    keys: {1: urgent, 2: choices}
    tries: 2
    no_input: silent
    no_match: lost
  info: {verb: play, prompts: [law], interruptible: no, next: bye}
  bye: {verb: hangup}
  bins: {verb: enqueue, queue: northmere.waste}
  urgent: {verb: enqueue, queue: northmere.urgent, language: cy}
  silent: {verb: goto, next: desk}
  desk: {verb: enqueue, queue: northmere.desk, priority: 3}
  lost: {verb: enqueue, queue: northmere.desk}
"""


def flow(text: str = MAIN) -> Flow:
    return load_flow(parse(text, "main.yaml"), "main", AROUND)


def drive(*heard: Input, typed: str = "", text: str = MAIN) -> tuple[Walk, list[Effect]]:
    """The walk after these inputs, and all effects but the notes."""
    walk, effects = begin(flow(text), Began(typed=typed), language="en")
    done = list(effects)
    for one in heard:
        walk, effects = step(walk, one)
        done += effects
    return walk, [effect for effect in done if not isinstance(effect, NoteStep)]


#: One round of a menu in which the caller says nothing.
SILENCE: tuple[Input, ...] = (Played(), NoKey())
SILENCE_THEN_WRONG: tuple[Input, ...] = (*SILENCE, Played(), KeyPressed(key="7"))


def says(*prompts: str, interruptible: bool = True) -> Play:
    return Play(prompts=prompts, language="en", interruptible=interruptible)


BINS = Enqueue(queue=WASTE, priority=0, skills={"waste": 1}, language="en")
PERSON = Enqueue(queue=DESK, priority=0, skills={}, language="en")


def test_given_a_patient_caller_when_a_key_is_pressed_then_the_queue_has_the_policys_wish() -> None:
    walk, effects = drive(Played(), Played(), KeyPressed(key="1"))
    assert effects == [says("welcome"), says("choices"), Listen(seconds=5.0), BINS]
    assert walk.done


def test_given_enqueue_with_its_own_words_when_reached_then_they_win_over_the_policy() -> None:
    _, effects = drive(Played(), Played(), KeyPressed(key="9"))
    assert effects[-1] == Enqueue(queue=URGENT, priority=10, skills={}, language="cy")
    _, effects = drive(Played(), *SILENCE * 3)
    assert effects[-1] == Enqueue(queue=DESK, priority=3, skills={}, language="en")


# Every step the caller reaches is noted, in order.
def test_given_a_walk_when_steps_are_entered_then_each_is_noted_once() -> None:
    walk, first = begin(flow(), Began(typed="1"), language="en")
    notes = [effect.step for effect in first if isinstance(effect, NoteStep)]
    assert notes == ["welcome", "choices", "bins"]
    assert walk.entered == 3


# C43: digits typed ahead. Kept through the greeting and used by the next menu at once, without playing it.
@pytest.mark.parametrize("heard", [Played(keys="1"), Played(keys="19")])
def test_c43_given_a_key_during_the_greeting_when_the_menu_comes_then_it_is_taken_unheard(heard: Played) -> None:
    _, effects = drive(heard)
    assert effects == [says("welcome"), BINS]


def test_given_keys_before_the_flow_when_it_begins_then_nothing_needs_to_be_heard() -> None:
    _, effects = drive(typed="1")
    assert effects == [BINS]


def test_given_two_keys_ahead_when_two_menus_follow_then_each_takes_one() -> None:
    _, effects = drive(Played(keys="21"))
    assert effects == [says("welcome"), Enqueue(queue=URGENT, priority=10, skills={}, language="cy")]


def test_given_a_key_during_the_menu_when_it_is_on_offer_then_it_is_taken_without_listening() -> None:
    _, effects = drive(Played(), Played(keys="1"))
    assert effects[-1] == BINS


# A wrong key drops what was typed after it: it was meant for another place.
def test_given_a_wrong_key_ahead_when_the_menu_comes_then_the_rest_is_dropped_and_the_choices_are_said() -> None:
    walk, effects = drive(Played(keys="71"))
    assert effects[-1] == says("sorry_no_match", "choices")
    assert walk.keys == ""


# C43: no input x3 -> its step; each retry says so and repeats the choices.
def test_c43_given_silence_three_times_when_tries_are_three_then_no_input_is_the_way() -> None:
    _, effects = drive(Played(), Played(), NoKey(), Played(), NoKey(), Played(), NoKey())
    assert effects == [
        says("welcome"),
        says("choices"),
        Listen(seconds=5.0),
        says("sorry_no_input", "choices"),
        Listen(seconds=5.0),
        says("sorry_no_input", "choices"),
        Listen(seconds=5.0),
        Enqueue(queue=DESK, priority=3, skills={}, language="en"),
    ]


# C43: invalid x3 -> its step.
def test_c43_given_wrong_keys_three_times_when_tries_are_three_then_no_match_is_the_way() -> None:
    wrong = KeyPressed(key="7")
    walk, effects = drive(Played(), Played(), wrong, Played(), wrong, Played(), wrong)
    assert effects[-1] == PERSON
    assert walk.at == "lost"
    assert [effect for effect in effects if isinstance(effect, Play)][2:] == [says("sorry_no_match", "choices")] * 2


def test_given_silence_and_wrong_keys_in_turn_when_counted_then_each_counts_by_itself() -> None:
    walk, _ = drive(Played(), *SILENCE_THEN_WRONG * 2)
    assert not walk.done
    walk, _ = step(walk, Played())
    walk, effects = step(walk, NoKey())
    assert (walk.at, effects[-1]) == ("desk", Enqueue(queue=DESK, priority=3, skills={}, language="en"))


def test_given_star_when_it_leads_to_the_menu_itself_then_it_is_said_again_and_counts_begin_anew() -> None:
    walk, effects = drive(Played(), Played(), NoKey(), Played(), KeyPressed(key="*"))
    assert effects[-1] == says("choices")
    assert (walk.silences, walk.misses) == (0, 0)


def test_given_a_prompt_that_must_be_heard_when_keys_wait_then_it_is_played_and_the_call_ends_informed() -> None:
    _, effects = drive(Played(), Played(keys="81"), Played())
    assert effects[-2:] == [says("law", interruptible=False), HangUp(why="informed")]


# C45: a dead prompt file never ends the call; silence is kept short (P15: 3 s).
def test_c45_given_a_dead_menu_prompt_when_playing_fails_then_the_key_still_counts() -> None:
    _, effects = drive(Played(), PlaybackFailed(), KeyPressed(key="1"))
    assert effects[-2:] == [Listen(seconds=2.0), BINS]


def test_given_a_dead_greeting_when_playing_fails_then_the_menu_follows() -> None:
    _, effects = drive(PlaybackFailed(), Played(), KeyPressed(key="1"))
    assert effects[1:] == [says("choices"), Listen(seconds=5.0), BINS]


def test_given_two_failures_in_a_row_when_playing_then_a_person_it_is() -> None:
    walk, effects = drive(PlaybackFailed(), PlaybackFailed())
    assert effects[-1] == PERSON
    assert walk.done
    _, effects = drive(Played(), PlaybackFailed(), NoKey(), PlaybackFailed())
    assert effects[-1] == PERSON


# Law 5: hung up on in silence she would never know why.
def test_given_the_last_words_fail_when_the_call_would_end_then_a_person_instead() -> None:
    _, effects = drive(Played(), Played(keys="8"), PlaybackFailed())
    assert effects[-1] == PERSON


# No loops for ever: a hundred steps, then a person.
def test_given_a_caller_who_goes_round_when_a_hundred_steps_are_done_then_a_person_it_is() -> None:
    walk, effects = begin(flow(), Began(), language="en")
    for _ in range(3 * MAX_STEPS):
        if walk.done:
            break
        walk, effects = step(walk, KeyPressed(key="*") if isinstance(effects[-1], Listen) else Played())
    assert walk.entered == MAX_STEPS
    assert effects[-1] == PERSON


def test_given_a_finished_walk_when_more_is_heard_then_nothing_happens() -> None:
    walk, _ = drive(typed="1")
    assert step(walk, KeyPressed(key="2")) == (walk, ())


HEARD = st.one_of(
    st.builds(Played, keys=st.text("0123456789*#x", max_size=3)),
    st.builds(KeyPressed, key=st.sampled_from("0123456789*#")),
    st.just(NoKey()),
    st.just(PlaybackFailed()),
)


# ARCHITECTURE: every flow reaches an end; each answer of the walk waits for something or ends.
@settings(deadline=None, max_examples=200)
@given(st.text("0123456789*#", max_size=5), st.lists(HEARD, max_size=40))
def test_given_any_behaviour_when_walked_then_one_effect_waits_or_the_flow_is_over(
    typed: str, heard: list[Input]
) -> None:
    walk, effects = begin(flow(), Began(typed=typed), language="en")
    for one in heard:
        assert not any(isinstance(effect, Play | Listen | Enqueue | HangUp) for effect in effects[:-1])
        assert isinstance(effects[-1], Enqueue | HangUp) == walk.done
        if walk.done:
            return
        walk, effects = step(walk, one)


# Keys are personal data: they are in no repr, so in no log and no traceback.
def test_given_keys_when_shown_then_they_are_not_in_the_repr() -> None:
    walk, _ = drive(Played(keys="8"), typed="8642")
    shown = repr((walk, Began(typed="8642"), Played(keys="8642"), KeyPressed(key="8642")))
    assert "8642" not in shown
