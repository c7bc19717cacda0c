"""YAML read as text that knows where it stands: every scalar a string, every node with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from kernel.errors import BadInput

#: SECURITY V19: a council's file is some kilobytes; more is a mistake or an attack.
MAX_BYTES = 1 << 20
MAX_DEPTH = 50
#: A flow of 5,000 steps has some 55,000; the bound keeps any file of 1 MiB under a second.
MAX_NODES = 100_000

#: Control characters but tab and line feed; other line breaks of Unicode, which would make our line numbers differ from
#: the editor's; half surrogates; a byte order mark that is not at the beginning.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands; lines and columns count from 1, as editors do."""

    file: str
    line: int = 1
    column: int = 1
    #: Columns from here to the first character of the text: 1 when it stands in quotes.
    quotes: int = field(default=0, compare=False, repr=False)

    def inside(self, offset: int) -> Place:
        """The place ``offset`` characters into the text; right for a text of one line without escapes."""
        return Place(file=self.file, line=self.line, column=self.column + self.quotes + offset)


class ConfigError(BadInput):
    """One thing wrong in a configuration file; ``str()`` is ``file:line: message: hint``."""

    def __init__(self, place: Place, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(code, message)
        self.place = place
        self.hint = hint

    @property
    def file(self) -> str:
        """The file, as it was named to the reader."""
        return self.place.file

    @property
    def line(self) -> int:
        """From 1."""
        return self.place.line

    @property
    def column(self) -> int:
        """From 1."""
        return self.place.column

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" + (f": {self.hint}" if self.hint else "")


class ConfigErrors(BadInput):
    """All that is wrong, in the order of the files; ``str()`` has a line for each."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__("bad_config", f"{len(errors)} error(s) in the configuration")
        self.errors = tuple(sorted(errors, key=lambda one: (one.file, one.line, one.column)))

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Placed(Protocol):
    """Something read from a file that knows where each part of it stands."""

    def at(self, path: Sequence[str | int]) -> Place:
        """Where ``path`` leads; parts that are not there are passed over."""
        ...


#: A ``Located`` without its places, as pydantic takes it.
Plain = str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A node: text, a list or a mapping. ``keys`` tells where each key of a mapping stands."""

    place: Place
    value: str | tuple[Located, ...] | Mapping[str, Located]
    keys: Mapping[str, Place] = field(default_factory=dict)

    def plain(self) -> Plain:
        """The same without places."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return {key: item.plain() for key, item in self.value.items()}

    def at(self, path: Sequence[str | int]) -> Place:
        """Where ``path`` leads; parts that are not in the tree are passed over: the nearest known place comes back."""
        node, place = self, self.place
        for part in path:
            if isinstance(node.value, tuple):
                if isinstance(part, int) and part < len(node.value):
                    node = node.value[part]
                    place = node.place
            elif not isinstance(node.value, str) and part in node.value:
                place = node.keys[str(part)]
                node = node.value[str(part)]
        return place


def parse(source: bytes | str, file: str) -> Located:
    """Read one YAML document. Raises ``ConfigError`` for whatever is not plain, small, UTF-8 and free of tricks.

    Refused: tags, anchors, aliases, merge keys, duplicate keys, several documents, directives, control characters,
    more than 1 MiB, 50 levels or 100,000 values. Nothing is ever constructed from the text but strings.
    """
    text = _text(source, file)
    # Events, not compose(): the same parser one level down. The composer resolves aliases and recurses before we could
    # look; here the first trick ends the reading. With ruamel.yaml.clib installed libyaml does the scanning.
    try:
        return _Composer(file, iter(YAML(typ="safe", pure=False).parse(text))).document()
    except ConfigError:
        raise
    except MarkedYAMLError as error:
        raise _syntax_error(error, file, text) from None
    except Exception:  # noqa: BLE001 - a foreign parser of hostile text: however it fails, the file is refused
        raise ConfigError(Place(file=file), "syntax", "this is not YAML that can be read") from None


def _text(source: bytes | str, file: str) -> str:
    start = Place(file=file)
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise ConfigError(start, "too_big", f"the file is larger than {MAX_BYTES >> 20} MiB")
    text = _decoded(source, file) if isinstance(source, bytes) else source
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if found := _FORBIDDEN.search(text):
        line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
        place = Place(file=file, line=line, column=column)
        raise ConfigError(place, "control_character", f"a control character (U+{ord(found.group()):04X})", "remove it")
    return text


def _decoded(source: bytes, file: str) -> str:
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(Place(file=file), "not_utf8", "the file is UTF-16", "save it as UTF-8")
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ConfigError(Place(file=file, line=line), "not_utf8", "not UTF-8", "save it as UTF-8") from None


def _syntax_error(error: MarkedYAMLError, file: str, text: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    place = Place(file=file) if mark is None else Place(file=file, line=mark.line + 1, column=mark.column + 1)
    problem = str(error.problem or "this is not YAML that can be read")
    lines = text.split("\n")
    if mark is not None and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        problem = "a tab"
    hint = next((hint for sign, hint in _HINTS.items() if sign in problem), _QUOTES)
    return ConfigError(place, "syntax", problem, hint)


_QUOTES = "put text that holds ': ' or begins with one of *&!%@`[{ in quotes"
#: What the scanner says -> what people do about it.
_HINTS: Mapping[str, str] = {
    "a tab": "indent with spaces",
    "expected '-'": "is this line indented like its neighbours?",
    "node content": "a quote or a bracket is left open, or a value is missing",
    "end of stream": "a quote or a bracket is left open above",
    "expected key": "is this line indented like its neighbours?",
    "block end": "is this line indented like its neighbours?",
    "mapping values": "is this line indented like its neighbours, and does the key above end in ':'? Else " + _QUOTES,
    "could not find expected ':'": "a key ends in ':'; or a quote is left open above",
}


class _Composer:
    """Builds the tree from the parser's events and refuses at the first trick."""

    def __init__(self, file: str, events: Iterator[Event]) -> None:
        self._file = file
        self._events = events
        self._nodes = 0

    def document(self) -> Located:
        tree: Located | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if tree is not None:
                    raise self._refuse(event, "several_documents", "a second document begins", "one file, one document")
                if event.version or event.tags:
                    raise self._refuse(event, "directive", "'%' directives are not allowed")
                tree = self._node(next(self._events), 1)
            elif isinstance(event, StreamStartEvent | StreamEndEvent):
                continue
        if tree is None or tree.value == "":
            raise ConfigError(Place(file=self._file), "empty", "the file is empty")
        return tree

    def _node(self, event: Event, depth: int) -> Located:
        self._check(event, depth)
        if isinstance(event, ScalarEvent):
            return Located(place=self._place(event), value=self._scalar(event))
        if isinstance(event, SequenceStartEvent):
            items: list[Located] = []
            while not isinstance(inner := next(self._events), SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Located(place=self._place(event), value=tuple(items))
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        raise self._refuse(event, "syntax", "this is not YAML that can be read")

    def _mapping(self, start: Event, depth: int) -> Located:
        items: dict[str, Located] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            self._check(event, depth)
            if not isinstance(event, ScalarEvent):
                raise self._refuse(event, "bad_key", "a key must be plain text")
            key = self._scalar(event)
            if key == "<<":
                raise self._refuse(event, "merge_key", "merge keys ('<<') are not allowed", "write the keys out")
            if key in keys:
                first = keys[key].line
                raise self._refuse(event, "duplicate_key", f"'{_short(key)}' stands twice", f"first in line {first}")
            keys[key] = self._place(event)
            items[key] = self._node(next(self._events), depth + 1)
        return Located(place=self._place(start), value=items, keys=keys)

    def _check(self, event: Event, depth: int) -> None:
        self._nodes += 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refuse(event, "alias", "anchors ('&') and aliases ('*') are not allowed", "text goes in quotes")
        if getattr(event, "tag", None) is not None:
            raise self._refuse(event, "tag", "tags ('!') are not allowed", "text goes in quotes")
        if depth > MAX_DEPTH:
            raise self._refuse(event, "too_deep", f"more than {MAX_DEPTH} levels deep")
        if self._nodes > MAX_NODES:
            raise self._refuse(event, "too_many", f"more than {MAX_NODES} values in one file")

    def _scalar(self, event: ScalarEvent) -> str:
        text = str(event.value)
        # An escape in double quotes ("\0") can make what the file itself may not hold.
        if _FORBIDDEN.search(text):
            raise self._refuse(event, "control_character", "an escape makes a control character", "remove it")
        return text

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        quotes = int(getattr(event, "style", None) in {"'", '"'})
        return Place(file=self._file, line=mark.line + 1, column=mark.column + 1, quotes=quotes)

    def _refuse(self, event: Event, code: str, message: str, hint: str | None = None) -> ConfigError:
        return ConfigError(self._place(event), code, message, hint)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - fits a terminal line
