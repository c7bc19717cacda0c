"""`guildhall prompts render`: every prompt a file."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from adapters.files.dialplans import read_dialplans
from guildhall.prompts import measure_prompts, record_prompts, render
from guildhall.settings import Settings

prompts_app = typer.Typer(no_args_is_help=True, help="The spoken prompts.")


def register(app: typer.Typer) -> None:
    """Hang the group under the command line."""
    app.add_typer(prompts_app, name="prompts")


@prompts_app.command("render")
def render_prompts(
    *,
    voice: Annotated[
        str | None, typer.Option(help="Record what has no recording with this voice first: bf_emma, bm_george ….")
    ] = None,
) -> None:
    """Make every prompt that is new or changed into a file: its recording, or else espeak-ng with a warning."""
    settings, say = Settings(), lambda text: typer.echo(text, err=True)
    if voice is not None:
        typer.echo(record_prompts(settings, read_dialplans(settings.dialplans), voice, say))
    typer.echo(render(settings, read_dialplans(settings.dialplans), say))


@prompts_app.command()
def measure(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON: LUFS of every file.")] = False
) -> None:
    """Say how loud every rendered prompt is to an ear (LUFS, ITU-R BS.1770): all should be alike."""
    measured = measure_prompts(Settings())
    if as_json:
        typer.echo(json.dumps(measured, indent=1))
        return
    for language, files in measured.items():
        ranked = sorted(files, key=lambda name: files[name])
        quiet, loud = files[ranked[0]], files[ranked[-1]]
        mean = sum(files.values()) / len(files)
        typer.echo(f"{language}: {len(files)} files, {quiet:.1f} to {loud:.1f} LUFS, mean {mean:.1f}")
        typer.echo(f"  quietest {ranked[0]}, loudest {ranked[-1]}")
