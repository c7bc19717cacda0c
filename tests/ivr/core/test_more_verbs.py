"""The verbs beyond the first five, each walked: what the caller hears, where she goes, what fails towards a person."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.core.bind import bind_all
from ivr.core.check_digits import day, luhn, mod11
from ivr.core.effects import (
    AskService,
    BookCallback,
    Effect,
    Enqueue,
    Listen,
    LookAround,
    NoteAnswer,
    NoteStep,
    Play,
    RecordMessage,
    Say,
    Steer,
    Transfer,
)
from ivr.core.flow import Flow
from ivr.core.inputs import (
    Began,
    CallbackOffered,
    Done,
    Input,
    KeyPressed,
    LookedAround,
    LookedUp,
    NoKey,
    NotDone,
    NothingFound,
    NotUnderstood,
    PlaybackFailed,
    Played,
    Understood,
)
from ivr.core.load import Surroundings
from ivr.core.step import begin, step
from ivr.core.walk import Walk
from kernel.hours import LONDON, Hours, Override, Span
from kernel.ids import QueueId, TenantId
from kernel.located import ConfigErrors, parse
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.said import prompt_of
from kernel.tenant import CouncilNumber, Incident, Tenant

pytestmark = pytest.mark.unit

COUNCIL = TenantId("northmere")
HOUSING, DESK = QueueId("northmere.housing"), QueueId("northmere.desk")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


OFFICE = Hours(
    name="office",
    weekly={day: (Span(opens=9 * 60, closes=17 * 60),) for day in range(5)},
    holidays={at("2026-12-25").date(): "Christmas Day"},
)
TENANT = Tenant(
    id=COUNCIL,
    name="Northmere",
    languages=("en", "cy"),
    numbers=(CouncilNumber(number=Dialled("03069990001"), tenant=COUNCIL, flow="main"),),
    default_queue=DESK,
    hours={"office": OFFICE, "northmere.housing": OFFICE},
    transfer_to={"water": Dialled("03069990099")},
    tables={"wards": {"12": {"name": "Millside"}}},
    services=frozenset({"accounts"}),
    incidents={"flood": Incident(prompts=("flood",), begins=at("2026-12-01 00:00"), ends=at("2026-12-02 00:00"))},
)
AROUND = Surroundings(
    tenant=TENANT,
    queues={one: Queue(id=one, tenant=COUNCIL, name="x") for one in (HOUSING, DESK)},
    prompts=("ask", "flood", "sorry_no_input", "sorry_no_match"),
)
ENDS = """
  a: {verb: enqueue, queue: northmere.housing}
  b: {verb: enqueue, queue: northmere.desk, priority: 1}
  c: {verb: enqueue, queue: northmere.desk, priority: 2}
"""
A, B, C = "northmere.housing 0", "northmere.desk 1", "northmere.desk 2"


def book(**flows: str) -> dict[str, Flow]:
    """Flows by name. Raises ``ConfigErrors``."""
    bound, errors = bind_all({name: parse(text, name) for name, text in flows.items()}, AROUND)
    if errors:
        raise ConfigErrors(errors)
    return bound


def flow(steps: str, start: str = "s") -> Flow:
    return book(main=f"start: {start}\nsteps:\n{steps}")["main"]


def drive(text: str, *heard: Input, typed: str = "", tail: str = ENDS) -> list[Effect]:
    """All effects but the notes; the step under test is called ``s``."""
    _, effects = walked(flow(text + tail), *heard, typed=typed)
    return effects


def walked(on: Flow, *heard: Input, typed: str = "") -> tuple[Walk, list[Effect]]:
    walk, effects = begin(on, Began(typed=typed), language="en", number="03069990001")
    done = list(effects)
    for one in heard:
        walk, effects = step(walk, one)
        done += effects
    return walk, [effect for effect in done if not isinstance(effect, NoteStep)]


def end(effects: list[Effect]) -> str:
    last = effects[-1]
    assert isinstance(last, Enqueue)
    return f"{last.queue} {last.priority}"


def seen(when: str, waiting: int | None = None) -> LookedAround:
    return LookedAround(now=at(when).timestamp(), waiting={} if waiting is None else {HOUSING: waiting})


# C42
@pytest.mark.parametrize("of", ["office", "northmere.housing"])
@pytest.mark.parametrize(
    ("when", "expected"),
    [("2026-11-23 09:00", A), ("2026-11-23 17:00", B), ("2026-12-25 10:00", C), ("2026-12-26 10:00", B)],
)
def test_c42_given_hours_when_the_clock_says_so_then_that_way(of: str, when: str, expected: str) -> None:
    effects = drive(f"  s: {{verb: hours, of: {of}, open: a, closed: b, holiday: c}}\n", seen(when))
    assert effects[0] == LookAround()
    assert end(effects) == expected


def test_given_hours_without_a_way_for_holidays_when_it_is_one_then_it_is_closed() -> None:
    text = "  s: {verb: hours, of: office, open: a, closed: c}\n"
    tail = ENDS.replace("  b: {verb: enqueue, queue: northmere.desk, priority: 1}\n", "")
    assert end(drive(text, seen("2026-12-25 10:00"), tail=tail)) == C


def test_given_a_short_notice_when_it_is_in_force_then_it_wins() -> None:
    notice = Override(begins=at("2026-11-23 08:00"), ends=at("2026-11-23 12:00"), open=False, why="water")
    now = LookedAround(now=at("2026-11-23 10:00").timestamp(), notices={"office": (notice,)})
    assert end(drive("  s: {verb: hours, of: office, open: a, closed: b, holiday: c}\n", now)) == B


BRANCH = """
  s:
    verb: branch
    cases:
      waiting.housing > 5: a
      not open.office or weekday = 'sun': b
    otherwise: c
