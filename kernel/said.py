"""Texts a flow says: those that never change are prompts of their own, named by content; the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

#: ``{name}`` or ``{name:form}`` inside a text.
PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,31})(?::([a-z]{1,16}))?\}")


def changes(texts: Mapping[str, str]) -> bool:
    """Whether a text has places for values, so that it cannot be recorded beforehand."""
    return any("{" in text or "}" in text for text in texts.values())


def prompt_of(texts: Mapping[str, str]) -> str:
    """The prompt id of a text that never changes: the same words have the same id wherever they are said."""
    content = "\n".join(f"{language}\t{' '.join(text.split())}" for language, text in sorted(texts.items()))
    return f"say-{sha256(content.encode()).hexdigest()[:16]}"
