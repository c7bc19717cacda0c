"""Every row of what any distributor must do that this one promises has a test named after it."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import text, under

pytestmark = pytest.mark.house

#: Rows of the conformance table, by number: the distributor's, and what reaches into it.
ROWS = (*range(1, 32), 37, 38, 41, *range(43, 47), *range(49, 54))
_NAMED = re.compile(r"def test_c(\d\d)_")


def test_given_the_rows_that_are_promised_when_the_tests_are_read_then_each_has_one_of_its_name() -> None:
    named = {int(number) for name in under("tests") for number in _NAMED.findall(text(name))}
    assert [f"C{row:02}" for row in ROWS if row not in named] == []
