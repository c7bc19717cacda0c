"""What is made of two engines' readings, and what two wordings differ by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.speech.joined import joined
from adapters.speech.word_errors import word_errors
from kernel.hearing import Reading, plain

pytestmark = pytest.mark.unit


def _readings(*said: tuple[str, float]) -> list[Reading]:
    return [Reading(text=text, confidence=confidence) for text, confidence in said]


# 0051: words both engines came to win over the surest words of one; each words once.
def test_given_words_in_both_lists_when_joined_then_they_come_first_and_once() -> None:
    first = _readings(("A hole.", 0.7), ("A whole", 0.6))
    second = _readings(("A foal", 0.75), ("a whole.", 0.6))
    engine, readings = joined("one", first, "two", second)
    assert engine == "one"
    assert readings[0].text == "A whole"
    assert sorted(plain(one.text) for one in readings) == ["a foal", "a hole", "a whole"]


# 0051: the reading with the fewest errors to be expected, though each engine has a likelier one.
def test_given_two_engines_that_err_in_different_words_when_joined_then_the_reading_between_them_wins() -> None:
    first = _readings(("my bin was missed on tuesday", 0.80), ("my bin was missed on choose day", 0.78))
    second = _readings(("my pin was missed on tuesday", 0.82), ("my pin was mist on tuesday", 0.80))
    _, readings = joined("one", first, "two", second)
    assert readings[0].text in {"my bin was missed on tuesday", "my pin was missed on tuesday"}
    assert readings[-1].text in {"my bin was missed on choose day", "my pin was mist on tuesday"}


def test_given_one_empty_list_when_joined_then_the_other_stands_as_it_is() -> None:
    said = _readings(("bins", 0.5), ("wins", 0.4))
    assert joined("one", said, "two", []) == ("one", tuple(said))
    assert joined("one", [], "two", said) == ("two", tuple(said))


@given(
    *[
        st.lists(
            st.tuples(st.sampled_from(["a hole", "a whole", "hole", "", "the road"]), st.floats(0.0, 1.0)), max_size=4
        )
    ]
    * 2
)
def test_given_any_two_lists_when_joined_then_every_words_are_there_once(
    first: list[tuple[str, float]], second: list[tuple[str, float]]
) -> None:
    _, readings = joined("one", _readings(*first), "two", _readings(*second))
    assert {plain(one.text) for one in readings} == {plain(text) for text, _ in first + second}


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b c", "c", 2), ("", "a b", 2), ("bin day", "binday", 0)],
)
def test_given_two_wordings_when_compared_then_the_words_that_differ_are_counted(
    said: str, heard: str, errors: int
) -> None:
    assert word_errors(said.split(), heard.split()) == errors
