"""A group of commands whose modules are read when a command is asked for: all of them together take two seconds."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

import typer
from typer import _click as click
from typer.core import TyperCommand, TyperGroup


class Row(NamedTuple):
    """One command: the module whose ``register`` brings it, and what the list of commands says of it."""

    module: str
    told: str


class OnDemand(TyperGroup):
    """Reads a command's module when that command is run; the list of all commands is told from ``rows`` alone."""

    rows: Mapping[str, Row] = {}

    @classmethod
    def of(cls, rows: Mapping[str, Row]) -> type[OnDemand]:
        """The group with these commands, by name."""
        return type("OnDemandCommands", (cls,), {"rows": rows})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the help."""
        return list(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; before it is run, its row of the list. None when there is none of that name."""
        if cmd_name not in self.commands and (row := self.rows.get(cmd_name)):
            self.commands[cmd_name] = TyperCommand(cmd_name, help=row.told)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the module read now; what it suggests for a misspelt name is chosen among all."""
        for name in self.rows:
            self.get_command(ctx, name)
        if args and (row := self.rows.get(args[0])):
            self.commands.update(brought_by(row.module))
        return super().resolve_command(ctx, args)


def brought_by(module: str) -> Mapping[str, click.Command]:
    """The commands of a module, by name."""
    brought = typer.Typer()
    # With a callback it stays a group, also when there is one command only.
    brought.callback()(lambda: None)
    import_module(module).register(brought)
    return typer.main.get_group(brought).commands
