"""The glossary's words are the code's words, and the map of what stands on channels is complete."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import PACKAGES, text, under

pytestmark = pytest.mark.house

SOURCE = "\n".join(
    text(name)
    for name in [
        *under(*PACKAGES),
        *under("asterisk_conf", ending=".conf"),
        *under("dialplans", ending=".yaml"),
    ]
)
#: | **word** | meaning | `in` `code` |
ROW = re.compile(r"^\| \*\*(?P<word>[^*]+)\*\* \| (?P<meaning>.+) \| (?P<code>.*) \|$", re.MULTILINE)
ROWS = [(match["word"], match["code"]) for match in ROW.finditer(text("docs/glossary.md"))]
CHANNEL_VARIABLE = re.compile(r"\bGH_[A-Z_]+\b")


# STYLE B18: "Glossary first, and used": a word that the code does not know is a wish, not a word.
@pytest.mark.parametrize(("word", "code"), ROWS)
def test_given_a_word_of_the_glossary_when_it_names_code_then_the_code_has_it(word: str, code: str) -> None:
    for name in re.findall(r"`([^`]+)`", code):
        assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", SOURCE), f"{word}: {name}"


def test_given_the_glossary_when_read_then_it_is_there_and_no_word_stands_twice() -> None:
    words = [word.lower() for word, _ in ROWS]
    assert len(words) > 40
    assert len(words) == len(set(words))


# docs/architecture.md, "What stands on channels": who writes it, who reads it.
def test_given_a_variable_of_ours_when_used_then_the_architecture_tells_who_writes_it() -> None:
    used = set(CHANNEL_VARIABLE.findall(SOURCE))
    told = set(CHANNEL_VARIABLE.findall(text("docs/architecture.md")))
    assert {name.rstrip("_") for name in used} <= {name.rstrip("_") for name in told}
    assert {name.rstrip("_") for name in told} <= {name.rstrip("_") for name in used}
