"""The static fallback: the flow interpreter with everything out, and the dialplan made of the flow, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.asterisk.static_dialplan import static_dialplan
from guildhall.static_wiring import with_notices
from ivr.core.effects import Effect, Enqueue, HangUp, Listen, LookAround, NoteStep, Play, Say
from ivr.core.fallback import static_flow
from ivr.core.flow import Flow, Verb
from ivr.core.inputs import Began, Input, KeyPressed, LookedAround, NoKey, NotDone, PlaybackFailed, Played
from ivr.core.step import begin, step
from ivr.core.verbs import VERBS
from kernel.hours import LONDON, Hours, Override, Span, open_at
from kernel.ids import QueueId, TenantId
from kernel.queues import Queue
from kernel.tenant import Incident
from tests.fakes.dialplan import DialplanCall, parse

pytestmark = pytest.mark.unit

T = TypeVar("T")
#: Without `explain`: Python 3.11 traces every line for it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
COUNCIL, DEFAULT = TenantId("northmere"), QueueId("northmere.general")
MADE_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LANGUAGES = ("en", "cy")
QUEUES = {
    queue.id: queue
    for queue in (
        Queue(id=DEFAULT, tenant=COUNCIL, name="Any", skills={"general": 1}, priority=1),
        Queue(id=QueueId("northmere.waste"), tenant=COUNCIL, name="Bins", skills={"waste": 2}),
    )
}
OFFICE = Hours(
    name="office",
    weekly={day: (Span(opens=540, closes=1020),) for day in range(5)} | {4: (Span(opens=1320, closes=360),)},
    holidays={date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day (substitute)"},
    overrides=(
        Override(
            begins=datetime(2026, 12, 24, 12, tzinfo=LONDON),
            ends=datetime(2026, 12, 25, 10, tzinfo=LONDON),
            open=False,
            why="early closing",
        ),
        Override(
            begins=datetime(2026, 12, 28, 9, tzinfo=LONDON),
            ends=datetime(2026, 12, 28, 11, tzinfo=LONDON),
            open=True,
            why="flood",
        ),
    ),
)
FLOOD = Incident(
    prompts=("flood",),
    begins=datetime(2026, 12, 1, tzinfo=LONDON),
    ends=datetime(2027, 3, 1, tzinfo=LONDON),
)
#: Made into a file beforehand; never spoken; passed over, for nobody knows the value.
TEXTS = ("We are closed.", "You dialled {number:digits}.", "You owe {amount:money}.")
_CONF = Path(__file__).parents[3] / "asterisk_conf"
STEPS = tuple(f"s{number}" for number in range(7))
#: `gone` was never made; `english` only in English.
PROMPTS = ("hello", "choices", "gone", "english", "flood")
CONDITIONS = (
    "open.office",
    "hour < 9 or not open.office",
    "weekday in ['sat', 'sun'] and hour + 1 - 2 >= 8",
    "staff.waste > 0 or language = 'cy'",
    "not (number = '03069990001')",
    "number != '3069990001' and council = 'northmere'",
    "waiting.waste > 3",
    "(open.office) or hour > 21",
)


def _verb(word: str, **fields: object) -> Verb:
    return VERBS[word].model_validate({"verb": word, **fields})


@dataclass(slots=True)
class _Dice:
    """Bytes that hypothesis drew, one a choice: quick to draw, and they shrink to the first choice of all."""

    data: bytes
    at: int = 0

    def pick(self, choices: Sequence[T]) -> T:
        found = choices[self.data[self.at] % len(choices)]
        self.at += 1
        return found


def _silence(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    return {"no_input": dice.pick(to), "no_match": dice.pick(to), "tries": dice.pick("12")}


def _menu(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    keys = {dice.pick("01"): dice.pick(to), dice.pick("9*#"): dice.pick(to)}
    return {"prompts": _prompts(dice), "keys": keys, "interruptible": dice.pick(("yes", "no")), **_silence(dice, to)}


def _said(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    return {"interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)}


def _prompts(dice: _Dice) -> list[str]:
    return [dice.pick(PROMPTS), dice.pick(PROMPTS)][: dice.pick((1, 2))]


def _branch(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    cases = {dice.pick(CONDITIONS): dice.pick(to), dice.pick(CONDITIONS): dice.pick(to)}
    return {"cases": cases, "otherwise": dice.pick(to)}


def _wait(dice: _Dice, _to: Sequence[str]) -> dict[str, object]:
    language = dice.pick(({}, {"language": "cy"}))
    return {"queue": dice.pick(sorted(QUEUES)), "priority": dice.pick("03"), **language}


#: Verb -> its fields. `menu` and `enqueue` more than once: they are what a flow is mostly made of.
_MAKE: tuple[tuple[str, Callable[[_Dice, Sequence[str]], dict[str, object]]], ...] = (
    ("enqueue", _wait),
    ("menu", _menu),
    ("goto", lambda dice, to: {"next": dice.pick(to)}),
    (
        "play",
        lambda dice, to: {"prompts": _prompts(dice), "interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)},
    ),
    (
        "hours",
        lambda dice, to: {"of": "office", "open": dice.pick(to), "closed": dice.pick(to), "holiday": dice.pick(to)},
    ),
    (
        "announce",
        lambda dice, to: {"incident": "flood", "interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)},
    ),
    ("branch", _branch),
    ("language", lambda dice, to: {"to": dice.pick(LANGUAGES), "next": dice.pick(to)}),
    ("say", lambda dice, to: {"text": {"en": dice.pick(TEXTS)}, "next": dice.pick(to)}),
    ("steer", lambda dice, to: {"prompts": ["hello"], "intents": {"bins": dice.pick(to)}, **_silence(dice, to)}),
    ("callback", lambda dice, to: {"queue": "northmere.waste", "failed": dice.pick(to), "next": dice.pick(to)}),
    ("hangup", lambda _dice, _to: {"why": "informed"}),
    ("menu", _menu),
    ("enqueue", _wait),
    ("subflow", lambda dice, to: {"flow": "piece", "next": dice.pick(to)}),
)


def _flows(data: bytes) -> dict[str, Flow]:
    """A council with two flows; `main` may go through `piece`, which comes back."""
    dice = _Dice(data)
    back = (*STEPS, "return", "return")
    piece = _flow("piece", {name: _step(dice, back, _MAKE[:-1]) for name in STEPS}, {})
    main = _flow("main", {name: _step(dice, STEPS, _MAKE) for name in STEPS}, {"piece": piece})
    return {"piece": piece, "main": main}


def _step(dice: _Dice, to: Sequence[str], make: Sequence[tuple[str, Callable[..., dict[str, object]]]]) -> Verb:
    word, fields = dice.pick(make)
    return _verb(word, **fields(dice, to))


def _flow(name: str, steps: Mapping[str, Verb], pieces: Mapping[str, Flow]) -> Flow:
    return Flow(
        tenant=COUNCIL,
        name=name,
        start="s0",
        steps=steps,
        queues=QUEUES,
        default_queue=DEFAULT,
        pieces=pieces,
        hours={"office": OFFICE, "northmere.waste": OFFICE},
        incidents={"flood": FLOOD},
    )


@dataclass(slots=True)
class Told:
    """What became of a call."""

    heard: list[str] = field(default_factory=list)
    end: tuple[object, ...] = ()


def sound(_council: str, language: str, prompt: str) -> str | None:
    if prompt == "gone" or (prompt == "flood" and language == "cy"):
        return None
    return f"/s/{'en' if prompt == 'english' else language}/{prompt}"


def spoken(_council: str, language: str, text: str) -> str | None:
    return None if (language, text) == ("en", "Flooded.") else f"/n/{language}/{text.split(maxsplit=1)[0]}"


def by_the_engine(flow: Flow, keys: str, typed: str, at: datetime, notices: tuple[Override, ...] = ()) -> Told:
    """The real walk; all it asks of the world is out but prompts, keys, the clock and notices."""
    told, left = Told(), list(keys)
    walk, effects = begin(flow, Began(typed=typed), language="en", number="03069990001")
    while not walk.done:
        heard = None
        for effect in effects:
            heard = _answer(effect, told, left, at, notices)
        assert heard is not None
        walk, effects = step(walk, heard)
    for effect in effects:
        _answer(effect, told, left, at)
    return told


def _answer(  # noqa: PLR0911 - a table of effects
    effect: Effect, told: Told, left: list[str], at: datetime, notices: tuple[Override, ...] = ()
) -> Input | None:
    match effect:
        case Play():
            found = [path for one in effect.prompts if (path := sound("", effect.language, one)) is not None]
            told.heard += found
            return Played() if found else PlaybackFailed()
        case Listen():
            key = left.pop(0) if left else "."
            return NoKey() if key == "." else KeyPressed(key=key)
        case LookAround():
            return LookedAround(now=at.timestamp(), notices={"office": notices})
        case Enqueue():
            told.end = (effect.queue, effect.priority, dict(effect.skills), effect.language)
        case HangUp():
            told.end = (effect.why,)
        case Say(text=text, language=language) if text in NOTICE_WORDS:
            path = spoken("", language, text)
            told.heard += [path] if path else []
            return Played() if path else PlaybackFailed()
        case Say():
            return PlaybackFailed()
        case NoteStep():
            pass
        case _:
            return NotDone()
    return None


def by_the_pbx(
    flows: Mapping[str, Flow], keys: str, typed: str, at: datetime, notices: tuple[Override, ...] = ()
) -> Told:
    made = [with_notices(static_flow(flow, LANGUAGES)[0], {"office": notices}) for flow in flows.values()]
    text, begins = static_dialplan(made, sound, MADE_AT, spoken)
    static = (_CONF / "static.conf").read_text(encoding="utf-8")
    # The contexts of the house's own file that belong to the walk; Wait and Queue are Asterisk's own affair.
    own = static[static.index("[static]") : static.index("; --- app_queue")]
    call = DialplanCall(
        parse(own + "\n" + text),
        int(at.timestamp()),
        list(keys),
        {
            "GH_STATIC": begins[COUNCIL, "main"],
            "GH_LANG": "en",
            "GH_TYPED": typed,
            "GH_NUMBER": "03069990001",
            "GH_DEFAULT_QUEUE": DEFAULT,
        },
    )
    call.run("static")
    told = Told(heard=call.heard)
    if call.ended == "hangup":
        told.end = (call.variables["GH_WHY"],)
    else:
        assert call.ended == "hold"
        policy = QUEUES[QueueId(call.variables["GH_QUEUE"])]
        skills = call.variables["GH_SKILLS"]
        asked = {one.split(":")[0]: int(one.split(":")[1]) for one in skills.split("/")} if skills else policy.skills
        priority = int(call.variables["GH_PRIORITY"] or policy.priority)
        told.end = (policy.id, priority, dict(asked), call.variables["GH_LANG"])
    return told


_MOMENTS = st.one_of(
    st.integers(0, 390 * 24 * 60).map(lambda minutes: MADE_AT + timedelta(minutes=minutes)),
    st.integers(0, 6 * 24 * 60).map(lambda minutes: datetime(2026, 12, 23, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 36 * 60).map(lambda minutes: datetime(2027, 3, 27, 18, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 36 * 60).map(lambda minutes: datetime(2027, 10, 30, 18, tzinfo=UTC) + timedelta(minutes=minutes)),
)


NOTICE_WORDS = ("Snow. Ring tomorrow.", "Flooded.", "Ar gau.")


@st.composite
def _notices(draw: st.DrawFn) -> Callable[[datetime], tuple[Override, ...]]:
    """Closings and openings at short notice around the moment of the call; some begin or end in its very second."""
    around = st.tuples(st.integers(-7200, 60), st.integers(0, 7200), st.booleans(), st.integers(0, 3))
    drawn = draw(st.lists(around, max_size=3))
    words: tuple[dict[str, str], ...] = ({}, *({"en": text} for text in NOTICE_WORDS[:2]), {"cy": NOTICE_WORDS[2]})

    def at(moment: datetime) -> tuple[Override, ...]:
        return tuple(
            Override(
                begins=moment + timedelta(seconds=begins - 0.25),
                ends=moment + timedelta(seconds=max(ends, begins + 1)),
                open=is_open,
                why="x",
                said=words[number],
            )
            for begins, ends, is_open, number in drawn
        )

    return at


# Issue 4: the same keys and the same clock: the caller ends at the same place and has heard the same.
@settings(max_examples=80, deadline=None, phases=PHASES)
@given(
    data=st.binary(min_size=160, max_size=160),
    keys=st.text("0019*#...", max_size=12),
    typed=st.text("09*", max_size=2),
    at=_MOMENTS,
    notices=_notices(),
)
def test_given_any_flow_and_caller_when_engine_and_dialplan_serve_her_then_she_hears_and_ends_the_same(
    data: bytes, keys: str, typed: str, at: datetime, notices: Callable[[datetime], tuple[Override, ...]]
) -> None:
    flows, told = _flows(data), notices(at)
    assert by_the_pbx(flows, keys, typed, at, told) == by_the_engine(flows["main"], keys, typed, at, told)


# C42 in the static fallback: closed at short notice, with words of its own, over by itself, and to the second.
@pytest.mark.parametrize(
    ("after_s", "told"),
    [(-1, []), (0, ["/n/en/Snow."]), (3599, ["/n/en/Snow."]), (3600, [])],
)
def test_c42_given_a_closing_at_short_notice_when_the_engine_is_away_then_the_static_flow_says_so_and_it_ends_by_itself(
    after_s: int, told: list[str]
) -> None:
    noon = datetime(2026, 12, 2, 12, tzinfo=UTC)
    closing = Override(
        begins=noon, ends=noon + timedelta(hours=1), open=False, why="snow", said={"en": NOTICE_WORDS[0]}
    )
    steps = {
        "s0": _verb("hours", of="office", open="desk", closed="night"),
        "desk": _verb("enqueue", queue="northmere.waste"),
        "night": _verb("hangup", why="informed"),
    }
    call = by_the_pbx({"main": _flow("main", steps, {})}, "", "", noon + timedelta(seconds=after_s), (closing,))
    assert call.heard == told
    assert call.end[0] == ("informed" if told else "northmere.waste")


@st.composite
def _desks(draw: st.DrawFn) -> Hours:
    spans = st.lists(
        st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] != pair[1]), max_size=2
    ).map(lambda pairs: tuple(Span(opens=opens, closes=closes) for opens, closes in pairs))
    days = st.dates(date(2026, 11, 22), date(2027, 11, 30))
    moments = st.integers(0, 370 * 24 * 60).map(lambda minutes: MADE_AT + timedelta(minutes=minutes))
    overrides = st.tuples(
        moments, st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)), st.booleans()
    )
    return Hours(
        name="office",
        weekly=draw(st.dictionaries(st.integers(0, 6), spans, max_size=7)),
        holidays=draw(st.dictionaries(days, st.just("holiday"), max_size=4)),
        on_holiday=draw(st.one_of(st.none(), spans)),
        overrides=tuple(
            Override(begins=begins, ends=begins + lasts, open=is_open, why="x")
            for begins, lasts, is_open in draw(st.lists(overrides, max_size=2))
        ),
    )


# Hours are compiled with bank holidays, overrides and both clock changes: at every moment the same answer.
@settings(max_examples=40, deadline=None, phases=PHASES)
@given(hours=_desks(), moments=st.lists(_MOMENTS, min_size=5, max_size=25))
def test_given_any_hours_when_compiled_then_every_moment_is_open_or_closed_as_the_kernel_has_it(
    hours: Hours, moments: list[datetime]
) -> None:
    flow = _flow("main", {"s0": _verb("hours", of="office", open="s0", closed="s0")}, {})
    made, _ = static_flow(_with(flow, hours), LANGUAGES)
    lines = parse(static_dialplan([made], sound, MADE_AT)[0] + "[done]\nexten => s,1,Goto(away,s,1)\n")
    near = [moment for one in (*hours.overrides,) for moment in (one.begins, one.ends)]
    for at in [*moments, *near]:
        if at < MADE_AT or at > MADE_AT + timedelta(days=399):
            continue
        call = DialplanCall(lines, int(at.timestamp()), [], {})
        lines["go"] = {"s": [("", "Gosub(static-hours-1,s,1)"), ("", "Goto(away,s,1)")]}
        call.run("go")
        opening = open_at(hours, datetime.fromtimestamp(call.now, UTC))
        wanted = "open" if opening.open else "holiday" if opening.why == "holiday" else "closed"
        assert call.variables["GOSUB_RETVAL"] == wanted, at


def _with(flow: Flow, hours: Hours) -> Flow:
    return dataclasses.replace(flow, hours={"office": hours})
