"""Mistakes in a step of any verb: each is told with its line, and nothing of it takes force."""

from __future__ import annotations

import pytest

from ivr.core.bind import bind_all
from kernel.located import parse
from tests.fakes.one_step import AROUND, GATHER

pytestmark = pytest.mark.unit

MAIN = "start: s\nsteps:\n  s: {verb: play, prompts: [ask], next: a}\n  a: {verb: enqueue, queue: northmere.desk}\n"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{verb: hours, of: ofice, open: a, closed: a}", "f:3: unknown hours 'ofice': did you mean 'office'?"),
        ("{verb: announce, incident: flod, next: a}", "f:3: unknown incident 'flod': did you mean 'flood'?"),
        ("{verb: transfer, to: watr, failed: a}", "f:3: unknown transfer 'watr': did you mean 'water'?"),
        ("{verb: language, to: fr, next: a}", "f:3: unknown language 'fr': known: cy, en"),
        ("{verb: subflow, flow: pice, next: a}", "f:3: unknown flow 'pice'"),
        ("{verb: lookup, table: ward, key: number, next: a, not_found: a}", "f:3: unknown table 'ward': did you mean"),
        ("{verb: lookup, key: number, next: a, not_found: a}", "f:3: 'lookup': give exactly one of"),
        ("{verb: branch, cases: {huor > 3: a}, otherwise: a}", "f:3: unknown name 'huor': did you mean 'hour'?"),
        ("{verb: branch, cases: {hour > : a}, otherwise: a}", "is expected"),
        ("{verb: branch, cases: {hour: a}, otherwise: a}", "f:3: a yes-no is expected, this is a number"),
        ("{verb: branch, cases: {hour = 1: b}, otherwise: a}", "f:3: unknown step 'b'"),
        ("{verb: set, values: {hour: 1}, next: a}", "'hour' is a word of the language and cannot be set"),
        ("{verb: say, text: {en: Hello}, next: a}", "f:3: step 's' has no text in 'cy'"),
        ("{verb: say, text: {en: 'x {n:mony}', cy: x}, next: a}", "unknown form 'mony': did you mean 'money'?"),
        ("{verb: say, text: {en: 'x {and}', cy: x}, next: a}", "is expected, not 'and'"),
        ("{verb: say, text: {en: 'x {', cy: x}, next: a}", "a place is written {name} or {name:form}"),
        ("{verb: say, text: {en: 'x {council:money}', cy: x}, next: a}", "a number is expected, this is a text"),
        ("{verb: goto, next: return}", "f:3: a number leads here: nothing to return to"),
        (
            "{verb: steer, prompts: [ask], intents: {x: a}, phrases: {y: [yes]}, no_input: a, no_match: a, tries: 1}",
            "unknown intent 'y'",
        ),
    ],
)
def test_given_a_mistake_in_a_verb_when_bound_then_it_is_told(step: str, expected: str) -> None:
    text = f"start: s\nsteps:\n  s: {step}\n  a: {{verb: enqueue, queue: northmere.desk}}\n"
    _, errors = bind_all({"main": parse(text, "f")}, AROUND)
    assert any(expected in str(error) for error in errors), [str(error) for error in errors]


def test_given_an_expression_that_is_wrong_when_told_then_by_line_and_column() -> None:
    text = (
        'start: s\nsteps:\n  s:\n    verb: branch\n    cases:\n      hour > 3 and huor < 4: a\n      "yes and 3": a\n'
    )
    text += "    otherwise: a\n  a: {verb: enqueue, queue: northmere.desk}\n"
    _, errors = bind_all({"main": parse(text, "f")}, AROUND)
    assert [(error.line, error.column) for error in errors] == [(6, 20), (7, 16)]


# "secret input never logged, never recorded": nor spoken, copied or sent.
@pytest.mark.parametrize(
    ("step", "fine"),
    [
        ("{verb: branch, cases: {v = '1234': a}, otherwise: a}", True),
        ("{verb: lookup, table: wards, key: v, next: a, not_found: a}", True),
        ("{verb: lookup, service: accounts, key: v, next: a, not_found: a, failed: a}", False),
        ("{verb: say, text: {en: 'x {v}', cy: x}, next: a}", False),
        ("{verb: set, values: {w: v}, next: a}", False),
        ("{verb: enqueue, queue: northmere.desk, note: 'x {v}'}", False),
    ],
)
def test_given_a_secret_when_a_step_uses_it_then_only_comparing_is_allowed(step: str, fine: bool) -> None:  # noqa: FBT001 - a table
    text = (
        GATHER.format(more=", secret: yes")
        .replace("next: a", "next: t")
        .replace("no_input: b, no_match: c", "no_input: a, no_match: a")
    )
    text = f"start: s\nsteps:\n{text}  t: {step}\n  a: {{verb: enqueue, queue: northmere.desk}}\n"
    _, errors = bind_all({"main": parse(text, "f")}, AROUND)
    assert [error.code for error in errors] == ([] if fine else ["secret"])


def test_given_flows_that_call_one_another_in_a_ring_when_bound_then_it_is_told_once() -> None:
    ring = "start: s\nsteps:\n  s: {{verb: subflow, flow: {}, next: return}}\n"
    _, errors = bind_all({"x": parse(ring.format("y"), "x"), "y": parse(ring.format("x"), "y")}, AROUND)
    assert [error.code for error in errors] == ["flow_ring"]


def test_given_a_variable_of_two_types_when_bound_then_it_is_told() -> None:
    text = (
        "start: s\nsteps:\n  s: {verb: set, values: {n: 1}, next: t}\n  t: {verb: set, values: {n: \"'x'\"}, next: a}\n"
    )
    _, errors = bind_all({"f": parse(text + "  a: {verb: enqueue, queue: northmere.desk}\n", "f")}, AROUND)
    assert [str(error) for error in errors] == ["f:4: 'n' is a text here and a number elsewhere"]
