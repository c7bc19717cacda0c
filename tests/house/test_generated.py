"""What is written from the code is what the code says."""

from __future__ import annotations

import json

import pytest

from guildhall.generate import between, documents, stale
from ivr.core.verbs import VERBS
from kernel.facts import FACTS
from tests.house.tree import HOME, files

pytestmark = pytest.mark.house


def test_given_the_generated_files_when_made_again_then_they_are_the_same() -> None:
    assert [str(path.relative_to(HOME)) for path in stale()] == [], "run: .venv/bin/guildhall generate"


def test_given_the_generated_files_when_committed_then_git_knows_them() -> None:
    assert {str(path.relative_to(HOME)) for path in documents()} <= set(files())


def test_given_the_schema_when_read_then_every_verb_is_in_it_and_unknown_keys_are_refused() -> None:
    schema = json.loads((HOME / "dialplans" / "flow.schema.json").read_text(encoding="utf-8"))
    verbs = {shape["properties"]["verb"]["const"]: shape for shape in schema["$defs"].values()}
    assert set(verbs) == set(VERBS)
    assert not any(shape["additionalProperties"] for shape in verbs.values())


def test_given_the_page_of_facts_when_read_then_every_kind_has_a_row() -> None:
    page = (HOME / "docs" / "facts.md").read_text(encoding="utf-8")
    assert all(f"| `{kind}` |" in page for kind in FACTS)


def test_given_a_page_without_marks_when_a_part_is_put_in_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no part marked"):
        between("# A page\n", "verbs", "text\n")
