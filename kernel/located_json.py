"""Where things stand in a JSON text, and keys that stand twice there, of which every JSON reader takes the last.

Looked up only when there is a mistake to tell, so that reading stays quick.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernel.located import Place

_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A key that an object has already."""

    path: tuple[str | int, ...]
    place: Place
    #: Where it stood before.
    first: Place


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
        return self._place(key)

    def doubled(self) -> Iterator[Doubled]:
        """Every key that an object has a second time, in the order of the text."""
        if self._any_doubled():
            yield from self._doubled_in(self._skip(0), ())

    def _any_doubled(self) -> bool:
        found = False

        def look(pairs: list[tuple[str, object]]) -> None:
            nonlocal found
            found = found or len(dict(pairs)) < len(pairs)

        # By the interpreter's own quick reader: a day of 30,000 calls takes a tenth of a second.
        json.JSONDecoder(object_pairs_hook=look).raw_decode(self._text, self._skip(0))
        return found

    def _doubled_in(self, at: int, path: tuple[str | int, ...]) -> Iterator[Doubled]:
        first: dict[str | int, int] = {}
        for name, key, value in self._members(at):
            if name in first:
                yield Doubled(path=(*path, name), place=self._place(key), first=self._place(first[name]))
            first.setdefault(name, key)
            yield from self._doubled_in(value, (*path, name))

    def _place(self, at: int) -> Place:
        line = self._text.count("\n", 0, at) + 1
        return Place(file=self._file, line=line, column=at - self._text.rfind("\n", 0, at))

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return at if found is None else found.end()

    def _member(self, at: int, part: str | int) -> tuple[int, int] | None:
        """Where a member of the object or list at ``at`` begins: its key (of a list: itself) and its value."""
        return next(((key, value) for name, key, value in self._members(at) if name == part), None)

    def _members(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        """Each member of the object or list at ``at``: its name or number, where it begins, where its value does."""
        closing = {"{": "}", "[": "]"}.get(self._text[at : at + 1])
        number, at = 0, self._skip(at + 1)
        while closing is not None and self._text[at] != closing:
            key: int = at
            name: str | int = number
            if closing == "}":
                name, at = self._decode(self._text, at)
                at = self._skip(self._skip(at) + 1)
            yield name, key, at
            _value, at = self._decode(self._text, at)
            number, at = number + 1, self._skip(at)
            if self._text[at] == ",":
                at = self._skip(at + 1)
