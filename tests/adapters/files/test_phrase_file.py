"""One phrase more in `intents.yaml`: one line, every other byte as it was, however the file is written."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from adapters.files.phrase_file import with_phrase
from kernel.errors import GuildhallError

pytestmark = pytest.mark.unit

SAMPLE = (Path(__file__).resolve().parents[3] / "dialplans" / "northmere" / "intents.yaml").read_text("utf-8")
SHARED = (Path(__file__).resolve().parents[3] / "dialplans" / "_shared" / "intents.yaml").read_text("utf-8")
SAID = "they never took the purple one"


def changes(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if not line.startswith("  ") and not line.startswith("? ")]


# "writes them … preserving comments and format": one line is added to the sample, nothing else is touched.
def test_given_the_sample_when_a_phrase_is_added_then_it_is_one_line_in_its_intent() -> None:
    after = with_phrase(SAMPLE, "missed_bin", SAID)
    assert changes(SAMPLE, after) == [f"+       - {SAID}"]
    assert after.index(SAID) < after.index("parking_fine")


def test_given_the_long_shared_file_when_a_phrase_is_added_then_it_is_one_line() -> None:
    assert changes(SHARED, with_phrase(SHARED, "pothole", SAID)) == [f"+       - {SAID}"]


@pytest.mark.parametrize(
    ("text", "intent", "after"),
    [
        ("", "bins", "intents:\n  bins:\n    phrases:\n      - a b\n"),
        (
            "# mine\ncosts: {wrong: 3}\n",
            "bins",
            "# mine\ncosts: {wrong: 3}\nintents:\n  bins:\n    phrases:\n      - a b\n",
        ),
        (
            "intents:\n  roads:\n    phrases:\n    - my road # dear\n\n# end\n",
            "bins",
            "intents:\n  roads:\n    phrases:\n    - my road # dear\n  bins:\n    phrases:\n      - a b\n\n# end\n",
        ),
        (
            "intents:\n  bins:\n    confirm: always\nplaces: [x]\n",
            "bins",
            "intents:\n  bins:\n    confirm: always\n    phrases:\n      - a b\nplaces: [x]\n",
        ),
        ("intents: {bins: {phrases: [x, y]}}\n", "bins", 'intents: {bins: {phrases: [x, y, "a b"]}}\n'),
        ("intents: {bins: {confirm: always}}\n", "bins", 'intents: {bins: {confirm: always, phrases: ["a b"]}}\n'),
        ("intents: {roads: {says: x}}\n", "bins", 'intents: {roads: {says: x}, bins: {phrases: ["a b"]}}\n'),
        ("out_of_scope:\n  - weather\n", "", "out_of_scope:\n  - weather\n  - a b\n"),
        ("places: [x]\n", "", "places: [x]\nout_of_scope:\n  - a b\n"),
        (
            "intents:\n  bins:\n    phrases:\n      - last",
            "bins",
            "intents:\n  bins:\n    phrases:\n      - last\n      - a b\n",
        ),
    ],
)
def test_given_a_file_of_any_form_when_a_phrase_is_added_then_where_it_belongs(
    text: str, intent: str, after: str
) -> None:
    assert with_phrase(text, intent, "a b") == after


# A phrase is a caller's: whatever it holds, it stays one phrase and no YAML.
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60))
def test_given_any_phrase_when_added_then_that_very_phrase_is_read_back(said: str) -> None:
    phrase = " ".join(said.split()) or "x"
    read = YAML(typ="base", pure=True).load(with_phrase(SAMPLE, "missed_bin", phrase))
    assert read["intents"]["missed_bin"]["phrases"][-1] == phrase
    assert set(read["intents"]) == {"missed_bin", "parking_fine"}


@pytest.mark.parametrize("text", ["[1, 2\n", "- a list\n", "intents: text\n"])
def test_given_a_file_that_is_none_of_ours_when_extended_then_refused(text: str) -> None:
    with pytest.raises(GuildhallError):
        with_phrase(text, "bins", "a b")
