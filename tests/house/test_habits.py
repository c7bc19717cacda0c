"""Habits of docs/tests.md that a machine can see: nothing of ours is patched, no acceptance test sleeps."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import PACKAGES, parsed, text, under

pytestmark = pytest.mark.house

MODULES = under("tests")
#: Seeded mistakes are put into the core's functions: that is what is tried.
_EXEMPT = {"tests/mutants/mutant.py"}


def patched(tree: ast.Module) -> list[str]:
    """What is given a new attribute by ``….setattr(what, …)`` and is no module of somebody else's, imported by name."""
    theirs = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    calls = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setattr"
    ]
    named = [str(ast.literal_eval(what)) if isinstance(what, ast.Constant) else ast.unparse(what) for what in calls]
    return [name for name in named if name.split(".")[0] not in (theirs | {"sys"}) - {*PACKAGES, "tests"}]


# "What a test must change is a parameter, virtual time, or a fault of a fake": a patched constant hid that a test of
# P15 added two figures that do not belong together.
def test_given_the_tests_when_read_then_none_sets_an_attribute_of_ours() -> None:
    assert not {name: found for name in MODULES if name not in _EXEMPT and (found := patched(parsed(name)))}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import time\nmonkeypatch.setattr(time, 'time', f)", []),
        ("monkeypatch.setattr('sys.argv', [])", []),
        ("from ivr import asking\nmonkeypatch.setattr(asking, '_LIMIT_S', 1)", ["asking"]),
        ("patch.setattr('adapters.asterisk.ami_link._WAIT_S', 1)", ["adapters.asterisk.ami_link._WAIT_S"]),
        ("patch.setattr(bench.vault, 'put', full)", ["bench.vault"]),
    ],
)
def test_given_a_patch_when_looked_at_then_only_ours_is_found(line: str, found: list[str]) -> None:
    assert patched(ast.parse(line)) == found


# docs/tests.md: "No sleep to wait for something: look again until it is there, with a deadline."
def test_given_the_acceptance_tests_when_read_then_none_sleeps() -> None:
    assert not [name for name in MODULES if name.startswith("tests/acceptance/") and "sleep(" in text(name)]
