"""Where things stand in a JSON text: looked up only when there is a mistake to tell, so that reading stays quick."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from kernel.located import Place

_SPACE = re.compile(r"[ \t\r\n]*")


class JsonText:
    """A JSON text that is known to be well formed, and its file's name."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._decode = json.JSONDecoder().raw_decode

    def at(self, path: Sequence[str | int]) -> Place:
        """Where ``path`` leads; parts that are not there are passed over, as ``Located.at`` does."""
        value = key = self._skip(0)
        for part in path:
            if (found := self._member(value, part)) is not None:
                key, value = found
        line = self._text.count("\n", 0, key) + 1
        return Place(file=self._file, line=line, column=key - self._text.rfind("\n", 0, key))

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return at if found is None else found.end()

    def _member(self, at: int, part: str | int) -> tuple[int, int] | None:
        """Where a member of the object or list at ``at`` begins: its key (of a list: itself) and its value."""
        closing = {"{": "}", "[": "]"}.get(self._text[at : at + 1])
        number, at = 0, self._skip(at + 1)
        while closing is not None and self._text[at] != closing:
            key, name = at, number
            if closing == "}":
                name, at = self._decode(self._text, at)
                at = self._skip(self._skip(at) + 1)
            if name == part:
                return key, at
            _value, at = self._decode(self._text, at)
            number, at = number + 1, self._skip(at)
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return None
