"""`guildhall import`: the common parts of an Asterisk configuration as a council's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from guildhall.flow_tools.reading import find_folder, look_over
from guildhall.importing.conf_text import Left
from guildhall.importing.council_writer import imported, write_files
from guildhall.settings import Settings
from kernel.errors import BadInput
from kernel.ids import checked_id

#: A megabyte of extensions.conf is some twenty thousand lines.
_MOST_BYTES = 8 << 20


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command("import")(import_conf)


def import_conf(
    files: Annotated[list[Path], typer.Argument(help="extensions.conf, queues.conf and what they include.")],
    *,
    council: Annotated[str, typer.Option(help="The council's id: letters, digits, underscores.")],
    out: Annotated[Path | None, typer.Option(help="The councils' folder; default: dialplans/.")] = None,
    number: Annotated[
        list[str] | None, typer.Option(help="03069990001=from-trunk,s: where a number begins. Repeatable.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """Turn an Asterisk configuration into flows, queues and people, and list what could not be. Runs nothing of it."""
    left: list[Left] = []
    texts = {path.name: _read(path) for path in files}
    made = imported(checked_id(council, "a council"), texts, _numbers(number), left)
    # A template's line is read once a queue.
    left = sorted(dict.fromkeys(left), key=lambda one: (one.file, one.line))
    folder = (out or Settings().dialplans) / council
    write_files(folder, made)
    if as_json:
        plain = [{"file": one.file, "line": one.line, "why": one.why} for one in left]
        typer.echo(json.dumps({"folder": str(folder), "files": sorted(made), "left": plain}, indent=1))
        return
    typer.echo(f"{folder}: {', '.join(sorted(made))}")
    for one in left:
        typer.echo(str(one))
    typer.echo(f"{len(left)} thing(s) were not imported as they are; the prompts are to be written.", err=True)
    try:
        for finding in look_over(find_folder(folder)):
            typer.echo(str(finding))
    except BadInput:
        typer.echo(f"Put it beside a '_shared' folder, then: guildhall check {folder}", err=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            data = source.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInput("unreadable", f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > _MOST_BYTES:
        raise BadInput("too_long", f"{path}: more than {_MOST_BYTES >> 20} MiB")
    return data


def _numbers(given: list[str] | None) -> dict[str, tuple[str, str]] | None:
    found: dict[str, tuple[str, str]] = {}
    for one in given or ():
        number, _, where = one.partition("=")
        context, _, extension = where.partition(",")
        if not number or not context:
            raise BadInput("bad_number", "write --number 03069990001=from-trunk,s")
        found[number] = (context, extension or "s")
    return found or None
