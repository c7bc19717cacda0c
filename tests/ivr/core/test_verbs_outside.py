"""The verbs that ask the outside: each of its failures is a way towards a person."""

from __future__ import annotations

import pytest

from ivr.core.effects import BookCallback, Effect, NoteAnswer, RecordMessage, Steer, Transfer
from ivr.core.inputs import (
    CallbackOffered,
    Done,
    Input,
    KeyPressed,
    NoKey,
    NotDone,
    NotUnderstood,
    PlaybackFailed,
    Played,
    Understood,
)
from kernel.number import Dialled
from tests.fakes.one_step import ENDS, HOUSING, A, B, C, book, drive, end, walked

pytestmark = pytest.mark.unit


# Law 5: whatever the outside cannot do ends at a person.
@pytest.mark.parametrize(
    ("verb", "before", "effect"),
    [
        ("{verb: transfer, to: water, failed: b}", (), Transfer(to=Dialled("03069990099"), ring_s=30.0)),
        (
            "{verb: voicemail, box: x, prompts: [ask], next: b, failed: b}",
            (Played(),),
            RecordMessage(box="x", longest_s=120.0),
        ),
        (
            "{verb: callback, queue: northmere.housing, next: b, failed: b}",
            (CallbackOffered(number="01632960123"), Played(), KeyPressed(key="1")),
            BookCallback(queue=HOUSING, language="en", number="01632960123"),
        ),
        (
            "{verb: survey, name: x, prompts: [ask], answers: {5: good}, next: b}",
            (Played(), KeyPressed(key="5")),
            NoteAnswer(survey="x", answer="good"),
        ),
    ],
)
def test_given_a_service_that_is_not_there_when_asked_then_the_flow_goes_on_to_a_person(
    verb: str, before: tuple[Input, ...], effect: Effect
) -> None:
    tail = "  b: {verb: enqueue, queue: northmere.desk, priority: 1}\n"
    effects = drive(f"  s: {verb}\n", *before, NotDone(), tail=tail)
    assert effects[-2] == effect
    assert end(effects) == B


def test_given_a_message_or_a_promise_when_done_then_next() -> None:
    for verb, before in (
        ("{verb: voicemail, box: x, prompts: [ask], next: a, failed: b}", (Played(),)),
        ("{verb: callback, queue: northmere.housing, next: a, failed: b}", ()),
    ):
        tail = ENDS.replace("  c: {verb: enqueue, queue: northmere.desk, priority: 2}\n", "")
        assert end(drive(f"  s: {verb}\n", *before, Done(), tail=tail)) == A


@pytest.mark.parametrize(
    ("heard", "notes"),
    [
        ((Played(), NoKey()), 0),
        ((Played(), KeyPressed(key="3")), 0),
        ((PlaybackFailed(),), 0),
        ((Played(keys="5"), Done()), 1),
    ],
)
def test_given_a_survey_when_answered_or_not_then_the_call_goes_on(heard: tuple[Input, ...], notes: int) -> None:
    text = "  s: {verb: survey, name: x, prompts: [ask], answers: {5: good}, next: b}\n"
    effects = drive(text, *heard, tail="  b: {verb: enqueue, queue: northmere.desk, priority: 1}\n")
    assert end(effects) == B
    assert sum(isinstance(effect, NoteAnswer) for effect in effects) == notes


STEER = """
  s:
    verb: steer
    prompts: [ask]
    intents: {bins: a}
    phrases: {bins: [rubbish]}
    no_input: b
    no_match: c
    tries: 2
"""


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ((Understood(intent="bins"),), A),
        ((NotUnderstood(), NotUnderstood()), C),
        ((Understood(intent="parking"), Understood(intent="bins")), A),
        ((NoKey(), NoKey()), B),
        ((NotDone(),), B),
        ((PlaybackFailed(),), B),
        ((KeyPressed(key="1"),), B),
    ],
)
def test_given_speech_when_understood_or_not_then_that_way(heard: tuple[Input, ...], expected: str) -> None:
    effects = drive(STEER, *heard)
    assert effects[0] == Steer(prompts=("ask",), language="en", intents={"bins": ("rubbish",)})
    assert end(effects) == expected


def test_given_a_piece_when_called_then_its_return_goes_on_in_the_flow_that_called() -> None:
    main = (
        "start: s\nsteps:\n  s: {verb: subflow, flow: piece, next: t}\n"
        "  t: {verb: branch, cases: {n = 1: a}, otherwise: b}\n"
        "  a: {verb: enqueue, queue: northmere.housing}\n  b: {verb: enqueue, queue: northmere.desk, priority: 1}\n"
    )
    piece = (
        "start: p\nsteps:\n  p: {verb: play, prompts: [ask], next: q}\n  q: {verb: set, values: {n: 1}, next: return}\n"
    )
    walk, effects = walked(book(main=main, piece=piece)["main"], Played())
    assert end(effects) == A
    assert (walk.flow.name, walk.frames) == ("main", ())
