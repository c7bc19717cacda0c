"""`extensions.conf` read into instructions: context -> extension -> application by application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from guildhall.importing.conf_text import Left, Line, Section

_APPLICATION = re.compile(r"(\w+)\s*(?:\((.*)\))?\s*")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PRIORITY = re.compile(r"(\d+|n|s)(?:\+\d+)?(?:\((\w+)\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One application call."""

    line: Line
    #: Lower case.
    application: str
    arguments: tuple[str, ...]
    label: str | None = None
    priority: int = 1


@dataclass(slots=True)
class Context:
    """One context's extensions."""

    name: str
    extensions: dict[str, list[Instruction]] = field(default_factory=dict)
    #: Extension and priority.
    taken: set[tuple[str, int]] = field(default_factory=set)

    def find(self, extension: str, where: str) -> int | None:
        """The position of a priority or label in an extension; None when there is none."""
        for at, one in enumerate(self.extensions.get(extension, [])):
            if where in {one.label, str(one.priority)}:
                return at
        return None


def read_dialplan(sections: Mapping[str, Section], left: list[Left]) -> dict[str, Context]:
    """Read every context; what cannot be read goes to ``left``."""
    found: dict[str, Context] = {}
    known = {line.key: line.value for one in sections.values() if one.name == "globals" for line in one.lines}
    for section in sections.values():
        if section.name in {"general", "globals"}:
            continue
        context = found.setdefault(section.name, Context(section.name))
        extension = ""
        for line in section.lines:
            if line.key in {"exten", "same"}:
                extension = _take(replace(line, value=_put(line.value, known)), context, extension, left)
            else:
                left.append(Left(file=line.file, line=line.number, why=f"{line.key} => is not imported"))
    return found


def _put(text: str, known: Mapping[str, str]) -> str:
    """Put the values of [globals]; once, so that no name can stand for itself without end."""
    return _VARIABLE.sub(lambda found: known.get(found[1].lower(), found[0]), text)


def split_arguments(text: str) -> tuple[str, ...]:
    """Split at commas that stand in no brackets and no quotes."""
    parts, depth, quoted, part = [], 0, False, ""
    for sign in text:
        if sign == '"':
            quoted = not quoted
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth <= 0 and not quoted:
            parts.append(part.strip())
            part = ""
        else:
            part += sign
    return (*parts, part.strip()) if text else ()


def _take(line: Line, context: Context, extension: str, left: list[Left]) -> str:
    parts = split_arguments(line.value)
    if line.key == "exten":
        extension, parts = parts[0] if parts else "", parts[1:]
    priority = _PRIORITY.fullmatch(parts[0]) if parts else None
    if parts and parts[0] == "hint":
        return extension
    told = _APPLICATION.fullmatch(",".join(parts[1:])) if priority is not None else None
    if priority is None or told is None or not extension:
        left.append(Left(file=line.file, line=line.number, why="this step cannot be read"))
        return extension
    steps = context.extensions.setdefault(extension, [])
    number = int(priority[1]) if priority[1].isdecimal() else (steps[-1].priority + 1 if steps else 1)
    if (extension, number) in context.taken:
        why = f"priority {number} of this extension stands twice: Asterisk keeps the first"
        left.append(Left(file=line.file, line=line.number, why=why))
        return extension
    context.taken.add((extension, number))
    arguments = split_arguments((told[2] or "").strip())
    steps.append(
        Instruction(line=line, application=told[1].lower(), arguments=arguments, label=priority[2], priority=number)
    )
    return extension
