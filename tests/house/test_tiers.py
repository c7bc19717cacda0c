"""Every test module declares its tier, and the rule that sees to it works."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TIERS, complaint
from tests.house.tree import parsed, text, under
from tests.tier_order import TIERS as ORDERED

pytestmark = pytest.mark.house

MODULES = [name for name in under("tests") if name.rsplit("/", 1)[1].startswith("test_")]


def _declared(name: str) -> list[str]:
    values = [
        node.value
        for node in parsed(name).body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    marks = [one for value in values for one in (value.elts if isinstance(value, ast.List | ast.Tuple) else [value])]
    return [mark.attr for mark in marks if isinstance(mark, ast.Attribute)]


# docs/tests.md: "Each module says which tier it belongs to, so that a tier can be run alone."
def test_given_the_test_modules_when_read_then_each_declares_exactly_one_tier() -> None:
    assert not [told for name in MODULES if (told := complaint(name, _declared(name))) is not None]


@pytest.mark.parametrize("marks", [[], ["asyncio"], ["unit", "wire"]])
def test_given_no_tier_or_two_when_looked_at_then_the_complaint_tells_what_to_write(marks: list[str]) -> None:
    told = complaint("tests/x/test_y.py", marks)
    assert told is not None
    assert "pytestmark = pytest.mark.unit" in told


def test_given_a_module_without_a_tier_when_collected_then_pytest_refuses_and_says_how_to_mend_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text(text("tests/conftest.py"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text("def test_nothing() -> None:\n    pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "test_it.py must declare exactly one tier" in done.stdout + done.stderr


def test_given_the_lists_of_tiers_when_compared_then_they_name_the_same() -> None:
    assert set(TIERS) == set(ORDERED)
    assert not [tier for tier in TIERS if f'"{tier}: ' not in text("pyproject.toml")]
