"""From words to meaning without any model: phrases and denials, urgency with its reason, intents by letters alone."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest

from ivr.steering.calibrate import calibration_error
from ivr.steering.classify import NONE, learn
from ivr.steering.evaluate import evaluate, thresholds
from ivr.steering.fitting import fit
from ivr.steering.phrases import found_in
from ivr.steering.picture import confusion_svg
from ivr.steering.understand import Understanding, all_turns, lesson, meant, merged, understanding
from ivr.steering.urgency import haste
from ivr.steering.wording import Wording, plain
from kernel.meaning import Answer, Guess, Meaning, Urgency
from kernel.steering import Costs, Intent, SteeringBook

pytestmark = pytest.mark.unit

BOOK = SteeringBook(
    intents={
        "bins": Intent(
            id="bins",
            says="intent_bins",
            phrases=("my bin was not emptied", "the bin men missed us", "bin not collected", "rubbish is still here"),
        ),
        "flood": Intent(
            id="flood",
            says="intent_flood",
            urgent=True,
            phrases=("my house is flooding", "the river is over its banks", "water in the street", "flood in our road"),
        ),
        "person": Intent(
            id="person",
            says="intent_person",
            person=True,
            phrases=("a person please", "speak to a person", "talk to somebody", "put me through to a person"),
        ),
    },
    out_of_scope=("order a pizza", "what is the weather", "sing a song", "my passport"),
    danger=("smell gas", "not breathing"),
    urgent=("flooding", "nowhere to sleep"),
    answers={
        "en": {
            "yes": ("yes", "that's right"),
            "no": ("no", "not that"),
            "first": ("first", "one"),
            "second": ("second", "the second one", "two"),
            "more_time": ("slow down", "slower"),
            "welsh": ("welsh", "to someone in welsh"),
        }
    },
    heard_as={"been men": "bin men"},
    slang={"bins lorry": "bin men"},
    places=("Mill Lane",),
)


@pytest.fixture(scope="module")
def taught() -> Understanding:
    return understanding(BOOK, {})


# "keyword phrases, negation-aware as far as sensible"
@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("it is flooding here", True),
        ("Flooding!", True),
        ("it's not flooding, it is only damp", False),
        ("there is no flooding", False),
        ("no, it is flooding", True),
        ("not just flooding but a fire", True),
        ("the floodings", False),
        ("it isn’t flooding", False),
        ("", False),
    ],
)
def test_given_words_when_looked_through_then_a_denied_phrase_does_not_count(said: str, found: bool) -> None:  # noqa: FBT001 - a table
    assert (found_in(said, ["flooding"]) is not None) is found


def test_given_mishearings_slang_and_places_when_read_then_in_plain_words() -> None:
    wording = Wording.of(BOOK)
    assert wording.plainly("Er, the BEEN men missed Mill Lane!") == "the bin men missed our road"
    assert plain("Don’t  stop_now…") == "don't stop now"


# "words and phrases per council; explicit and explained"
@pytest.mark.parametrize(
    ("said", "urgent", "urgency", "because"),
    [
        ("i can smell gas and it is flooding", 0.0, Urgency.DANGER, "phrase 'smell gas'"),
        ("nowhere to sleep", 0.0, Urgency.URGENT, "phrase 'nowhere to sleep'"),
        ("the beck is high", 0.3, Urgency.URGENT, "urgent intents 0.30 > 0.25"),
        ("the beck is high", 0.2, Urgency.NONE, ""),
    ],
)
def test_given_words_when_judged_for_haste_then_with_a_reason(
    said: str, urgent: float, urgency: Urgency, because: str
) -> None:
    found = haste(BOOK, said, urgent)
    assert (found.urgency, found.because) == (urgency, because)


# "homeless tonight, a child or adult at risk …, gas, …, threat to life": whatever the words, and whatever the queue.
def test_given_sentences_taught_as_urgent_when_something_like_them_is_said_then_it_is_and_the_intent_stays() -> None:
    taught = understanding(
        replace(
            BOOK,
            urgent_like={"bins": ("a man is stuck in the bin", "somebody is in the bin", "a child is in the bin")},
            danger_like=("there is smoke in the hall", "smoke is coming in", "thick smoke everywhere"),
        ),
        {},
    )
    stuck, smoke, missed = taught.explain_all(
        ["a boy is stuck in the bin", "smoke coming in the hall", "the bin men missed us"]
    )
    assert (stuck.meaning.urgency, stuck.meaning.guesses[0].intent) == (Urgency.URGENT, "bins")
    assert smoke.meaning.urgency is Urgency.DANGER
    assert smoke.meaning.because.startswith("like danger to life")
    # Nobody's call: no intent is made of it, and what is left over is not sure.
    assert all(one.sure < 0.5 for one in smoke.meaning.guesses)
    assert (missed.meaning.urgency, missed.meaning.guesses[0].intent) == (Urgency.NONE, "bins")
    assert [taught.why(one).nearest[0].intent for one in (stuck, smoke)] == ["bins", "danger"]
    for one in (stuck, smoke, missed):
        assert sum(guess.sure for guess in one.meaning.guesses) <= 1 + 1e-6


def test_given_new_words_when_understood_by_letters_then_right_and_the_rest_is_unsure(
    taught: Understanding,
) -> None:
    said = ["they have not emptied the bin", "flood water in my street", "the weather in Spain", ""]
    bins, flood, weather, nothing = (one.meaning for one in taught.explain_all(said))
    assert bins.guesses[0].intent == "bins"
    assert (flood.guesses[0].intent, flood.urgency) == ("flood", Urgency.URGENT)
    assert weather.guesses[0].sure < min(bins.guesses[0].sure, flood.guesses[0].sure)
    assert nothing == Meaning()
    assert abs(sum(one.sure for one in bins.guesses)) <= 1 + 1e-6
    assert taught.why(taught.explain("my bin")).nearest[0].intent == "bins"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("yes", Answer.YES),
        ("that's right", Answer.YES),
        ("no not that", Answer.NO),
        ("no, it is about my bin that was not emptied", Answer.NO),
        ("the first one", Answer.FIRST),
        # It was the first one: "one" is a word for it.
        ("the second one", Answer.SECOND),
        ("one", Answer.FIRST),
        ("slow down please", None),
        ("yes I was told the bins would come round on Tuesday", None),
    ],
)
def test_given_small_words_when_heard_then_answers(taught: Understanding, said: str, answer: Answer | None) -> None:
    assert taught.explain(said).meaning.answer is answer


def test_given_a_wish_for_a_person_or_welsh_when_heard_then_it_is_known(taught: Understanding) -> None:
    assert taught.explain("put me through to a person").meaning.wants_person
    assert taught.explain("in welsh please").meaning.wants_language == "cy"
    # Seven words: she got a person who speaks English only.
    assert taught.explain("can I speak to someone in Welsh").meaning.wants_language == "cy"
    assert taught.explain("there is a spelling mistake in my letter in Welsh").meaning.wants_language is None


def test_given_a_wish_for_slowness_when_said_in_a_sentence_then_it_is_known(taught: Understanding) -> None:
    assert taught.explain("could you slow down a little bit please").meaning.wants_time
    assert not taught.explain("my neighbour's car is slower than mine").meaning.wants_time


# Short words are what recognisers differ about.
def test_given_readings_that_differ_when_merged_then_what_one_heard_is_an_answer() -> None:
    unheard = Meaning(guesses=(Guess(intent="bins", sure=0.1),))
    told = merged([unheard, Meaning(answer=Answer.YES), Meaning(wants_time=True), Meaning(wants_language="cy")])
    assert (told.answer, told.wants_time, told.wants_language) == (Answer.YES, True, "cy")


def test_given_a_phrase_of_the_flow_when_said_then_it_is_certain_and_no_model_is_asked() -> None:
    def never() -> Understanding | None:
        raise AssertionError

    readings = ["a pipe burst and it is flooding", "a piper"]
    meaning = meant(BOOK, never, readings, "en", {"water": ("pipe burst", "burst")})
    assert meaning.guesses == (Guess(intent="water", sure=1.0),)
    assert meaning.urgency is Urgency.URGENT
    # Averaged with an engine that misheard, the phrase came to a third and the caller was asked again.
    assert meant(BOOK, never, [*reversed(readings)], "en", {"water": ("burst",)}).guesses[0].sure == 1.0


def test_given_two_readings_when_merged_then_their_mean_and_the_greater_haste() -> None:
    one = Meaning(guesses=(Guess(intent="a", sure=0.9), Guess(intent="b", sure=0.1)))
    two = Meaning(guesses=(Guess(intent="b", sure=0.5),), urgency=Urgency.URGENT, because="x")
    both = merged([one, two])
    assert [(guess.intent, round(guess.sure, 2)) for guess in both.guesses] == [("a", 0.45), ("b", 0.3)]
    assert both.urgency is Urgency.URGENT


def test_given_the_same_lesson_when_learned_twice_then_the_same(taught: Understanding) -> None:
    again = learn(lesson(BOOK), all_turns({}))
    assert again.labels == ("bins", "flood", "person", NONE)
    for name, view in again.views.items():
        assert np.array_equal(view.weights, taught.classifier.views[name].weights)


def test_given_points_on_two_sides_when_fitted_then_a_line_between_them() -> None:
    rows = np.array([[-1.0, 0.2], [-0.5, -0.1], [0.6, 0.1], [1.1, -0.3]], np.float32)
    weights = fit(rows, np.array([0, 0, 1, 1]), 2, strength=100.0)
    scores = rows @ weights[:-1] + weights[-1]
    assert scores.argmax(axis=1).tolist() == [0, 0, 1, 1]


# "thresholds chosen by stated costs": straight costs (1-p)·wrong, a question 1 + (1-p)·again, refusing again.
@pytest.mark.parametrize(
    ("costs", "straight", "confirm"),
    [
        (Costs(wrong=12, question=1, again=3), 8 / 9, 1 / 3),
        (Costs(wrong=3, question=1, again=3), 0.0, 1 / 3),
        (Costs(wrong=12, question=4, again=3), 1 - 4 / 9, 1.0),
        (Costs(wrong=12, question=1, again=0), 1 - 1 / 12, 1.0),
    ],
)
def test_given_costs_when_turned_to_thresholds_then_as_reckoned(costs: Costs, straight: float, confirm: float) -> None:
    assert thresholds(costs) == pytest.approx((straight, confirm))


def test_given_known_answers_when_evaluated_then_every_figure_is_what_a_hand_counts(taught: Understanding) -> None:
    given = [("", "bins", 0.9), ("", "bins", 0.8), ("", "flood", 0.7), ("x", "bins", 0.6), ("x", "flood", 0.1)]
    wanted = [("a", "bins"), ("b", "flood"), ("c", "flood"), ("d", ""), ("e", "")]
    model = taught.explain("my bin")
    found = [
        dataclasses.replace(
            model,
            meaning=Meaning(
                guesses=(Guess(intent=intent, sure=sure),),
                urgency=Urgency.URGENT if intent == "flood" else Urgency.NONE,
            ),
        )
        for _, intent, sure in given
    ]
    report = evaluate(BOOK, wanted, found)
    assert (report.in_scope, report.out_of_scope) == (3, 2)
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.auroc == 1.0
    assert (report.urgent, report.urgent_recall) == (2, 0.5)
    assert report.false_alarms == pytest.approx(1 / 3)
    assert report.at_refusal is not None
    assert (report.at_refusal.coverage, report.at_refusal.refused) == (1.0, 1.0)
    assert report.at_error is not None
    assert report.at_error.coverage == pytest.approx(1 / 3)
    assert report.at_error.accuracy == 1.0
    assert sum(map(sum, report.confusion)) == 5
    assert "<svg" in confusion_svg(report.labels, report.confusion, "a & b")
    assert "wrong" not in report.as_dict()


def test_given_confidences_that_are_true_when_measured_then_the_error_is_small() -> None:
    draw = np.random.default_rng(7)
    sure = draw.uniform(size=20_000)
    assert calibration_error(sure, draw.uniform(size=20_000) < sure) < 0.02
    assert calibration_error(np.full(10, 0.9), np.zeros(10, bool)) == pytest.approx(0.9)
