"""Consults are recordings of their own, and the time in which the caller heard music belongs to none."""

from __future__ import annotations

import pytest

from kernel.ids import ContactId
from recordings.core.naming import CONSULT, MIX, Segment, file_name, read_name
from recordings.core.story import story_of

pytestmark = pytest.mark.unit


# C32: "recording chain"; ASTERISK: consult speech is a recording of its own, kind consult.
def test_c32_given_a_consults_file_when_its_name_is_read_then_its_kind_and_moment_and_back() -> None:
    name = "c1795374036-0-c1795374038.wav"
    segment = read_name(name)
    assert segment == Segment(contact=ContactId("c1795374036-0"), join=1795374038, side=MIX, kind=CONSULT)
    assert file_name(segment.contact, segment.join, segment.side) == name
    other = read_name("c1795374036-0-2-caller.wav")
    assert other is not None
    assert other.kind == "call"


@pytest.mark.parametrize("name", ["c1-0-c179537403.wav", "c1-0-c17953740381.wav", "c1-0-c1795374038-caller.wav"])
def test_given_a_name_that_is_nearly_a_consults_when_read_then_it_is_not_ours(name: str) -> None:
    assert read_name(name) is None


# The gap between two files of a call has its reason.
def test_given_a_consult_in_a_call_when_its_story_is_told_then_the_silence_has_its_reason() -> None:
    story = story_of(
        [
            {"t": 1.0, "ev": "answer", "call": "c1", "agent": "a1"},
            {"t": 5.0, "ev": "consult", "call": "c1", "agent": "a1", "to": "a2"},
            {"t": 9.0, "ev": "consult_end", "call": "c1", "agent": "a1", "why": "cancelled", "seconds": 4.0},
            {"t": 20.0, "ev": "end", "call": "c1", "why": "completed"},
        ]
    )
    assert [(one.start, one.end) for one in story.silences] == [(5.0, 9.0)]
    assert "music" in story.silences[0].why
