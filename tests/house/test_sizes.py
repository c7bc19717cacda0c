"""Small files, short functions, names that say something."""

from __future__ import annotations

import ast
from pathlib import PurePath

import pytest

from tests.house.tree import PACKAGES, files, parsed, text, under

pytestmark = pytest.mark.house

#: STYLE B6: files under 300 lines, most under 120; functions under about 40.
FILE_LINES, FUNCTION_LINES = 300, 40
#: A test tells a story, from what is given to what is then.
TEST_FUNCTION_LINES = 60
#: These hold whatever nobody found a name for.
NAMELESS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc", "stuff", "core_utils"}

SOURCES = [*under(*PACKAGES), *under("setup", ending=".sh"), *under("asterisk_conf", ending=".conf")]
TESTS = under("tests")


def _longest(name: str) -> tuple[int, str]:
    functions = [one for one in ast.walk(parsed(name)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return max((((one.end_lineno or 0) - one.lineno + 1, one.name) for one in functions), default=(0, ""))


def test_given_a_source_file_when_measured_then_it_fits_on_a_few_screens() -> None:
    assert not [name for name in (*SOURCES, *TESTS) if len(text(name).splitlines()) >= FILE_LINES]


def test_given_a_function_when_measured_then_it_fits_on_one_screen() -> None:
    limits = [([name for name in SOURCES if name.endswith(".py")], FUNCTION_LINES), (TESTS, TEST_FUNCTION_LINES)]
    longest = {name: (_longest(name), most) for names, most in limits for name in names}
    assert not [f"{name}: {found[1]}: {found[0]}" for name, (found, most) in longest.items() if found[0] > most]


def test_given_every_file_and_folder_when_named_then_the_name_says_what_is_in_it() -> None:
    # manager.conf is Asterisk's own name for it.
    ours = [name for name in files() if not name.startswith("asterisk_conf/")]
    parts = {(part, name) for name in ours for part in (*PurePath(name).parent.parts, PurePath(name).stem)}
    assert not [name for part, name in sorted(parts) if part.lower() in NAMELESS]


# STYLE B15: "One-sentence module docstring on every module." ruff sees that it is there; not that it says something.
def test_given_a_module_when_read_then_it_opens_with_a_sentence() -> None:
    openings = {name: (ast.get_docstring(parsed(name)) or "").split("\n")[0] for name in [*under(*PACKAGES), *TESTS]}
    assert not [name for name, told in openings.items() if len(told.split()) < 3 or not told.endswith((".", "?"))]
