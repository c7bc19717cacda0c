"""The table of verbs is the language: the union the schema takes and the table say the same."""

from __future__ import annotations

from typing import get_args

import pytest

from ivr.core.verbs import VERBS, AnyVerb

pytestmark = pytest.mark.unit


def test_given_the_verbs_when_compared_with_the_union_then_they_are_the_same() -> None:
    union = get_args(AnyVerb)[0]
    assert set(get_args(union)) == set(VERBS.values())


@pytest.mark.parametrize("word", VERBS)
def test_given_a_verb_when_asked_then_its_word_and_summary_are_its_own(word: str) -> None:
    verb = VERBS[word]
    assert get_args(verb.model_fields["verb"].annotation) == (word,)
    assert verb.summary
    assert verb.model_config["extra"] == "forbid"
    assert verb.model_config["frozen"]