"""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (seen("2026-11-23 10:00", 6), A),
        (seen("2026-11-23 10:00", 5), C),
        (seen("2026-11-23 20:00", 5), B),
        # Nobody tells how many wait: the condition does not hold.
        (seen("2026-11-23 10:00"), C),
        (seen("2026-11-23 20:00"), B),
    ],
)
def test_given_conditions_when_looked_at_then_the_first_that_holds_is_taken(now: LookedAround, expected: str) -> None:
    effects = drive(BRANCH, now)
    assert effects[0] == LookAround(queues=(HOUSING,))
    assert end(effects) == expected


def test_given_variables_when_set_then_later_steps_see_them_and_nothing_is_looked_at() -> None:
    text = """
  s: {verb: set, values: {n: 2 + 3, m: n + 1, who: "'x'", fine: m = 6}, next: t}
  t: {verb: branch, cases: {fine and who = 'x' and number = '03069990001' and council = 'northmere': a}, otherwise: u}
  u: {verb: branch, cases: {yes: b}, otherwise: c}
"""
    effects = drive(text)
    assert end(effects) == A
    assert len(effects) == 1


GATHER = "  s: {{verb: gather, prompts: [ask], variable: v, tries: 2, next: a, no_input: b, no_match: c{more}}}\n"


def gather(*heard: Input, more: str = "", typed: str = "") -> list[Effect]:
    return drive(GATHER.format(more=more), *heard, typed=typed)


def keys(text: str) -> tuple[KeyPressed, ...]:
    return tuple(KeyPressed(key=key) for key in text)


# C43: '#' ends, a pause ends, the last digit ends; digits typed ahead count.
@pytest.mark.parametrize(
    ("more", "heard", "expected"),
    [
        ("", (Played(), *keys("12#")), A),
        ("", (Played(), *keys("12"), NoKey()), A),
        (", most: 2", (Played(), *keys("12")), A),
        (", most: 2", (Played(keys="12"),), A),
        (", most: 4", (Played(keys="1"), *keys("234")), A),
        # '*' begins anew.
        (", least: 2, most: 2", (Played(), *keys("1*23")), A),
        ("", (Played(), NoKey(), Played(), NoKey()), B),
        (", least: 3", (Played(), *keys("12#"), Played(), *keys("1#")), C),
        # 79927398713 is the textbook number of Luhn's rule.
        (", least: 11, check: luhn", (Played(), *keys("79927398713#")), A),
        (", least: 11, check: luhn", (Played(), *keys("79927398710#"), Played(), *keys("1#")), C),
        (", kind: date", (Played(), *keys("29022028")), A),
        (", kind: date", (Played(), *keys("29022027"), Played(), *keys("31112026")), C),
        # A dead prompt: the digits still count (C45).
        (", most: 2", (PlaybackFailed(), *keys("12")), A),
    ],
)
def test_c43_given_digits_when_typed_then_that_way(more: str, heard: tuple[Input, ...], expected: str) -> None:
    assert end(gather(*heard, more=more)) == expected


def test_given_digits_typed_ahead_when_asked_then_nothing_is_played_and_the_rest_is_kept() -> None:
    text = GATHER.format(more=", most: 2").replace("next: a", "next: m")
    menu = "  m: {verb: menu, prompts: [ask], keys: {7: a}, tries: 1, no_input: b, no_match: c}\n"
    effects = drive(text + menu, typed="127")
    assert len(effects) == 1
    assert end(effects) == A


def test_given_a_pause_when_waited_for_then_the_first_digit_has_longer_than_the_next() -> None:
    assert gather(Played(), *keys("1"))[1:] == [Listen(seconds=5.0), Listen(seconds=3.0)]


def test_given_what_was_typed_when_shown_then_it_is_in_no_repr() -> None:
    walk, effects = walked(flow(GATHER.format(more="") + ENDS), Played(), *keys("8642"))
    assert "8642" not in repr((walk, effects))
    walk, effects = walked(flow(GATHER.format(more="") + ENDS), Played(), *keys("8642#"))
    assert walk.variables == {"v": "8642"}
    assert "8642" not in repr((walk, effects))


@pytest.mark.parametrize(
    ("digits", "right"), [("9434765919", True), ("9434765918", False), ("19", True), ("17", False)]
)
def test_given_mod11_when_checked_then_as_the_nhs_number(digits: str, right: bool) -> None:  # noqa: FBT001 - a table
    assert mod11(digits) is right


def test_given_check_digits_when_one_digit_is_wrong_then_luhn_notices() -> None:
    good = "79927398713"
    assert luhn(good)
    assert not any(
        luhn(good[:place] + str(digit) + good[place + 1 :])
        for place in range(len(good))
        for digit in range(10)
        if str(digit) != good[place]
    )
    assert (day("28122026"), day("00122026"), day("1")) == ("2026-12-28", None, None)


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
