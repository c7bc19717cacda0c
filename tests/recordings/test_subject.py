"""A caller's number in one form."""

from __future__ import annotations

import pytest

from recordings.core.subject import subject_number

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text", ["01632960101", "01632 960101", "+441632960101", "+44 (0)1632 960101", "00441632960101", "01632-960-101"]
)
def test_given_a_number_however_written_when_read_then_it_is_the_same(text: str) -> None:
    assert subject_number(text) == "01632960101"


# Hostile names reach the number too: what is no number is nobody's.
@pytest.mark.parametrize("text", ["", "anonymous", "<unknown>", "1", "0" * 40, "01632960101;drop", "s", "+44"])
def test_given_no_number_when_read_then_none(text: str) -> None:
    assert subject_number(text) is None
