"""The small language of `branch` and `set`: names, numbers, texts, yes and no; no attributes, no calls, no loops.

    either   = both ("or" both)*            value = number | text | "yes" | "no" | name | "(" either ")"
    both     = not ("and" not)*             name  = word ("." word)*      such as  staff.housing
    not      = "not" not | compared         text  = "'" … "'"  or  '"' … '"'
    compared = sum (("=" | "!=" | "<" | "<=" | ">" | ">=") sum | "in" "[" value ("," value)* "]")?
    sum      = value (("+" | "-") value)*

Types are checked when the flow is loaded. What is not known while the call is under way (nobody told how many wait)
makes every comparison with it unknown, and an unknown condition is not taken: `otherwise` is the way of doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kernel.schema import WrongInside, did_you_mean

#: SECURITY V20: bounded before anything is read; a condition that needs more is several steps.
MAX_LENGTH, MAX_TOKENS, MAX_DEPTH = 300, 120, 12
#: A whole number has at most 12 digits; sums stay inside 64 bits.
MAX_NUMBER = 10**15

#: A text, a number or yes/no; None is not known.
Value = str | int | bool | None
Type = str
TEXT, NUMBER, YES_NO = "text", "number", "yes-no"

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+)|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)|(?P<text>'[^']*'|"[^"]*")"""
    r"""|(?P<sign><=|>=|!=|[=<>+\-()\[\],]))"""
)
_WORDS = {"and", "or", "not", "in", "yes", "no"}
_ORDERED: Mapping[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: ``op`` with its parts; ``at`` is where it stands in the text."""

    op: str
    at: int
    parts: tuple[Node, ...] = ()
    value: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A text that was read. Equal texts are equal expressions."""

    text: str
    node: Node

    def names(self) -> Iterator[tuple[str, int]]:
        """Every name in it and where it stands."""
        ahead = [self.node]
        while ahead:
            node = ahead.pop()
            if node.op == "name":
                yield str(node.value), node.at
            ahead.extend(node.parts)

    def type_in(self, types: Mapping[str, Type]) -> Type:
        """Return the type it has. Raises ``WrongInside`` for an unknown name and for types that do not go together."""
        return _type(self.node, types)

    def value_in(self, values: Mapping[str, Value]) -> Value:
        """Return the value, None when it depends on something not known. Never raises, whatever the values."""
        return _value(self.node, values)


def read(text: str) -> Expression:
    """Read an expression. Raises ``WrongInside`` with the character at which it is wrong, and nothing else."""
    if len(text) > MAX_LENGTH:
        raise WrongInside(f"longer than {MAX_LENGTH} characters: make several steps of it", MAX_LENGTH)
    return Expression(text=text, node=_Reader(text).whole())


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Recursive descent, a method a rule; ``MAX_DEPTH`` bounds the recursion."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if (left := self._peek()).kind != "end":
            raise WrongInside(f"'{left.text}' is not expected here", left.at)
        return node

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> _Token | None:
        token = self._peek()
        if token.kind in {"sign", "word"} and token.text in texts:
            self._next += 1
            return token
        return None

    def _expect(self, text: str) -> None:
        if self._take(text) is None:
            found = self._peek()
            raise WrongInside(f"'{text}' is expected" + (f", not '{found.text}'" if found.text else ""), found.at)

    def _deeper(self, rule: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise WrongInside(f"more than {MAX_DEPTH} levels deep", self._peek().at)
        node = rule()
        self._depth -= 1
        return node

    def _chain(self, rule: Callable[[], Node], word: str) -> Node:
        parts, at = [rule()], self._peek().at
        while self._take(word) is not None:
            parts.append(rule())
        return parts[0] if len(parts) == 1 else Node(word, at, tuple(parts))

    def _either(self) -> Node:
        return self._chain(self._both, "or")

    def _both(self) -> Node:
        return self._chain(self._not, "and")

    def _not(self) -> Node:
        if (token := self._take("not")) is not None:
            return Node("not", token.at, (self._deeper(self._not),))
        return self._compared()

    def _compared(self) -> Node:
        left = self._sum()
        if (token := self._take("=", "!=", "<", "<=", ">", ">=")) is not None:
            return Node(token.text, token.at, (left, self._sum()))
        if (token := self._take("in")) is not None:
            self._expect("[")
            parts = [left, self._item()]
            while self._take(",") is not None:
                parts.append(self._item())
            self._expect("]")
            return Node("in", token.at, tuple(parts))
        return left

    def _sum(self) -> Node:
        node = self._item()
        while (token := self._take("+", "-")) is not None:
            # Kept flat: a long sum is no deeper than a short one.
            right = self._item()
            parts = (*node.parts, right) if node.op == "sum" else (node, right)
            signs = f"{node.value if node.op == 'sum' else '+'}{token.text}"
            node = Node("sum", node.at, parts, signs)
        return node

    def _item(self) -> Node:
        token = self._peek()
        if self._take("(") is not None:
            node = self._deeper(self._either)
            self._expect(")")
            # A sum in brackets is one value of the sum around it.
            return Node("same", token.at, (node,))
        if self._take("yes", "no") is not None:
            return Node("literal", token.at, (), token.text == "yes")
        if token.kind not in {"number", "name", "text"}:
            found = f", not '{token.text}'" if token.text else ""
            raise WrongInside(f"a name, a number, a text in quotes, yes or no is expected{found}", token.at)
        self._next += 1
        if token.kind == "name":
            return Node("name", token.at, (), token.text)
        return Node("literal", token.at, (), int(token.text) if token.kind == "number" else token.text[1:-1])


def _tokens(text: str) -> Iterator[_Token]:
    at, count, end = 0, 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            start = len(text) - len(text[at:].lstrip())
            raise WrongInside(f"'{text[start]}' cannot be read here", start)
        kind, token = str(found.lastgroup), found[str(found.lastgroup)]
        if kind == "number" and (len(token) > len(str(MAX_NUMBER)) - 4 or not token.isascii()):
            raise WrongInside("a number has at most 12 digits", found.start(kind))
        yield _Token("word" if kind == "name" and token in _WORDS else kind, token, found.start(kind))
        at, count = found.end(), count + 1
        if count > MAX_TOKENS:
            raise WrongInside(f"more than {MAX_TOKENS} words: make several steps of it", at)
    yield _Token("end", "", end)


def _type(node: Node, types: Mapping[str, Type]) -> Type:
    if node.op == "literal":
        return YES_NO if isinstance(node.value, bool) else NUMBER if isinstance(node.value, int) else TEXT
    if node.op == "name":
        return _name_type(node, types)
    kinds = [_type(part, types) for part in node.parts]
    if node.op == "same":
        return kinds[0]
    if node.op == "sum":
        _all(node, kinds, NUMBER, "only numbers can be added")
        return NUMBER
    if node.op in {"and", "or", "not"}:
        _all(node, kinds, YES_NO, f"'{node.op}' goes with yes and no")
    elif node.op in _ORDERED:
        _all(node, kinds, NUMBER, f"'{node.op}' goes with numbers")
    else:
        _all(node, kinds, kinds[0], f"a {kinds[0]} is compared with something else")
    return YES_NO


def _name_type(node: Node, types: Mapping[str, Type]) -> Type:
    name = str(node.value)
    if name not in types:
        hint = did_you_mean(name, types)
        raise WrongInside(f"unknown name '{name}'" + (f": {hint}" if hint else ""), node.at)
    return types[name]


def _all(node: Node, kinds: list[Type], wanted: Type, message: str) -> None:
    for part, kind in zip(node.parts, kinds, strict=True):
        if kind != wanted:
            raise WrongInside(f"{message}: this is a {kind}", part.at)


def _value(node: Node, values: Mapping[str, Value]) -> Value:
    if node.op in {"literal", "name"}:
        return node.value if node.op == "literal" else values.get(str(node.value))
    found = [_value(part, values) for part in node.parts]
    if node.op == "same":
        return found[0]
    if node.op in {"and", "or"}:
        return _logic(found, decides=node.op == "or")
    if node.op == "not":
        return None if not isinstance(found[0], bool) else not found[0]
    if node.op == "sum":
        return _added(found, str(node.value))
    return _compared(node.op, found)


def _logic(found: list[Value], *, decides: bool) -> Value:
    """Kleene's: one part that decides is enough, whatever the unknown ones are."""
    if any(one is decides for one in found):
        return decides
    return None if any(one is None for one in found) else not decides


def _added(found: list[Value], signs: str) -> Value:
    total = 0
    for sign, one in zip(signs, found, strict=False):
        if not isinstance(one, int):
            return None
        total += -one if sign == "-" else one
    return total if abs(total) <= MAX_NUMBER else None


def _compared(op: str, found: list[Value]) -> Value:
    first, *others = found
    if first is None or None in others:
        return None
    if op == "=":
        return first == others[0]
    if op == "!=":
        return first != others[0]
    if op == "in":
        return first in others
    other = others[0]
    return _ORDERED[op](first, other) if isinstance(first, int) and isinstance(other, int) else None
