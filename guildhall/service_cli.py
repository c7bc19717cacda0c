"""`guildhall up|down|doctor|town|call`: start the service, stop it, try it."""

from __future__ import annotations

import json
import time
from typing import Annotated, NoReturn

import typer

from adapters.files.dialplans import Dialplans, read_dialplans
from guildhall import show, starting
from guildhall.doctor import examine
from guildhall.flow_book import flow_book
from guildhall.privilege import become_root
from guildhall.settings import Settings
from guildhall.town import describe_town

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    for command in (up, down, doctor, town, call):
        app.command()(command)


def _dialplans(settings: Settings) -> Dialplans:
    return read_dialplans(settings.dialplans)


def _description(settings: Settings) -> dict[str, object]:
    plans = _dialplans(settings)
    return describe_town(settings, tenants=plans.tenants, queues=plans.queues, agents=plans.agents)


def up() -> None:
    """Start Asterisk and the engine; ends when a call can be placed and says which numbers to dial."""
    become_root(["up"])
    settings, began = Settings(), time.monotonic()
    plans = _dialplans(settings)
    # Before anything starts: an engine that cannot read its flows would end again and again.
    flow_book(plans)
    started = starting.start(settings, lambda text: typer.echo(f"[{time.monotonic() - began:5.1f} s] {text}", err=True))
    typer.echo("Guildhall is up." if started else "Guildhall was up already.")
    typer.echo(show.how_to_call(_description(settings)))


def down() -> None:
    """Stop what 'guildhall up' started in this checkout, and nothing else. Calls under way end."""
    become_root(["down"])
    typer.echo("Stopped." if starting.stop(Settings()) else "Nothing was running here.")


def doctor(*, as_json: Json = False) -> None:
    """Look at everything; say what is wrong and what to do. Exit 1 when something is."""
    findings = examine(Settings())
    typer.echo(json.dumps([one.as_dict() for one in findings], indent=1) if as_json else show.findings(findings))
    if not all(one.ok for one in findings):
        raise typer.Exit(1)


def town(*, as_json: Json = False) -> None:
    """Who can be called, by whom, through what: numbers, queues, agents, ports, password files."""
    description = _description(Settings())
    typer.echo(json.dumps(description, indent=1) if as_json else show.how_to_call(description))


def call(
    number: Annotated[
        str | None, typer.Option(help="A number to dial; default: the first council's main number.")
    ] = None,
) -> None:
    """Place one demonstration call with our own phones and tell its life, a line a step."""
    from guildhall.demonstration import demonstrate  # noqa: PLC0415 - the lab's phones are needed here only

    settings = Settings()
    if not starting.engine_ready(settings):
        _fail("nothing is running here: start it with 'make up'")
    if not demonstrate(settings, _description(settings), number, typer.echo):
        raise typer.Exit(1)


def _fail(message: str) -> NoReturn:
    typer.echo(f"guildhall: {message}", err=True)
    raise typer.Exit(1)
