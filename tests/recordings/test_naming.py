"""File names of recordings: written and read the same, and nothing else is taken for one of ours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.ids import ContactId
from recordings.core.naming import AGENT, CALLER, MIX, Segment, file_name, read_name

pytestmark = pytest.mark.unit

#: As extensions.conf makes them: c<seconds>-<n>, from Asterisk's uniqueid.
contacts = st.builds(lambda s, n: ContactId(f"c{s}-{n}"), st.integers(0, 10**11), st.integers(0, 10**7))


@settings(deadline=None, max_examples=200)
@given(contacts, st.integers(1, 999), st.sampled_from([MIX, CALLER, AGENT]))
def test_given_any_segment_when_named_and_read_then_the_same(contact: ContactId, join: int, side: str) -> None:
    name = file_name(contact, join, side)
    assert read_name(name) == Segment(contact=contact, join=join, side=side)
    assert "/" not in name


@settings(deadline=None, max_examples=100)
@given(contacts, st.integers(1, 999), contacts, st.integers(1, 999))
def test_given_two_segments_when_named_then_never_the_same_file(
    one: ContactId, first: int, other: ContactId, second: int
) -> None:
    assert (file_name(one, first, MIX) == file_name(other, second, MIX)) == ((one, first) == (other, second))


# SECURITY V05, V06: a path is made of our own ids only.
@pytest.mark.parametrize(
    "name",
    [
        "",
        ".wav",
        "../c1-1-1.wav",
        "c1-1-1.wav/x",
        "c1-1-1.WAV",
        "c1-1-1.wav.part",
        "c1-1-1-both.wav",
        "-1-1.wav",
        "c1-1-1234.wav",
        "c1-1-1.wav\n",
        "c1.1-1.wav",
        "hold.wav",
    ],
)
def test_given_another_name_when_read_then_not_ours(name: str) -> None:
    assert read_name(name) is None


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_given_any_text_when_read_then_no_error_and_what_is_ours_is_written_so(name: str) -> None:
    segment = read_name(name)
    if segment is not None:
        assert read_name(file_name(segment.contact, segment.join, segment.side)) == segment
