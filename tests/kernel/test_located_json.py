"""Lines of a JSON text: found by path, whatever stands between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.located_json import JsonText

pytestmark = pytest.mark.unit

_TEXT = '{"a": [1, {"b\\"": "x\\ny"}],\n "c": {},\n\n "d": [[], [2,\n 3]]}'


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("a",), 1, 2),
        (("a", 1, 'b"'), 1, 12),
        (("c",), 2, 2),
        (("d", 1, 1), 5, 2),
        (("d", 7), 4, 2),
        (("nowhere", "c"), 2, 2),
        (("c", "below"), 2, 2),
        (("d", 1, 1, "below"), 5, 2),
    ],
)
def test_given_a_path_when_looked_up_then_line_and_column(path: tuple[str | int, ...], line: int, column: int) -> None:
    place = JsonText(_TEXT, "day.json").at(path)
    assert (place.line, place.column) == (line, column)


def test_given_keys_that_stand_twice_when_looked_for_then_each_with_its_path_and_both_places() -> None:
    text = '[{"a": 1, "b": [{"c": {}, "\\u0063": 2}],\n "a": {"d": 1,\n"d": 2}, "a": 3}, {"a": 1}]'
    found = [(one.path, one.place.line, one.first.column) for one in JsonText(text, "f").doubled()]
    assert found == [((0, "b", 0, "c"), 1, 18), ((0, "a"), 2, 3), ((0, "a", "d"), 3, 8), ((0, "a"), 3, 3)]


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


# Whatever the value: a key's own text stands where its path leads.
@given(_JSON)
def test_given_any_value_when_each_of_its_paths_is_looked_up_then_the_text_there_is_it(value: Any) -> None:  # noqa: ANN401 - JSON of any shape
    text = json.dumps(value, indent=1)
    lines = text.split("\n")

    def visit(node: Any, path: tuple[str | int, ...]) -> None:  # noqa: ANN401 - as above
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            place = JsonText(text, "f").at((*path, key))
            begin = json.dumps(key) + ":" if isinstance(node, dict) else json.dumps(inner, indent=1).split("\n")[0]
            assert lines[place.line - 1][place.column - 1 :].startswith(begin)
            visit(inner, (*path, key))

    visit(value, ())
    assert not [*JsonText(text, "f").doubled()]
