"""`guildhall generate`: the pages and schemas that are made from the code."""

from __future__ import annotations

from typing import Annotated

import typer

from guildhall import generate as generated


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(generate)


def generate(
    *, check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")] = False
) -> None:
    """Write the pages and schemas that are made from the code: laws, facts, settings, the flow language."""
    if not check:
        generated.report(generated.write(), typer.echo, "written")
    elif stale := generated.stale():
        generated.report(stale, typer.echo, "stale")
        typer.echo("guildhall: run 'guildhall generate' and commit what it writes", err=True)
        raise typer.Exit(1)
