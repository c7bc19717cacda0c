"""Finds the texts that flows say by verb `say` and that never change, so that they are spoken into files beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kernel.located import Located
from kernel.said import changes, prompt_of

#: BCP 47, two letters: it becomes a folder's name.
_LANGUAGE_LETTERS = 2


def said_prompts(flows: Iterable[Located]) -> dict[str, Mapping[str, str]]:
    """Prompt id -> language -> text. What is no flow is passed over: the flow language tells of it."""
    found: dict[str, Mapping[str, str]] = {}
    for flow in flows:
        for step in _values(_value(flow, "steps")):
            texts = _texts(_value(step, "text"))
            if _word(step) == "say" and texts and not changes(texts):
                found[prompt_of(texts)] = texts
    return found


def _word(step: Located) -> object:
    verb = _value(step, "verb")
    return verb.value if verb is not None else None


def _texts(node: Located | None) -> dict[str, str]:
    if node is None or not isinstance(node.value, Mapping):
        return {}
    return {
        language: text.value
        for language, text in node.value.items()
        if isinstance(text.value, str) and text.value and len(language) == _LANGUAGE_LETTERS and language.isalpha()
    }


def _value(node: Located | None, key: str) -> Located | None:
    return node.value.get(key) if node is not None and isinstance(node.value, Mapping) else None


def _values(node: Located | None) -> Iterable[Located]:
    return node.value.values() if node is not None and isinstance(node.value, Mapping) else ()
