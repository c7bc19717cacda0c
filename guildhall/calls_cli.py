"""`guildhall agent transfer|consult|complete|cancel|hold|resume` and `guildhall supervise …`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.control.client import ask
from guildhall.notes_cli import WithNote, note_first
from guildhall.notes_cli import register as register_notes
from guildhall.settings import Settings
from kernel.commands import Asked, CallDeed, MoveCall, Oversight, Supervise, TakeSecret
from kernel.ids import AgentId, ContactId, QueueId

AgentArgument = Annotated[
    str, typer.Argument(help="The agent's id, for instance northmere-a001; see 'guildhall agent list'.")
]
CallArgument = Annotated[str, typer.Argument(help="The call's id; see 'guildhall status'.")]
To = Annotated[str, typer.Option("--to", help="An agent's id, a queue's id, or a name in transfer_to: of tenant.yaml.")]
By = Annotated[str, typer.Option("--by", help="The supervisor's agent id; she has 'supervisor: yes' in people.yaml.")]

Priority = Annotated[int, typer.Argument(help="0 to 100; higher goes first.")]

supervise_app = typer.Typer(no_args_is_help=True, help="What a supervisor asks for; every act is kept as a fact.")


def register(app: typer.Typer, agent_app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(supervise_app, name="supervise")
    for command in (transfer, consult, complete, cancel, hold, resume):
        agent_app.command()(command)
    agent_app.command(name="secure-input")(secure_input)
    register_notes(agent_app, supervise_app)


def _ask(command: Asked) -> None:
    outcome = ask(Settings().control, command)
    typer.echo(outcome.message if outcome.ok else f"guildhall: {outcome.message}", err=not outcome.ok)
    if not outcome.ok:
        raise typer.Exit(1)


def _move(agent: str, deed: CallDeed, to: str | None = None) -> None:
    _ask(MoveCall(agent=AgentId(agent), deed=deed, to=to, by="operator"))


def transfer(agent: AgentArgument, to: To, *, note: WithNote = None) -> None:
    """Send the agent's caller on, without asking first; the caller is never dropped when nobody answers."""
    note_first(agent, note)
    _move(agent, CallDeed.TRANSFER, to)


def consult(agent: AgentArgument, to: To, *, note: WithNote = None) -> None:
    """Ring somebody for the agent while her caller hears music."""
    note_first(agent, note)
    _move(agent, CallDeed.CONSULT, to)


def complete(agent: AgentArgument) -> None:
    """Join the caller with the one who was asked; the agent leaves."""
    _move(agent, CallDeed.COMPLETE)


def cancel(agent: AgentArgument) -> None:
    """Give the asking up: the agent has her caller back."""
    _move(agent, CallDeed.CANCEL)


def hold(agent: AgentArgument) -> None:
    """Put the caller on hold, with music."""
    _move(agent, CallDeed.HOLD)


def resume(agent: AgentArgument) -> None:
    """Take the caller off hold."""
    _move(agent, CallDeed.RESUME)


def secure_input(agent: AgentArgument) -> None:
    """Let the agent's caller key in card details or a PIN: unheard, unrecorded; both are together again afterwards."""
    _ask(TakeSecret(agent=AgentId(agent)))


@supervise_app.command()
def listen(agent: AgentArgument, by: By) -> None:
    """May she listen to this agent's call, and how: the supervisor dials the code on her own phone."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.LISTEN, agent=AgentId(agent)))


@supervise_app.command()
def whisper(agent: AgentArgument, by: By) -> None:
    """As listen, and the agent alone hears the supervisor."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.WHISPER, agent=AgentId(agent)))


@supervise_app.command()
def barge(agent: AgentArgument, by: By) -> None:
    """As listen, and both hear the supervisor."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.BARGE, agent=AgentId(agent)))


@supervise_app.command()
def pull(call: CallArgument, by: By) -> None:
    """Ring the supervisor's own phone for a waiting call."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.PULL, contact=ContactId(call)))


@supervise_app.command()
def priority(call: CallArgument, value: Priority, by: By) -> None:
    """Change a waiting call's priority."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.PRIORITY, contact=ContactId(call), priority=value))


@supervise_app.command()
def move(
    agent: AgentArgument,
    queues: Annotated[list[str], typer.Argument(help="The queues she serves from now on.")],
    by: By,
) -> None:
    """Have an agent serve other queues, until moved again."""
    serves = tuple(QueueId(queue) for queue in queues)
    _ask(Supervise(by=AgentId(by), deed=Oversight.MOVE, agent=AgentId(agent), queues=serves))


@supervise_app.command("end-break")
def end_break(agent: AgentArgument, by: By) -> None:
    """Make an agent ready."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.END_BREAK, agent=AgentId(agent)))


@supervise_app.command("log-out")
def log_out(agent: AgentArgument, by: By) -> None:
    """Log an agent out; during a call it takes effect after it."""
    _ask(Supervise(by=AgentId(by), deed=Oversight.LOG_OUT, agent=AgentId(agent)))
