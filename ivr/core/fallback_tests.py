"""A condition of `branch` as the PBX can test it by itself: true for certain, or not taken."""

from __future__ import annotations

from ivr.core.expression import Expression, Node
from kernel.static_plan import Known, Test

YES, NO = Test(op="yes"), Test(op="no")
#: What the PBX knows: the number dialled, the clock, the language so far. ``open.<hours>`` beside.
_KNOWN = {"number", "hour", "weekday", "language"}
_SIGNS = {"=", "!=", "<", "<=", ">", ">="}

#: A text or number as it stands, a name, or a sum: its signs and its parts. None: only the engine knows.
_Term = str | int | bool | Known | tuple["_Term", ...] | None


def test_of(condition: Expression, council: str) -> Test:
    """Return a test that holds exactly when the condition holds whatever the unknown names are (Kleene's logic)."""
    return _certain(condition.node, council, wanted=True)


def _certain(node: Node, council: str, *, wanted: bool) -> Test:  # noqa: PLR0911 - a table of operations
    """Whether the condition is ``wanted`` for certain. Both may fail: then nobody here knows."""
    if node.op == "same":
        return _certain(node.parts[0], council, wanted=wanted)
    if node.op == "not":
        return _certain(node.parts[0], council, wanted=not wanted)
    if node.op in {"and", "or"}:
        parts = [_certain(part, council, wanted=wanted) for part in node.parts]
        return _together(parts, every=(node.op == "and") is wanted)
    if node.op in {"literal", "name"}:
        return _flag(node, wanted=wanted)
    if node.op == "in":
        equal = [_compared("=", node.parts[0], part, council) for part in node.parts[1:]]
        # One unknown part makes the whole unknown, as the engine has it.
        if any(test is None for test in equal):
            return NO
        tests = [test for test in equal if test is not None]
        found = _together(tests, every=False)
        return found if wanted else _not(found)
    found_one = _compared(node.op, node.parts[0], node.parts[1], council)
    if found_one is None:
        return NO
    return found_one if wanted else _not(found_one)


def _flag(node: Node, *, wanted: bool) -> Test:
    if node.op == "literal":
        return YES if node.value is wanted else NO
    kind, _, hours = str(node.value).partition(".")
    if kind != "open" or not hours:
        return NO
    opened = Test(op="open", values=(hours,))
    return opened if wanted else _not(opened)


def _together(parts: list[Test], *, every: bool) -> Test:
    decides, neutral = (NO, YES) if every else (YES, NO)
    left = [part for part in parts if part != neutral]
    if decides in left:
        return decides
    if not left:
        return neutral
    return left[0] if len(left) == 1 else Test(op="all" if every else "any", parts=tuple(left))


def _not(test: Test) -> Test:
    if test in {YES, NO}:
        return NO if test == YES else YES
    return Test(op="not", parts=(test,))


def _compared(sign: str, left: Node, right: Node, council: str) -> Test | None:
    """None: one side is not known here."""
    first, second = _term(left, council), _term(right, council)
    if first is None or second is None or sign not in _SIGNS:
        return None
    if isinstance(first, bool) or isinstance(second, bool):
        return None if not (isinstance(first, bool) and isinstance(second, bool)) else _decided(sign, first, second)
    return Test(op="number" if _is_number(first) else "same", values=(sign, *_flat(first), "|", *_flat(second)))


def _decided(sign: str, first: bool, second: bool) -> Test:  # noqa: FBT001 - two truths compared
    return YES if (first == second) is (sign == "=") else NO


def _term(node: Node, council: str) -> _Term:
    if node.op == "same":
        return _term(node.parts[0], council)
    if node.op == "literal":
        return node.value
    if node.op == "name":
        name = str(node.value)
        return council if name == "council" else Known(name=name) if name in _KNOWN else None
    if node.op == "sum":
        parts = [_term(part, council) for part in node.parts]
        if any(part is None or isinstance(part, tuple | bool) for part in parts):
            return None
        return tuple(piece for sign, part in zip(str(node.value), parts, strict=True) for piece in (sign, part))
    return None


def _is_number(term: _Term) -> bool:
    return isinstance(term, int | tuple) or term == Known(name="hour")


def _flat(term: _Term) -> tuple[str | int | Known, ...]:
    if isinstance(term, tuple):
        return tuple(one for one in term if isinstance(one, str | int | Known))
    return (term,) if isinstance(term, str | int | Known) else ()
