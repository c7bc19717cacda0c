"""`guildhall agent reason|reasons|need`: what an agent says of the call she is in, or was in last."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from adapters.control.client import ask
from adapters.files.dialplans import read_dialplans
from guildhall.settings import Settings
from kernel.commands import AfterCallCommand, GiveReason, SetNeed
from kernel.errors import Refused
from kernel.ids import AgentId
from kernel.needs import Need
from kernel.steering import NO_CODE, NO_INTENT

AgentArgument = Annotated[
    str, typer.Argument(help="The agent's id, for instance northmere-a001; see 'guildhall agent list'.")
]
ReasonArgument = Annotated[
    str, typer.Argument(help="An intent's id or code (see 'guildhall agent reasons'), or none: it was none of them.")
]


def register(agent_app: typer.Typer) -> None:
    """Add the commands."""
    for command in (reason, reasons, need):
        agent_app.command()(command)


def reason(agent: AgentArgument, about: ReasonArgument) -> None:
    """Say what the agent's call was about: her present one, or her last until a quarter of an hour after it.

    On her phone: *43 and the two digits of the code, *4300 for none of them. `guildhall steer review` scores steering
    by it; said again, the last word counts.
    """
    _ask(GiveReason(agent=AgentId(agent), reason=about, by="operator"))


def reasons(
    *,
    council: Annotated[str | None, typer.Option(help="Only this council's.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """List what a call can be about, with the codes behind *43."""
    told = {
        str(one.id): {NO_CODE: NO_INTENT, **dict(sorted(one.steering.codes.items()))}
        for one in read_dialplans(Settings().dialplans).tenants
        if one.steering is not None and council in {None, one.id}
    }
    if as_json:
        typer.echo(json.dumps(told, indent=1))
        return
    for name, codes in told.items():
        typer.echo(name)
        for code, intent in codes.items():
            typer.echo(f"  *43{code}  {intent}")


def need(
    agent: AgentArgument,
    what: Annotated[Need, typer.Argument(help="more_time, welsh or relay.")],
    *,
    forget: Annotated[bool, typer.Option("--forget", help="Take it back.")] = False,
) -> None:
    """Write down a need of the caller she talks with, or talked with last, for her next calls; it holds for a year.

    On her phone: *421 more time, *422 Welsh, *423 Relay; *4201 and so on take it back. Only what the caller asks for.
    """
    _ask(SetNeed(agent=AgentId(agent), need=what, forget=forget, by="operator"))


def _ask(command: AfterCallCommand) -> None:
    outcome = ask(Settings().control, command)
    if not outcome.ok:
        raise Refused(outcome.code, outcome.message)
    typer.echo(outcome.message)
