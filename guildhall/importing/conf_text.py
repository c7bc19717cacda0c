"""Asterisk's configuration files as text: sections, `key => value`, comments. Nothing is included and nothing run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kernel.errors import BadInput

#: A real extensions.conf of a large site has some ten thousand lines.
MAX_LINES = 100_000

_SECTION = re.compile(r"\[([^\]]{1,80})\](?:\(([^)]*)\))?")
_SETTING = re.compile(r"([^=]{1,200}?)\s*=>?\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One setting."""

    file: str
    number: int
    key: str
    value: str


@dataclass(slots=True)
class Section:
    """One section; ``[name](!)`` is a template and counts as none."""

    name: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that was not imported, and why."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}" if self.line else f"{self.file}: {self.why}"


def read_conf(file: str, data: bytes, left: list[Left]) -> dict[str, Section]:
    """Read one file; what cannot be read goes to ``left``. Raises ``BadInput`` when it is no such file at all."""
    text = data.decode("utf-8", errors="replace")
    lines = text.splitlines()
    if len(lines) > MAX_LINES or "\0" in text:
        raise BadInput("no_conf", f"{file}: this is no Asterisk configuration (or has over {MAX_LINES} lines)")
    sections: dict[str, Section] = {}
    templates: dict[str, list[Line]] = {}
    section: Section | None = None
    for number, raw in _plain(lines):
        if raw.startswith("#"):
            left.append(Left(file=file, line=number, why=f"{raw.split()[0]} is not followed: name that file as well"))
        elif (head := _SECTION.fullmatch(raw)) is not None:
            section = _begin(head, sections, templates)
        elif (setting := _SETTING.fullmatch(raw)) is not None and section is not None:
            key, value = setting[1].strip().rstrip("+").strip().lower(), setting[2].strip()
            section.lines.append(Line(file=file, number=number, key=key, value=value))
        else:
            left.append(Left(file=file, line=number, why="this line cannot be read"))
    return sections


def _begin(head: re.Match[str], sections: dict[str, Section], templates: dict[str, list[Line]]) -> Section:
    options = [one.strip() for one in (head[2] or "").split(",") if one.strip()]
    found = Section(head[1].strip())
    for base in options:
        if base not in {"!", "+"}:
            found.lines.extend(templates.get(base, []))
    if "!" in options:
        templates[found.name] = found.lines
        return found
    # A section that comes twice goes on.
    if found.name in sections:
        sections[found.name].lines.extend(found.lines)
        return sections[found.name]
    sections[found.name] = found
    # Another section may build on this one too.
    templates[found.name] = found.lines
    return found


def _plain(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines without comments: a semicolon to the end unless escaped, and blocks of ;-- to --;."""
    inside = False
    for number, line in enumerate(lines, start=1):
        rest = line
        if inside:
            _, closed, rest = rest.partition("--;")
            inside = not closed
        if not inside and rest.lstrip().startswith(";--") and not rest.lstrip().startswith(";---"):
            inside = "--;" not in rest
            rest = rest.partition("--;")[2]
        text = re.sub(r"(?<!\\);.*", "", rest).replace("\\;", ";").strip()
        if text and not inside:
            yield number, text
