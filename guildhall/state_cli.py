"""`guildhall status|facts`: what runs now, and what happened."""

from __future__ import annotations

import json
import sys
from typing import Annotated, NoReturn

import typer

from adapters.control.client import ask
from guildhall import show
from guildhall.settings import Settings
from kernel.commands import ShowState

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    app.command()(status)
    app.command()(facts)


def status(*, as_json: Json = False) -> None:
    """Say what runs: processes, agents, waiting calls."""
    settings = Settings()
    outcome = ask(settings.control, ShowState())
    if as_json:
        typer.echo(json.dumps({"ok": outcome.ok, "message": outcome.message, "state": outcome.data}))
    elif outcome.ok and isinstance(outcome.data, dict):
        typer.echo(show.state(outcome.data))
    if not outcome.ok:
        _fail(outcome.message)


def facts(
    since: Annotated[
        str | None, typer.Option(help="Only from here: Unix seconds, or a time such as 2026-11-22T09:00 (UTC).")
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Check the ten invariants instead of printing.")] = False,
) -> None:
    """Export what happened as JSON lines, in the order it happened."""
    from guildhall.facts_export import export_facts  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    breaches = export_facts(Settings(), since, sys.stdout, check=check)
    if breaches:
        raise typer.Exit(1)


def _fail(message: str) -> NoReturn:
    typer.echo(f"guildhall: {message}", err=True)
    raise typer.Exit(1)
