"""A group of commands whose modules are read when a command is asked for: all of them together take a second."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import typer
from typer import _click as click
from typer.core import TyperGroup


class OnDemand(TyperGroup):
    """Looks a command up in ``modules``; asking for help, or for a command that does not exist, reads them all."""

    modules: Mapping[str, str] = {}

    @classmethod
    def of(cls, modules: Mapping[str, str]) -> type[OnDemand]:
        """The group with these commands: name -> module with a ``register(app)`` that brings it."""
        return type("OnDemandCommands", (cls,), {"modules": modules})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the help."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module read now; None when there is none of that name."""
        if cmd_name not in self.commands and (module := self.modules.get(cmd_name)):
            brought = typer.Typer()
            brought.callback()(lambda: None)
            import_module(module).register(brought)
            group = typer.main.get_group(brought)
            self.commands.update(group.commands)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; what it suggests for a misspelt name is chosen among all commands."""
        if args and args[0] not in self.modules:
            for name in self.modules:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)
