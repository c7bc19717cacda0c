"""The command line: which command lies in which module. Each module is read when its command is asked for."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from guildhall.on_demand import OnDemand
from guildhall.settings import wrong_settings
from kernel.errors import GuildhallError

#: Command -> the module whose ``register`` brings it, in the order of the help.
MODULES = {
    "up": "guildhall.service_cli",
    "down": "guildhall.service_cli",
    "status": "guildhall.state_cli",
    "doctor": "guildhall.service_cli",
    "town": "guildhall.service_cli",
    "call": "guildhall.service_cli",
    "facts": "guildhall.state_cli",
    "generate": "guildhall.generate_cli",
    "agent": "guildhall.agents_cli",
    "supervise": "guildhall.agents_cli",
    "prompts": "guildhall.prompts_cli",
    "needs": "guildhall.needs_cli",
    "check": "guildhall.flow_tools.commands",
    "dial": "guildhall.flow_tools.commands",
    "test": "guildhall.flow_tools.commands",
    "draw": "guildhall.flow_tools.commands",
    "publish": "guildhall.publish_cli",
    "rollback": "guildhall.publish_cli",
    "history": "guildhall.publish_cli",
    "diff": "guildhall.publish_cli",
    "hours": "guildhall.hours_cli",
    "import": "guildhall.import_cli",
    "fallback": "guildhall.fallback_cli",
    "steer": "guildhall.steer_cli",
    "recordings": "guildhall.recordings_cli",
    "audit": "guildhall.recordings_cli",
    "voicemail": "guildhall.voicemail_cli",
    "desk": "guildhall.desk_cli",
    "explain": "guildhall.explain_cli",
    "figures": "guildhall.figures_cli",
    "recharge": "guildhall.recharge_cli",
    "simulate": "guildhall.simulate_cli",
}

app = typer.Typer(
    cls=OnDemand.of(MODULES),
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
    except (ValidationError, SettingsError) as error:
        typer.echo(f"guildhall: {wrong_settings(error)}", err=True)
        sys.exit(1)
