"""``guildhall desk``: who may log in to the desk's pages."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from adapters.files.dialplans import read_dialplans
from guildhall.desk_people import desk_people
from guildhall.privilege import engine_owner
from guildhall.settings import Settings
from kernel.errors import BadInput
from kernel.ids import AgentId, TenantId
from kernel.visitor import Visitor
from recordings.core.policy import Role

desk_app = typer.Typer(no_args_is_help=True, help="Who may log in to the desk's pages.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def register(app: typer.Typer) -> None:
    """Hang the group under the command line."""
    app.add_typer(desk_app, name="desk")


def _owner() -> tuple[int, int] | None:
    return engine_owner() if os.geteuid() == 0 else None


@desk_app.command()
def add(
    user: Annotated[str, typer.Argument(help="The name to log in with.")],
    *,
    role: Annotated[Role, typer.Option(help="What she is to the recordings.")],
    council: Annotated[list[str], typer.Option(help="Whose recordings; may be repeated.")],
    agent: Annotated[str | None, typer.Option(help="Her own id, for role agent: she hears her own calls.")] = None,
    json_: Json = False,
) -> None:
    """Let somebody in, or give her a new password. It is generated and shown this once."""
    settings = Settings()
    plans = read_dialplans(settings.dialplans)
    unknown = sorted(set(council) - {tenant.id for tenant in plans.tenants})
    if unknown:
        raise BadInput("unknown_council", f"there is no council {unknown[0]}: see 'guildhall town'")
    if role is Role.OPERATOR:
        raise BadInput("bad_role", "operator is who has this command line; nobody logs in as one")
    if role is Role.AGENT and agent not in {one.id for one in plans.agents}:
        raise BadInput("unknown_agent", "role agent takes --agent with her id: see 'guildhall town'")
    visitor = Visitor(
        user=user,
        role=role.value,
        councils=frozenset(map(TenantId, council)),
        agent=AgentId(agent) if agent and role is Role.AGENT else None,
    )
    password = desk_people(settings).add(visitor, _owner())
    typer.echo(json.dumps({"user": user, "password": password}) if json_ else f"{user} logs in with {password}")


@desk_app.command()
def remove(user: Annotated[str, typer.Argument(help="Her name.")]) -> None:
    """Let somebody in no longer; her session ends with her next request."""
    desk_people(Settings()).remove(user, _owner())
    typer.echo("Removed.")


@desk_app.command("list")
def list_people(*, json_: Json = False) -> None:
    """Say who may log in."""
    rows = [
        {"user": one.user, "role": one.role, "councils": sorted(one.councils), "agent": one.agent}
        for one in desk_people(Settings()).all()
    ]
    if json_:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['user']}  {row['role']}  {', '.join(row['councils'] or [])}")
