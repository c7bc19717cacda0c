"""Which readings of a sentence are told besides the best one."""

from __future__ import annotations

import pytest

from adapters.speech.alternatives import Alternatives

pytestmark = pytest.mark.unit


def test_given_readings_when_offered_then_those_with_other_words_that_are_nearly_as_sure() -> None:
    found = Alternatives()
    assert found.kept() == ()
    said = (("My bin.", 0.8), ("my bin", 0.7), ("", 0.7), ("My pin.", 0.4), ("Why, Ben?", 0.39))
    for text, sure in said:
        found.offer(text, sure)
    assert [(one.text, one.confidence) for one in found.kept()] == [("My bin.", 0.8), ("My pin.", 0.4)]
