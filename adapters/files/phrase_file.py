"""Writes one phrase into a council's `intents.yaml` as an engineer would: one line more, every other byte untouched."""

from __future__ import annotations

import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kernel.errors import GuildhallError

#: Where an intent's phrases stand, and where those of none do.
_INTENTS, _PHRASES, _NONE = "intents", "phrases", "out_of_scope"


def with_phrase(text: str, intent: str, phrase: str) -> str:
    """The file with the phrase added; ``intent`` "" is out of scope.

    Raises ``GuildhallError`` when the file cannot be read, or is written in a way this does not know how to extend.
    """
    before = _data(text)
    after = _inserted(text, intent, phrase)
    wanted = _with(before, intent, phrase)
    if _data(after) != wanted:
        raise GuildhallError("odd_file", "intents.yaml is written in an unusual way: add the phrase by hand")
    return after


def _with(data: dict[str, Any], intent: str, phrase: str) -> dict[str, Any]:
    if not intent:
        return {**data, _NONE: [*data.get(_NONE, ()), phrase]}
    intents = data.get(_INTENTS) or {}
    own = (intents.get(intent) or {}) if isinstance(intents, dict) else None
    if not isinstance(own, dict):
        raise GuildhallError("bad_yaml", "intents.yaml cannot be read: run 'guildhall check'")
    return {**data, _INTENTS: {**intents, intent: {**own, _PHRASES: [*own.get(_PHRASES, ()), phrase]}}}


def _inserted(text: str, intent: str, phrase: str) -> str:
    """Find the innermost thing that is there already, and put what is missing behind it."""
    text = text if text.endswith("\n") or not text else text + "\n"
    root = YAML().compose(text)
    path = [_INTENTS, intent, _PHRASES] if intent else [_NONE]
    node: Node | None = root if isinstance(root, MappingNode) else None
    depth = 0
    while depth < len(path) and isinstance(node, MappingNode) and (found := _value(node, path[depth])) is not None:
        node, depth = found, depth + 1
    if isinstance(node, SequenceNode):
        return _into_list(text, node, phrase)
    if isinstance(node, MappingNode) and node.flow_style:
        return _into_flow(text, node, path[depth:], phrase)
    indent = node.start_mark.column if isinstance(node, MappingNode) else 0
    lines, at = text.splitlines(keepends=True), _end_line(text, node)
    new = [f"{' ' * (indent + 2 * step)}{key}:\n" for step, key in enumerate(path[depth:])]
    new.append(f"{' ' * (indent + 2 * len(path[depth:]))}- {_scalar(phrase)}\n")
    return "".join([*lines[:at], *new, *lines[at:]])


def _into_list(text: str, node: SequenceNode, phrase: str) -> str:
    if node.flow_style:
        end = node.end_mark.index - 1
        return f"{text[:end]}{', ' if node.value else ''}{json.dumps(phrase, ensure_ascii=False)}{text[end:]}"
    lines, at = text.splitlines(keepends=True), _end_line(text, node)
    return "".join([*lines[:at], f"{' ' * node.start_mark.column}- {_scalar(phrase)}\n", *lines[at:]])


def _into_flow(text: str, node: MappingNode, missing: list[str], phrase: str) -> str:
    """Into a mapping written in braces."""
    said = json.dumps([phrase], ensure_ascii=False)
    for key in reversed(missing[1:]):
        said = f"{{{key}: {said}}}"
    end = node.end_mark.index - 1
    return f"{text[:end]}{', ' if node.value else ''}{missing[0]}: {said}{text[end:]}"


def _end_line(text: str, node: Node | None) -> int:
    """The line behind a block: not behind the comments and empty lines that follow it."""
    last = text.count("\n") if node is None else _last(node)
    return max(last, 0)


def _last(node: Node) -> int:
    """The line behind the last scalar inside."""
    if isinstance(node, ScalarNode) or not node.value or getattr(node, "flow_style", False):
        mark = node.end_mark
        return int(mark.line) + (1 if mark.column else 0)
    inner = node.value[-1]
    return _last(inner[1] if isinstance(inner, tuple) else inner)


def _value(node: MappingNode, key: str) -> Node | None:
    return next((value for name, value in node.value if getattr(name, "value", None) == key), None)


def _scalar(phrase: str) -> str:
    """Plain where YAML reads it as the same text, else in quotes."""
    try:
        plain = _data(f"- {phrase}\n", list) == [phrase]
    except GuildhallError:
        plain = False
    return phrase if plain else json.dumps(phrase, ensure_ascii=False)


def _data(text: str, kind: type = dict) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        # Every scalar as text, as the councils' files are read.
        found = YAML(typ="base", pure=True).load(text)
    except YAMLError:
        raise GuildhallError("bad_yaml", "intents.yaml cannot be read: run 'guildhall check'") from None
    found = kind() if found is None else found
    if not isinstance(found, kind):
        raise GuildhallError("bad_yaml", "intents.yaml holds no keys: run 'guildhall check'")
    return found
