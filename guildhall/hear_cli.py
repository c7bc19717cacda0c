"""``guildhall steer hear``: what the recognisers make of a recording, and what the council's steering makes of that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guildhall.settings import Settings
from guildhall.steer_meaning import as_dict, councils, lines, taught_council
from guildhall.steering_models import Models
from kernel.meaning import Explained
from kernel.tenant import Tenant

if TYPE_CHECKING:
    from guildhall.file_ears import FileHeard


def hear(
    file: Annotated[
        Path,
        typer.Argument(help="A sound file; if not a telephone's, sent through one.", exists=True, dir_okay=False),
    ],
    *,
    council: Annotated[
        str | None, typer.Option(help="The council whose phrases count; default: the first one.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """Write down what is said in a recording, as it would be heard on a call, and say what is made of it."""
    from guildhall.file_ears import FileEars  # noqa: PLC0415 - the models' runtimes take a second to import

    settings = Settings()
    one = councils(settings, council)[0]
    found = FileEars(settings).hear_file(file)
    explained = _meaning(settings, one, (found.heard.text, *found.heard.alternatives))
    if as_json:
        typer.echo(json.dumps(_as_dict(found, explained), indent=1, ensure_ascii=False))
        return
    for line in (*_lines(found), *(() if explained is None else lines(explained))):
        typer.echo(line)


def _as_dict(found: FileHeard, explained: Explained | None) -> dict[str, object]:
    heard = found.heard
    return {
        "text": heard.text,
        "confidence": round(heard.confidence, 3),
        "engine": heard.engine,
        "alternatives": heard.alternatives,
        "took_s": round(heard.took_s, 3),
        "seconds": round(found.seconds, 3),
        "speech": found.speech,
        "left_out": found.left_out,
        "readings": {
            engine: [[one.text, round(one.confidence, 3)] for one in them] for engine, them in found.readings.items()
        },
        "meaning": None if explained is None else as_dict(explained),
    }


def _lines(found: FileHeard) -> Iterator[str]:
    span = "nobody speaks" if found.speech is None else f"speech from {found.speech[0]:.2f} to {found.speech[1]:.2f} s"
    yield f"{found.seconds:.2f} s, {span}"
    yield from (f"({what})" for what in found.left_out)
    yield f"heard: {found.heard.text or '(no words)'}"
    for engine, them in found.readings.items():
        yield f"  {engine}: " + "; ".join(f"{one.text} ({one.confidence:.2f})" for one in them)


def _meaning(settings: Settings, one: Tenant, words: tuple[str, ...]) -> Explained | None:
    """None where nothing was heard, or the council has no intents."""
    said = tuple(text for text in words if text)
    if not said or one.steering is None:
        return None
    understood = taught_council(settings, one, Models.load(settings))
    return understood.why(understood.explain_readings([said])[0])


def register(group: typer.Typer) -> None:
    """Add the command to ``guildhall steer``."""
    group.command("hear")(hear)
