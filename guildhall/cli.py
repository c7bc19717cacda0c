"""The command line. Each command's module is read when that command is run (`guildhall/command_list.py`)."""

from __future__ import annotations

import sys

import typer

from guildhall.command_list import COMMANDS
from guildhall.on_demand import OnDemand
from kernel.errors import GuildhallError

app = typer.Typer(
    cls=OnDemand.of(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def guildhall() -> None:
    """The telephone switchboard of a council contact centre. Begin with: guildhall up, then guildhall call."""


def main() -> None:
    """Run the command line; an error of ours is a sentence, not a traceback."""
    try:
        app()
    except GuildhallError as error:
        typer.echo(f"guildhall: {error}", err=True)
        sys.exit(1)
    except ValueError as error:
        from guildhall.settings import wrong_settings  # noqa: PLC0415 - asking for help need not wait for pydantic

        if (told := wrong_settings(error)) is None:
            raise
        typer.echo(f"guildhall: {told}", err=True)
        sys.exit(1)
