"""The static fallback: the flow interpreter with everything out, and the dialplan made of the flow, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.asterisk.static_dialplan import static_dialplan
from ivr.core.fallback import static_flow
from ivr.core.flow import Flow, Verb
from kernel.hours import Hours, Override, Span, open_at
from tests.fakes.dialplan import DialplanCall, parse
from tests.fakes.flow_pairs import (
    MADE_AT,
    NOTICE_WORDS,
    Fingers,
    Told,
    by_the_engine,
    in_honesty,
    keys_context,
    own_contexts,
    sound,
    told_by,
    written,
)
from tests.fakes.flows_drawn import DEFAULT, LANGUAGES, a_flow, flows_of, verb

pytestmark = pytest.mark.unit

#: Without `explain`: Python 3.11 traces every line for it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def by_the_pbx(
    flows: Mapping[str, Flow], fingers: Fingers, typed: str, at: datetime, notices: tuple[Override, ...] = ()
) -> Told:
    made = written(flows, notices)
    call = DialplanCall(
        parse(f"{own_contexts()}\n{keys_context()}\n{made.text}"),
        int(at.timestamp()),
        fingers.keys,
        {
            "GH_STATIC": made.begins,
            "GH_LANG": "en",
            "GH_TYPED": typed,
            "GH_NUMBER": "03069990001",
            "GH_DEFAULT_QUEUE": DEFAULT,
        },
        fingers.over,
    )
    call.run("static")
    return told_by(call.ended, call.variables, call.heard)


_MOMENTS = st.one_of(
    st.integers(0, 390 * 24 * 60).map(lambda minutes: MADE_AT + timedelta(minutes=minutes)),
    st.integers(0, 6 * 24 * 60).map(lambda minutes: datetime(2026, 12, 23, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 36 * 60).map(lambda minutes: datetime(2027, 3, 27, 18, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 36 * 60).map(lambda minutes: datetime(2027, 10, 30, 18, tzinfo=UTC) + timedelta(minutes=minutes)),
)


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
    pressed=st.tuples(st.text("0019*#...", max_size=12), st.lists(st.text("019*#", max_size=2), max_size=6)),
    typed=st.text("09*", max_size=2),
    at=_MOMENTS,
    notices=_notices(),
)
def test_given_any_flow_and_caller_when_engine_and_dialplan_serve_her_then_she_hears_and_ends_the_same(
    data: bytes,
    pressed: tuple[str, list[str]],
    typed: str,
    at: datetime,
    notices: Callable[[datetime], tuple[Override, ...]],
) -> None:
    flows, told = flows_of(data), notices(at)
    honest = in_honesty(flows["main"])
    pbx, engine = Fingers.of(*pressed), Fingers.of(*pressed)
    assert by_the_pbx(flows, pbx, typed, at, told) == by_the_engine(honest, engine, typed, at, told)
    # Whatever is not done as the flow says is told to people, step by step.
    reduced = {(one.name, name) for one in flows.values() for name, verb in one.steps.items() if _is_reduced(verb, one)}
    assert reduced <= {(loss.flow, loss.step) for loss in written(flows).losses}


def _is_reduced(step: Verb, flow: Flow) -> bool:
    lone = dataclasses.replace(flow, steps={"s0": step}, pieces={})
    return in_honesty(lone) != lone


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
        "s0": verb("hours", of="office", open="desk", closed="night"),
        "desk": verb("enqueue", queue="northmere.waste"),
        "night": verb("hangup", why="informed"),
    }
    flows = {"main": a_flow("main", steps, {})}
    call = by_the_pbx(flows, Fingers.of(""), "", noon + timedelta(seconds=after_s), (closing,))
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
    flow = a_flow("main", {"s0": verb("hours", of="office", open="s0", closed="s0")}, {})
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
