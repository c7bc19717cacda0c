"""What is written from the code, so that it cannot differ from it: laws, facts, settings, the flow language."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from annotated_types import Ge, Le
from pydantic import BaseModel

from acd.core import agent_law, contact_law, transfer_law
from guildhall.settings import HOME, Settings
from ivr.core.load import FlowFile
from ivr.core.verbs import VERBS
from kernel.facts import FACTS, Fact

_LAWS_INTRO = """# Laws

Written by `guildhall generate` from `acd/core/agent_law.py` and `acd/core/contact_law.py`; edits here are lost.

A move that is not drawn is refused. The machines are coupled: only an agent who is `ready` and `idle`, and whose phone
can be reached, may be offered a contact. Not ready and log out, asked in the middle of a contact, wait until she is
idle again. A ring-out (`rona`) moves her to not ready by itself. Only the hang-up of the caller's own channel ends a
contact.
"""
_FACTS_INTRO = """# Facts

Written by `guildhall generate` from `kernel/facts.py`; edits here are lost.

`guildhall facts` prints them as JSON lines, one fact a line, in the order they happened; the same lines stand in the
database and on the bus. Every fact has `t` (Unix seconds, on a clock that never runs backwards) and `ev` (its kind);
`call` is the contact's id, `agent` the agent's. A field without a value is left out. No fact holds a caller's number,
digits or a name. The first line of an export is `export` (`from`, `to`, `open`, `agents`): no fact, but what was under
way when the export begins.

| `ev` | class | when, and what it means | fields |
|---|---|---|---|
"""
_SETTINGS_INTRO = """# Settings

Written by `guildhall generate` from `guildhall/settings.py`; edits here are lost.

Each is an environment variable, read by `guildhall` at its start. Lists are JSON. No password is among the defaults:
secrets are made at the first start. What `make setup` reads is in `setup/README.md`.

| variable | default | meaning |
|---|---|---|
"""
#: Around a generated part inside a page that people write.
_BEGIN, _END = "<!-- generated: {name} -->", "<!-- end of generated: {name} -->"
#: What a field's name says of its unit.
_UNITS = {"_ms": "milliseconds", "_s": "seconds"}
#: Fields that every kind of fact has alike, told once above the table.
_SHARED = {"t", "call", "agent"}
_DURATION_PATTERN = "^\\d+(ms|s|m|h)$"


def documents() -> dict[Path, str]:
    """Every generated file with the text it ought to have."""
    verbs = HOME / "dialplans" / "README.md"
    return {
        HOME / "docs" / "laws.md": laws(),
        HOME / "docs" / "facts.md": facts(),
        HOME / "docs" / "settings.md": settings(),
        HOME / "dialplans" / "flow.schema.json": flow_schema(),
        verbs: between(verbs.read_text(encoding="utf-8"), "verbs", verb_table()),
    }


def stale() -> list[Path]:
    """The generated files that are not what the code says now."""
    return [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]


def write() -> list[Path]:
    """Write what is stale; return what was written."""
    wanted, old = documents(), stale()
    for path in old:
        path.write_text(wanted[path], encoding="utf-8")
    return old


def between(page: str, name: str, text: str) -> str:
    """``page`` with the part between the marks of ``name`` replaced. Raises ``ValueError`` when a mark is missing."""
    begin, end = _BEGIN.format(name=name), _END.format(name=name)
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no part marked {begin} … {end}")
    return f"{before}{begin}\n{text}{end}{after}"


def laws() -> str:
    """The state machines, drawn from their tables."""
    pictures = {
        "Presence: what an agent asked for": agent_law.mermaid_presence(),
        "Occupation: what the engine has an agent doing": agent_law.mermaid_occupation(),
        "Contact: where a caller stands": contact_law.mermaid(),
        "Parting: a caller and an agent who stand apart": transfer_law.mermaid(),
    }
    page = _LAWS_INTRO
    for title, picture in pictures.items():
        page += f"\n## {title}\n\n```mermaid\n{picture.rstrip()}\n```\n"
    return page


def facts() -> str:
    """Every kind of fact with its fields."""
    rows = [
        f"| `{ev}` | `{kind.__name__}` | {_cell(inspect.getdoc(kind))} | {_fields(kind)} |\n"
        for ev, kind in FACTS.items()
    ]
    return _FACTS_INTRO + "".join(rows)


def settings() -> str:
    """Every setting, its environment variable and default."""
    rows = [
        f"| `GUILDHALL_{name.upper()}` | {_default(field.default)} | {_cell(field.description)} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return _SETTINGS_INTRO + "".join(rows)


def flow_schema() -> str:
    """The JSON Schema of ``flows/<name>.yaml``, for editors."""
    schema = FlowFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A call flow of Guildhall"
    for verb in VERBS.values():
        _as_written(verb, schema["$defs"][verb.__name__])
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def verb_table() -> str:
    """The verbs as a table: what each does, its keys, their defaults."""
    rows = ["| verb | what it does | keys it must have | keys it may have (default) |", "|---|---|---|---|"]
    for word, verb in VERBS.items():
        properties = _as_written(verb, verb.model_json_schema())
        needed = [f"`{name}`" for name, field in verb.model_fields.items() if field.is_required() and name != "verb"]
        free = [
            _optional(name, properties[name]) for name, field in verb.model_fields.items() if not field.is_required()
        ]
        rows.append(f"| `{word}` | {_cell(verb.summary)} | {', '.join(needed)} | {', '.join(free)} |")
    return "\n".join([*rows, ""])


def _as_written(model: type[BaseModel], schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Make a model's schema speak as the file does: `yes` for True, `5s` for 5.0, limits where they apply."""
    properties: dict[str, dict[str, Any]] = schema["properties"]
    for name, field in model.model_fields.items():
        shape = properties[name]
        shape.pop("title", None)
        if shape.get("default", ...) is None:
            del shape["default"]
            shape.update(shape.pop("anyOf")[0])
        for limit in field.metadata:
            _limit(shape, limit)
        if shape.get("enum") == ["yes", "no"]:
            shape["default"] = "yes" if field.default else "no"
        elif shape.get("pattern") == _DURATION_PATTERN and "default" in shape:
            shape["default"] = f"{field.default:g}s"
    return properties


