"""The command line: guildhall up, down, status, call, town, agent, facts, doctor, prompts, generate."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from adapters.control.client import ask
from adapters.files.dialplans import Dialplans, read_dialplans
from guildhall import (
    after_call_cli,
    calls_cli,
    desk_cli,
    hours_cli,
    needs_cli,
    publish_cli,
    recordings_cli,
    show,
    starting,
    steer_cli,
    voicemail_cli,
)
from guildhall import generate as generated
from guildhall.doctor import examine
from guildhall.explain_cli import explain
from guildhall.fallback_cli import fallback
from guildhall.figures_cli import figures
from guildhall.flow_book import flow_book
from guildhall.flow_tools import commands as flow_commands
from guildhall.import_cli import import_conf
from guildhall.privilege import become_root
from guildhall.prompts import record_prompts, render
from guildhall.recharge_cli import recharge_command
from guildhall.settings import Settings, wrong_settings
from guildhall.simulate_cli import simulate
from guildhall.town import describe_town
from kernel.agent import Presence
from kernel.commands import SetPresence, SetWrapUp, ShowState
from kernel.errors import GuildhallError
from kernel.ids import AgentId

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The telephone switchboard of a council contact centre. Begin with: guildhall up, then guildhall call.",
)
agent_app = typer.Typer(
    no_args_is_help=True, help="What an agent asks for, from the command line instead of star codes."
)
prompts_app = typer.Typer(no_args_is_help=True, help="The spoken prompts.")
app.add_typer(agent_app, name="agent")
app.add_typer(prompts_app, name="prompts")
calls_cli.register(app, agent_app)
after_call_cli.register(agent_app)
needs_cli.register(app)
flow_commands.register(app)
recordings_cli.register(app)
voicemail_cli.register(app)
publish_cli.register(app)
hours_cli.register(app)
desk_cli.register(app)
steer_cli.register(app)
app.command(name="recharge")(recharge_command)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
AgentArgument = Annotated[
    str, typer.Argument(help="The agent's id, for instance northmere-a001; see 'guildhall agent list'.")
]


def _dialplans(settings: Settings) -> Dialplans:
    return read_dialplans(settings.dialplans)


def _description(settings: Settings) -> dict[str, object]:
    plans = _dialplans(settings)
    return describe_town(settings, tenants=plans.tenants, queues=plans.queues, agents=plans.agents)


@app.command()
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


@app.command()
def down() -> None:
    """Stop what 'guildhall up' started in this checkout, and nothing else. Calls under way end."""
    become_root(["down"])
    typer.echo("Stopped." if starting.stop(Settings()) else "Nothing was running here.")


@app.command()
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


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Look at everything; say what is wrong and what to do. Exit 1 when something is."""
    findings = examine(Settings())
    typer.echo(json.dumps([one.as_dict() for one in findings], indent=1) if as_json else show.findings(findings))
    if not all(one.ok for one in findings):
        raise typer.Exit(1)


@app.command()
def town(*, as_json: Json = False) -> None:
    """Who can be called, by whom, through what: numbers, queues, agents, ports, password files."""
    description = _description(Settings())
    typer.echo(json.dumps(description, indent=1) if as_json else show.how_to_call(description))


@app.command()
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


@app.command()
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


app.command()(simulate)
app.command("import")(import_conf)
app.command()(explain)
app.command()(figures)
app.command()(fallback)


@app.command()
def generate(
    *, check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")] = False
) -> None:
    """Write the pages and schemas that are made from the code: laws, facts, settings, the flow language."""
    if not check:
        generated.report(generated.write(), typer.echo, "written")
    elif stale := generated.stale():
        generated.report(stale, typer.echo, "stale")
        _fail("run 'guildhall generate' and commit what it writes")


@prompts_app.command("render")
def render_prompts(
    *,
    voice: Annotated[
        str | None, typer.Option(help="Record what has no recording with this voice first: bf_emma, bm_george ….")
    ] = None,
) -> None:
    """Make every prompt that is new or changed into a file: its recording, or else espeak-ng with a warning."""
    settings, say = Settings(), lambda text: typer.echo(text, err=True)
    if voice is not None:
        typer.echo(record_prompts(settings, _dialplans(settings), voice, say))
    typer.echo(render(settings, _dialplans(settings), say))


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


def main() -> None:
    """Run the command line; an error of ours is a sentence, not a traceback."""
    try:
        app()
    except GuildhallError as error:
        typer.echo(f"guildhall: {error}", err=True)
        sys.exit(1)
    except (ValidationError, SettingsError) as error:
        typer.echo(f"guildhall: {wrong_settings(error)}", err=True)
        sys.exit(1)
