"""``guildhall fallback``: what Asterisk does by itself when the engine is silent, and what it then does not do."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.asterisk.static_queues import serves
from adapters.files.dialplans import read_dialplans
from guildhall.prompts import pbx_prompts
from guildhall.settings import Settings
from guildhall.static_wiring import static_part


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(fallback)


def fallback(
    *,
    show_dialplan: Annotated[
        bool, typer.Option("--dialplan", help="Print the dialplan that Asterisk is given at the next start.")
    ] = False,
) -> None:
    """List what the static fallback leaves out of each flow, and who may be rung for which queue."""
    settings = Settings()
    plans = read_dialplans(settings.dialplans)
    part, losses = static_part(plans, pbx_prompts(settings))
    if show_dialplan:
        typer.echo(part.dialplan, nl=False)
        return
    typer.echo(f"While no engine decides, {len(losses)} steps do less than their flow says:")
    for loss in losses:
        typer.echo(f"  {loss}")
    typer.echo("and these agents' phones are rung for waiting callers, when they are ready:")
    for queue in plans.queues:
        members = [agent.id for agent in plans.agents if serves(agent, queue)]
        typer.echo(f"  {queue.id}: {', '.join(members) or 'nobody: a caller hears the message and music'}")