def _limit(shape: dict[str, Any], limit: object) -> None:
    """A whole number's limits are JSON Schema's; a duration is text there, so its limits are told in words."""
    words = {Ge: ("minimum", "at least"), Le: ("maximum", "at most")}.get(type(limit))
    if words is None:
        return
    bound: Any = getattr(limit, "ge", None) if isinstance(limit, Ge) else getattr(limit, "le", None)
    if shape.get("type") == "integer":
        shape[words[0]] = bound
    else:
        told = [*filter(None, [shape.get("description")]), f"{words[1]} {bound}s"]
        shape["description"] = ", ".join(told)


def _optional(name: str, shape: dict[str, Any]) -> str:
    return f"`{name}` ({shape['default']})" if "default" in shape else f"`{name}`"


def _default(value: object) -> str:
    """A default as people would write it, without this machine's folders."""
    if value is None:
        return "none"
    if isinstance(value, Path):
        inside = value.is_relative_to(HOME)
        return f"`{value.relative_to(HOME)}`" if inside else f"`~/{value.relative_to(Path.home())}`"
    return f"`{json.dumps(value)}`" if isinstance(value, tuple) else f"`{str(value).lower()}`"


def _fields(kind: type[Fact]) -> str:
    remarks = _remarks(kind)
    own = [field for field in dataclasses.fields(kind) if field.name not in _SHARED]
    return "<br>".join(_field(field, remarks.get(field.name, "")) for field in own) or "–"


def _field(field: dataclasses.Field[Any], remark: str) -> str:
    unit = next((words for ending, words in _UNITS.items() if field.name.endswith(ending)), "")
    absent = "may be absent" if field.default is None else ""
    told = "; ".join(filter(None, [unit, remark.rstrip("."), absent]))
    return f"`{field.name.rstrip('_')}`" + (f" ({told})" if told else "")


def _remarks(kind: type[Fact]) -> dict[str, str]:
    """The ``#:`` comment above each field."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for line in inspect.getsource(kind).splitlines():
        if (words := re.match(r"\s+#: (.*)", line)) is not None:
            comment.append(words[1])
        elif (field := re.match(r"\s+(\w+): ", line)) is not None and comment:
            found[field[1]] = _cell(" ".join(comment))
            comment = []
    return found


def _cell(text: str | None) -> str:
    """Text as one cell of a Markdown table."""
    plain = " ".join((text or "").split()).replace("``", "`")
    return plain.replace("|", "\\|")


def report(paths: Iterable[Path], say: Callable[[str], None], word: str) -> None:
    """Name files, relative to the checkout."""
    for path in paths:
        say(f"{word} {path.relative_to(HOME)}")
