"""A core does no I/O and owns no clock: what no import tells."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import CORES, parsed, under

pytestmark = pytest.mark.house

#: Reading a clock through a type that is fine for arithmetic.
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter"}
DOORS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def _offences(name: str) -> list[str]:
    found = []
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            found.append(f"{name}:{node.lineno}: awaits")
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in DOORS:
            found.append(f"{name}:{node.lineno}: calls {node.func.id}()")
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"{name}:{node.lineno}: reads a clock by {node.func.attr}()")
    return found


# Law 2: "step(input, now) -> effects": the time comes in, nothing is awaited, nothing is opened.
def test_given_the_cores_when_read_then_they_await_nothing_open_nothing_and_read_no_clock() -> None:
    assert not [offence for name in under(*CORES) for offence in _offences(name)]


def _is_dataclass(node: ast.ClassDef) -> ast.Call | None:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "dataclass":
            return mark
    return None


# STYLE B11: "Frozen, slotted, keyword-only dataclasses": what is said between folders is not changed by who hears it.
def test_given_a_word_of_the_house_when_read_then_it_is_frozen_slotted_and_keyword_only() -> None:
    words = [*under("kernel"), *[name for name in under(*CORES) if name.endswith(("/inputs.py", "/effects.py"))]]
    loose = [
        f"{name}:{node.lineno}: {node.name}"
        for name in words
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.ClassDef)
        and (mark := _is_dataclass(node)) is not None
        and not {word.arg for word in mark.keywords} >= {"frozen", "slots", "kw_only"}
    ]
    assert not loose
