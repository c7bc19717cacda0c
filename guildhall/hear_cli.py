"""``guildhall steer hear``: what the recognisers make of a recording, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from guildhall.settings import Settings


def hear(
    file: Annotated[
        Path,
        typer.Argument(help="A sound file; if not a telephone's, sent through one.", exists=True, dir_okay=False),
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """Write down what is said in a recording, as it would be heard on a call."""
    from guildhall.file_ears import FileEars  # noqa: PLC0415 - the models' runtimes take a second to import

    found = FileEars(Settings()).hear_file(file)
    heard = found.heard
    readings = {
        engine: [[one.text, round(one.confidence, 3)] for one in them] for engine, them in found.readings.items()
    }
    if as_json:
        told = {
            "text": heard.text,
            "confidence": round(heard.confidence, 3),
            "engine": heard.engine,
            "alternatives": heard.alternatives,
            "took_s": round(heard.took_s, 3),
            "seconds": round(found.seconds, 3),
            "speech": found.speech,
            "readings": readings,
        }
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    span = "nobody speaks" if found.speech is None else f"speech from {found.speech[0]:.2f} to {found.speech[1]:.2f} s"
    typer.echo(f"{found.seconds:.2f} s, {span}")
    typer.echo(f"heard: {heard.text or '(no words)'}")
    for engine, them in readings.items():
        typer.echo(f"  {engine}: " + "; ".join(f"{text} ({confidence:.2f})" for text, confidence in them))


def register(group: typer.Typer) -> None:
    """Add the command to ``guildhall steer``."""
    group.command("hear")(hear)
