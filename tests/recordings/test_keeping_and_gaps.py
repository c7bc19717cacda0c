"""Pure rules: how long, which gaps, whose file, what loudness tells."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.chain import GENESIS, ChainCheck, digest, link
from kernel.errors import BadInput
from kernel.ids import TenantId
from kernel.recording import Gap, Loudness
from recordings.core.figures import difference, figures, waveform
from recordings.core.gaps import Reason, Span, began_of, gaps_of
from recordings.core.keeping import ANY, DEFAULT_DAYS, RetentionRules, day_of
from recordings.core.story import UNKNOWN, story_of

pytestmark = pytest.mark.unit

NORTHMERE = TenantId("northmere")
#: 2026-11-22 23:59:59 UTC.
LATE = 1795391999.0


# "Retention per council and purpose": the most particular rule decides.
@pytest.mark.parametrize(
    ("council", "purpose", "days"),
    [("northmere", "complaint", 1), ("northmere", "service", 2), ("other", "complaint", 3), ("other", "service", 4)],
)
def test_given_rules_when_asked_then_council_and_purpose_before_council_before_purpose(
    council: str, purpose: str, days: int
) -> None:
    table = {("northmere", "complaint"): 1, ("northmere", ANY): 2, (ANY, "complaint"): 3, (ANY, ANY): 4}
    rules = RetentionRules(days=table)
    assert rules.days_for(TenantId(council), purpose) == days
    assert rules.keep_until(TenantId(council), purpose, LATE) == f"2026-11-{22 + days}"


def test_given_no_rule_when_asked_then_the_default_and_never_for_ever() -> None:
    assert RetentionRules(days={}).days_for(NORTHMERE, "x") == RetentionRules().days_for(NORTHMERE, "x") == DEFAULT_DAYS
    assert day_of(LATE) == "2026-11-22"
    for days in (-1, 100_000):
        with pytest.raises(BadInput):
            RetentionRules(days={(ANY, ANY): days})


# Issue: "each gap with its reason and length ('paused by agent 4 for card details, 42 s, resumed by timer')".
def test_given_a_timeline_when_read_then_each_gap_has_its_reason() -> None:
    spans = [Span(start=0, end=100), Span(start=130, end=200), Span(start=201, end=250), Span(start=300, end=310)]
    reasons = [
        Reason(start=40, end=82, why="paused for card details, resumed by timer", inside=True),
        Reason(start=99, end=131, why="waiting after a transfer"),
    ]
    assert gaps_of(spans, reasons) == (
        Gap(start=40, seconds=42, why="paused for card details, resumed by timer"),
        Gap(start=100, seconds=30, why="waiting after a transfer"),
        Gap(start=250, seconds=50, why="unexplained"),
    )
    assert gaps_of([], reasons) == gaps_of([Span(start=0, end=9)], []) == ()


# A recorder that stood still or began late: the file lacks it, so its beginning is counted back over it.
def test_given_a_recorder_that_stalled_when_told_then_the_gap_lies_in_its_join_and_that_began_so_much_earlier() -> None:
    stall = {"ev": "rec_stalled", "why": "stalled", "join": 2, "since": 150.0, "seconds": 30.0}
    late = {"ev": "rec_stalled", "why": "late", "join": 2, "since": 100.0, "seconds": 10.0}
    never = {"ev": "rec_stalled", "why": "late", "join": 0, "since": 60.0, "seconds": 20.0}
    story = story_of([{**never, "t": 80.0}, {**late, "t": 112.0}, {**stall, "t": 183.0}])
    lost = [one for one in story.silences if one.lost_of == 2]
    began = began_of(200.0, 60.0, lost)
    assert began == 100.0
    assert began_of(200.0, 60.0, []) == 140.0
    # To the end: nothing comes behind it.
    assert began_of(180.0, 40.0, lost[1:]) == 110.0
    assert gaps_of([Span(start=0, end=50), Span(start=began, end=200)], story.silences) == (
        Gap(start=50, seconds=50, why="the recorder wrote nothing at all"),
        Gap(start=100, seconds=10, why="the recorder began late", lost=True),
        Gap(start=150, seconds=30, why="the recorder stood still: nothing was written", lost=True),
    )


# Two joins, an offer between that nobody answered: the file's number is not the answer's number; the time decides.
def test_given_facts_when_folded_then_each_file_finds_its_answer() -> None:
    story = story_of(
        [
            {"ev": "call", "t": 0.0, "council": "northmere"},
            {"ev": "arrive", "t": 5.0, "council": "northmere", "queue": "northmere.general"},
            {"ev": "answer", "t": 10.0, "agent": "a1"},
            {"ev": "transfer", "t": 60.0, "queue": "northmere.waste"},
            {"ev": "answer", "t": 90.0, "agent": "a2"},
            {"ev": "end", "t": 120.0, "why": "completed"},
        ]
    )
    first, second = story.answer_near(10.3, 0), story.answer_near(89.8, 1)
    assert first is not None
    assert second is not None
    assert [(one.agent, one.queue) for one in (first, second)] == [
        ("a1", "northmere.general"),
        ("a2", "northmere.waste"),
    ]
    assert (story.council, story.outcome) == ("northmere", "completed")
    nothing = story_of([])
    assert (nothing.council, nothing.outcome, nothing.answer_near(0.0, 0)) == (UNKNOWN, None, None)


def loud(*rows: list[float]) -> Loudness:
    return Loudness(window_s=0.1, rms=tuple(map(tuple, rows)), peaks=tuple(bytes(len(row)) for row in rows))


def test_given_loudness_when_told_then_talk_silence_both_at_once_and_the_ends() -> None:
    caller = [-99.0] * 10 + [-20.0] * 20 + [-99.0] * 20
    agent = [-99.0] * 25 + [-30.0] * 15 + [-99.0] * 10
    told = figures(loud(caller, agent), ["caller", "agent"])
    assert told == {
        "sides": {
            "caller": {"talk_s": 2.0, "loudness_dbfs": -20.0, "gain_db": -3.0},
            "agent": {"talk_s": 1.5, "loudness_dbfs": -30.0, "gain_db": 7.0},
        },
        "together_s": 0.5,
        "silence_s": 2.0,
        "longest_silence_s": 1.0,
        "speech_from_s": 1.0,
        "speech_to_s": 4.0,
    }
    assert figures(loud([], []), ["caller", "agent"])["silence_s"] == 0.0
    peaks = json.loads(waveform(loud(caller, agent), ["caller", "agent"]))
    assert (peaks["window_s"], set(peaks["peaks"])) == (0.1, {"caller", "agent"})


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(-99, 0), min_size=20, max_size=60))
def test_given_a_sound_when_compared_with_itself_or_another_then_told_apart(row: list[float]) -> None:
    assert difference(loud(row, row), loud(row, row)) is None
    assert difference(loud(row, row), loud(row)) is not None
    assert difference(loud(row, row), loud(row[:-5], row[:-5])) == "it is not as long"
    talking = [-20.0] * len(row)
    assert difference(loud(talking), loud([-99.0] * len(row))) == "it does not sound the same"
    # The worker killed 200 times found this: in a call of one second a window at a pause's edge was 10 dB off.
    assert difference(loud([-20.0] * 8 + [-48.4]), loud([-20.0] * 8 + [-38.4])) is None


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers()), min_size=1, max_size=8), st.data())
def test_given_any_chain_when_one_row_is_changed_then_that_one_is_named(
    bodies: list[dict[str, int]], data: st.DataObject
) -> None:
    rows, previous = [], GENESIS
    for body in bodies:
        content = digest(body)
        rows.append((previous, link(previous, content), content))
        previous = rows[-1][1]
    changed = data.draw(st.integers(0, len(rows) - 1))
    for at, expected in ((None, None), (changed, changed + 1)):
        check = ChainCheck()
        for number, (before, written, content) in enumerate(rows):
            check.take(number + 1, before, written, digest({"else": 1}) if number == at else content)
        assert check.state().broken == expected
        if at is None:
            assert check.state().head == previous
