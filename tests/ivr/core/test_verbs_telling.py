"""The verbs that tell the caller something: sentences with values, looked up or not, and incidents."""

from __future__ import annotations

import pytest

from ivr.core.effects import AskService, Enqueue, Play, Say
from ivr.core.inputs import Input, LookedUp, NotDone, NothingFound, Played
from kernel.said import prompt_of
from tests.fakes.one_step import ENDS, A, B, C, drive, end, flow, seen, walked

pytestmark = pytest.mark.unit


def test_given_a_text_that_never_changes_when_said_then_it_is_a_prompt_named_by_its_content() -> None:
    text = "  s: {verb: say, text: {en: Hello., cy: Helo.}, next: a}\n"
    effects = drive(text, Played(), tail="  a: {verb: enqueue, queue: northmere.housing}\n")
    assert effects[0] == Play(prompts=(prompt_of({"en": "Hello.", "cy": "Helo."}),), language="en", interruptible=True)
    assert end(effects) == A


def test_given_a_text_with_values_when_said_then_they_are_said_properly() -> None:
    text = """
  s: {verb: set, values: {pence: 1234, day: "'2026-12-28'", digits: "'090'", at: "'14:05'"}, next: t}
  t:
    verb: say
    text:
      en: "You owe {pence:money} by {day:date}, {at:time}, account {digits:digits}."
      cy: "{pence:money} erbyn {day:date}, {at:time}, cyfrif {digits:digits}."
    next: l
  l: {verb: language, to: cy, next: u}
  u:
    verb: say
    text:
      en: "x {pence}"
      cy: "{pence:money} erbyn {day:date}, {at:time}, cyfrif {digits:digits}."
    next: a
"""
    effects = drive(text, Played(), Played(), tail="  a: {verb: enqueue, queue: northmere.housing}\n")
    texts = [effect.text for effect in effects if isinstance(effect, Say)]
    assert texts == [
        (
            "You owe 12 pounds and 34 pence by Monday the twenty-eighth of December 2026, "
            "five past two in the afternoon, account zero, nine, zero."
        ),
        (
            "12 o bunnoedd a 34 o geiniogau erbyn dydd Llun yr wythfed ar hugain o Ragfyr 2026, "
            "pum munud wedi dau y prynhawn, cyfrif dim, naw, dim."
        ),
    ]
    last = effects[-1]
    assert isinstance(last, Enqueue)
    assert last.language == "cy"


# Half a sentence is not said.
def test_given_a_value_nobody_knows_when_said_then_the_text_is_passed_over() -> None:
    text = "  s: {verb: lookup, table: wards, key: \"'99'\", values: {w: name}, next: t, not_found: t}\n"
    say = "  t: {verb: say, text: {en: 'Ward {w}', cy: '{w}'}, next: a}\n"
    assert len(drive(text + say, tail="  a: {verb: enqueue, queue: northmere.housing}\n")) == 1


@pytest.mark.parametrize(("key", "expected"), [("'12'", A), ("'13'", B), ("6 + 6", A)])
def test_given_a_table_when_looked_into_then_its_fields_are_variables(key: str, expected: str) -> None:
    text = f'  s: {{verb: lookup, table: wards, key: "{key}", values: {{w: name}}, next: t, not_found: b}}\n'
    branch = "  t: {verb: branch, cases: {w = 'Millside': a}, otherwise: c}\n"
    assert end(drive(text + branch)) == expected


# V22: a service that does not answer is its own way, towards a person.
@pytest.mark.parametrize(
    ("heard", "expected"),
    [(LookedUp(fields={"name": "x" * 300, "more": "y"}), A), (NothingFound(), B), (NotDone(), C)],
)
def test_given_a_service_when_it_answers_or_not_then_that_way(heard: Input, expected: str) -> None:
    text = "  s: {verb: lookup, service: accounts, key: number, values: {w: name}, next: a, not_found: b, failed: c}\n"
    walk, effects = walked(flow(text + ENDS), heard)
    assert effects[0] == AskService(service="accounts", key="03069990001")
    assert end(effects) == expected
    assert len(str(walk.variables.get("w", ""))) <= 200


@pytest.mark.parametrize(
    ("when", "told"), [("2026-11-30 23:59", False), ("2026-12-01 12:00", True), ("2026-12-02 00:00", False)]
)
def test_given_an_incident_when_it_lasts_then_it_is_told(when: str, told: bool) -> None:  # noqa: FBT001 - a table
    text = "  s: {verb: announce, incident: flood, next: a}\n"
    effects = drive(
        text, seen(when), *([Played()] if told else []), tail="  a: {verb: enqueue, queue: northmere.desk}\n"
    )
    assert (Play(prompts=("flood",), language="en", interruptible=True) in effects) is told
    assert isinstance(effects[-1], Enqueue)
