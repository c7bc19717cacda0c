"""The spoken conversation: every state with every input, urgency before everything, and nobody is ever trapped."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.dialogue import Plan, Way, decide, sure_enough
from ivr.core.effects import Listening, NoteSteering, Play
from ivr.core.effects import Steer as SteerEffect
from ivr.core.inputs import Began, Input, KeyPressed, NoKey, NotDone, NotUnderstood, PlaybackFailed, Played
from ivr.core.load import Surroundings, load_flow
from ivr.core.step import begin, step
from ivr.core.verbs.steer import DANGER, IS_IT, OR, RIGHT, WHICH
from kernel.ids import QueueId
from kernel.located import ConfigErrors, parse
from kernel.meaning import Answer, Guess, Meaning
from kernel.needs import Need
from kernel.steering import Confirm, Costs
from kernel.tenant import Tenant
from tests.fakes.small_dialogue import (
    BOOK,
    COUNCIL,
    ELSEWHERE,
    FIRST,
    FLOW,
    HALF,
    LIFE,
    LOST,
    NO,
    PERSON,
    PROMPTS,
    SECOND,
    SURE,
    TWO,
    URGENT,
    URGENT_UNCLEAR,
    WELSH,
    YES,
    flow,
    said,
    shown,
    walked,
)

pytestmark = pytest.mark.unit

#: How to come to each state from the open question.
TO = {"open": (), "right": (HALF,), "choice": (TWO,), "danger": (LIFE,)}
ASK, AGAIN_ = "asks ask", "asks again"
MENU_ = "plays menu"
R, C = f"asks intent_bins {RIGHT}", f"asks {IS_IT} intent_bins {OR} intent_roads {WHICH}"
LAW = f"plays {DANGER}"
EVERYWHERE: dict[str, tuple[Input, str]] = {
    "person": (PERSON, "n.person 0"),
    "urgent": (URGENT, "n.water 10"),
    "urgent, unclear": (URGENT_UNCLEAR, "n.urgent 10"),
    "life": (LIFE, LAW),
    "welsh": (WELSH, "n.welsh 0"),
    "no engine": (NotDone(), MENU_),
    "broken prompt": (PlaybackFailed(), MENU_),
    "another's key": (KeyPressed(key="7"), "n.silent 0"),
    "sure": (SURE, "n.waste 0"),
}
TABLE: dict[str, dict[str, tuple[Input, str]]] = {
    "open": {
        **EVERYWHERE,
        "half sure": (HALF, R),
        "two near": (TWO, C),
        "unsure": (LOST, AGAIN_),
        "not on offer": (ELSEWHERE, AGAIN_),
        "no words": (NotUnderstood(), AGAIN_),
        "silence": (NoKey(), ASK),
        "key": (KeyPressed(key="1"), "n.waste 0"),
        "yes to nothing": (YES, AGAIN_),
        "a person who speaks Welsh": (said(wants_person=True, wants_language="cy"), "n.welsh 0"),
        "slowly": (said(("bins", 0.1), wants_time=True), ASK),
        "slowly, a little like a person": (said(("other", 0.34), wants_time=True, wants_person=True), ASK),
        "hard of hearing, taken for noise": (said(("bins", 0.6), wants_time=True), ASK),
        "slowly, and what it is about": (said(("bins", 0.97), wants_time=True), "n.waste 0"),
    },
    "right": {
        **EVERYWHERE,
        "yes": (YES, "n.waste 0"),
        "no": (NO, AGAIN_),
        "key yes": (KeyPressed(key="1"), "n.waste 0"),
        "key no": (KeyPressed(key="2"), AGAIN_),
        "key person": (KeyPressed(key="0"), "n.person 0"),
        "named again": (HALF, "n.waste 0"),
        "silence": (NoKey(), R),
        # Her whole story again, because a "yes" was misheard: that was how it was.
        "no words": (NotUnderstood(), R),
        "unsure": (LOST, R),
        "yes, please": (said(("other", 0.1), answer=Answer.YES, wants_person=True), "n.waste 0"),
        # As the classifier had it: "no" is a wish for a person by 0.49, "slow down, please" by 0.34.
        "no, a little like a person": (said(("other", 0.49), answer=Answer.NO, wants_person=True), AGAIN_),
        "no, a person": (said(("other", 0.97), answer=Answer.NO, wants_person=True), "n.person 0"),
        "yes, slowly": (said(answer=Answer.YES, wants_time=True), "n.waste 0"),
        "slowly": (said(("other", 0.1), wants_time=True), R),
    },
    "choice": {
        **EVERYWHERE,
        "first": (FIRST, "n.waste 0"),
        "second": (SECOND, "n.road 0"),
        "named": (said(("roads", 0.5)), "n.road 0"),
        "no": (NO, AGAIN_),
        "key first": (KeyPressed(key="1"), "n.waste 0"),
        "key second": (KeyPressed(key="2"), "n.road 0"),
        "key neither": (KeyPressed(key="3"), AGAIN_),
        "key person": (KeyPressed(key="0"), "n.person 0"),
        "silence": (NoKey(), C),
        "no words": (NotUnderstood(), C),
        "the second, please": (said(answer=Answer.SECOND, wants_person=True), "n.road 0"),
    },
    # What was said decided already; whatever comes while 999 is named, she is put through first.
    "danger": {
        "heard": (Played(), "n.urgent 10"),
        "key": (Played(keys="5"), "n.urgent 10"),
        "broken prompt": (PlaybackFailed(), "n.urgent 10"),
    },
}


# "Exhaustive state table test": high → straight or a question; two close → "is it A or B?"; low → one re-prompt, then
# the menu or a person; a person in any words at once; keys always; urgency before everything.
@pytest.mark.parametrize(("state", "case"), [(state, case) for state, cases in TABLE.items() for case in cases])
def test_given_a_state_of_the_conversation_when_something_comes_then_this_follows(state: str, case: str) -> None:
    heard, expected = TABLE[state][case]
    _, effects = walked(*TO[state], heard)
    assert shown(effects) == expected


# "At most two tries; nobody is ever trapped."
@pytest.mark.parametrize("heard", [LOST, ELSEWHERE, NotUnderstood(), NO])
def test_given_two_misses_when_counted_then_the_way_out(heard: Input) -> None:
    assert shown(walked(heard, heard)[1]) == "n.lost 0"
    assert shown(walked(HALF, NO, heard)[1]) == "n.lost 0"
    assert shown(walked(NoKey(), NoKey())[1]) == MENU_


ANYTHING = st.sampled_from([one for cases in TABLE.values() for one, _ in cases.values()])


@settings(max_examples=200, deadline=None)
@given(st.lists(ANYTHING, min_size=12, max_size=12))
def test_given_any_twelve_answers_when_walked_then_the_conversation_is_over(heard: list[Input]) -> None:
    walk, effects = walked()
    asked = 0
    for one in heard:
        if walk.done or walk.at != "s":
            break
        walk, effects = step(walk, one)
        asked += isinstance(effects[-1], SteerEffect)
    assert walk.done or walk.at != "s"
    # Open, again, one question each, and one repeated after a silence: no more.
    assert asked <= 6


# C51: "an emergency mention reaches a person ahead of everybody (priority)"; "urgency is separate and comes first …
# raise priority at once, whatever the queue".
def test_c51_given_urgent_words_when_put_through_then_before_others_and_noted_without_words() -> None:
    _, effects = walked(HALF, URGENT)
    notes = [one for one in effects if isinstance(one, NoteSteering)]
    assert [(one.way, one.intent, one.urgency) for one in notes] == [("urgent", "flood", "urgent")]
    law = walked(LIFE)[1][-1]
    assert isinstance(law, Play)
    assert not law.interruptible


# "Vulnerability … give longer time-outs and no barge-in"
def test_given_more_time_is_needed_when_asked_then_patiently_and_without_barge_in() -> None:
    _, effects = walked(began=Began(needs=frozenset({Need.MORE_TIME})))
    ask = effects[-1]
    assert isinstance(ask, SteerEffect)
    assert (ask.patience, ask.interruptible) == (Listening(begin_s=8.0, pause_s=1.6, longest_s=24.0), False)
    # Said by herself: the question comes again, and it is no miss.
    walk, effects = walked(said(wants_time=True))
    assert shown(effects) == ASK
    assert (walk.misses, walk.needs) == (0, frozenset({Need.MORE_TIME}))


# "The whole dialogue is data": how long is listened is the council's to say.
def test_given_times_in_the_flow_when_asked_then_they_hold_and_unfit_ones_are_told() -> None:
    text = FLOW.replace("    tries: 2\n", "    tries: 2\n    timeout: 6s\n    pause: 1200ms\n    longest: 20s\n", 1)
    ask = begin(flow(text=text), Began(), language="en")[1][-1]
    assert isinstance(ask, SteerEffect)
    assert ask.patience == Listening(begin_s=6.0, pause_s=1.2, longest_s=20.0)
    with pytest.raises(ConfigErrors):
        flow(text=text.replace("1200ms", "100ms"))


# C53: "Welsh callers get … a Welsh-speaking person sooner than a bad recogniser"; C43: who typed ahead wants keys;
# "Relay UK calls skip steering".
def test_c53_given_who_cannot_be_steered_when_entering_then_keys_or_a_person_at_once() -> None:
    assert shown(begin(flow(), Began(), language="cy")[1]) == "n.welsh 0"
    assert shown(begin(flow(), Began(), language="en", relay=True)[1]) == MENU_
    assert shown(begin(flow(), Began(typed="1"), language="en")[1]) == "n.waste 0"


@pytest.mark.parametrize(
    ("confirm", "sure", "way"),
    [
        (Confirm.BY_COST, 0.95, Way.STRAIGHT),
        (Confirm.ALWAYS, 0.95, Way.QUESTION),
        (Confirm.BY_COST, 0.6, Way.QUESTION),
        (Confirm.NEVER, 0.8, Way.STRAIGHT),
        (Confirm.NEVER, 0.6, Way.AGAIN),
        (Confirm.BY_COST, 0.2, Way.AGAIN),
    ],
)
def test_given_costs_when_decided_then_the_cheapest_way(confirm: Confirm, sure: float, way: Way) -> None:
    book = dataclasses.replace(BOOK, confirm=confirm, costs=Costs(wrong=12, question=1, choice=1.5, again=3))
    meaning = Meaning(guesses=(Guess(intent="bins", sure=sure),))
    assert decide(book, meaning, ("bins",)).way is way
    assert decide(book, meaning, ("roads",)) == Plan(way=Way.AGAIN)
    assert sure_enough(book, meaning, ("bins",)) == ("bins" if sure > 0.33 else None)


def test_given_a_prompt_of_the_conversation_that_nobody_wrote_when_loaded_then_it_is_told() -> None:
    tenant = Tenant(
        id=COUNCIL, name="N", languages=("en",), numbers=(), default_queue=QueueId("n.person"), steering=BOOK
    )
    text = (
        "start: s\nsteps:\n  s: {verb: steer, prompts: [ask], intents: {bins: s}, no_input: s, no_match: s, tries: 1}"
    )
    around = Surroundings(tenant=tenant, queues={}, prompts=[one for one in PROMPTS if one != RIGHT])
    with pytest.raises(ConfigErrors) as wrong:
        load_flow(parse(text, "f"), "f", around)
    assert "f:3: unknown prompt 'steer_right'" in str(wrong.value)
