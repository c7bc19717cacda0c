"""`guildhall agent …`: what agents ask for by star codes, from the command line; and who they are."""

from __future__ import annotations

import json
from typing import Annotated, NoReturn

import typer

from adapters.control.client import ask
from guildhall import after_call_cli, calls_cli, show
from guildhall.settings import Settings
from kernel.agent import Presence
from kernel.commands import SetPresence, SetWrapUp, ShowState
from kernel.ids import AgentId

agent_app = typer.Typer(
    no_args_is_help=True, help="What an agent asks for, from the command line instead of star codes."
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
AgentArgument = Annotated[
    str, typer.Argument(help="The agent's id, for instance northmere-a001; see 'guildhall agent list'.")
]


def register(app: typer.Typer) -> None:
    """Hang the groups under the command line."""
    app.add_typer(agent_app, name="agent")
    calls_cli.register(app, agent_app)
    after_call_cli.register(agent_app)


@agent_app.command("list")
def list_agents(*, as_json: Json = False) -> None:
    """Show every agent and what she does now."""
    outcome = ask(Settings().control, ShowState())
    if not outcome.ok or not isinstance(outcome.data, dict):
        _fail(outcome.message)
    agents = outcome.data["agents"]
    typer.echo(json.dumps(agents, indent=1) if as_json else show.agents(agents))


def _ask_presence(agent: str, presence: Presence, aux: str | None = None) -> None:
    outcome = ask(Settings().control, SetPresence(agent=AgentId(agent), presence=presence, aux_code=aux, by="operator"))
    if not outcome.ok:
        _fail(outcome.message)
    typer.echo(outcome.message)


@agent_app.command("login")
def login(agent: AgentArgument) -> None:
    """Log an agent in; she is not ready until she says so."""
    _ask_presence(agent, Presence.NOT_READY, "login")


@agent_app.command("logout")
def logout(agent: AgentArgument) -> None:
    """Log an agent out; during a call it takes effect after it."""
    _ask_presence(agent, Presence.LOGGED_OUT)


@agent_app.command("ready")
def ready(agent: AgentArgument) -> None:
    """Make an agent ready: her phone may ring. Ends wrap-up early."""
    _ask_presence(agent, Presence.READY)


@agent_app.command("not-ready")
def not_ready(
    agent: AgentArgument,
    reason: Annotated[str, typer.Option(help="Why: break, lunch, training, meeting, admin.")] = "break",
) -> None:
    """Make an agent not ready, with a reason; during a call it takes effect after it."""
    _ask_presence(agent, Presence.NOT_READY, reason)


@agent_app.command("wrap-up")
def wrap_up(
    agent: AgentArgument,
    seconds: Annotated[float, typer.Argument(min=0, max=3600, help="From now on.")],
    reason: Annotated[
        str | None, typer.Option(help="What the call was about as well: an intent, its code, or none.")
    ] = None,
) -> None:
    """Make an agent's after-call work last so long from now on, or, during a call, after it."""
    if reason is not None:
        after_call_cli.reason(agent, reason)
    outcome = ask(Settings().control, SetWrapUp(agent=AgentId(agent), seconds=seconds, by="operator"))
    if not outcome.ok:
        _fail(outcome.message)
    typer.echo(outcome.message)


def _fail(message: str) -> NoReturn:
    typer.echo(f"guildhall: {message}", err=True)
    raise typer.Exit(1)
