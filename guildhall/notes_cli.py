"""`guildhall agent note|notes` and `guildhall supervise note|notes`: what is noted on a call for the next agent."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from adapters.control.client import ask
from guildhall.explain_words import moment
from guildhall.settings import Settings
from kernel.commands import ShowNotes, TakeNote
from kernel.errors import Refused
from kernel.ids import AgentId, ContactId
from kernel.notes import MOST_CHARACTERS, note_text

#: A byte more than any note that fits could have, and then some: the rest of a pipe is not read.
_MOST_BYTES = 8 * MOST_CHARACTERS

AgentArgument = Annotated[
    str, typer.Argument(help="The agent's id, for instance northmere-a001; see 'guildhall agent list'.")
]
CallArgument = Annotated[str, typer.Argument(help="The call's id; see 'guildhall status'.")]
By = Annotated[str, typer.Option("--by", help="The supervisor's agent id; she has 'supervisor: yes' in people.yaml.")]
TextArgument = Annotated[
    str,
    typer.Argument(
        help=f"At most {MOST_CHARACTERS} characters; - reads them from standard input, so that they stand in no "
        "shell's history."
    ),
]
TakeBack = Annotated[bool, typer.Option("--take-back", help="Delete her last note on the call instead.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
WithNote = Annotated[
    str | None, typer.Option("--note", help="Note this on the call first; - reads it from standard input.")
]


def register(agent_app: typer.Typer, supervise_app: typer.Typer) -> None:
    """Add the commands."""
    agent_app.command()(note)
    agent_app.command()(notes)
    supervise_app.command("note")(supervisors_note)
    supervise_app.command("notes")(supervisors_notes)


def note(agent: AgentArgument, text: TextArgument = "-", *, take_back: TakeBack = False) -> None:
    """Note something on the agent's call for whoever has the caller next.

    Her present call, or her last until a quarter of an hour after it. Kept for 30 days, or as tenant.yaml says.
    """
    _take(TakeNote(agent=AgentId(agent), text=None if take_back else text_of(text), by="operator"))


def notes(agent: AgentArgument, *, as_json: Json = False) -> None:
    """Show the notes on the call that her phone rings for, is in, or was in last. Each reading is audited.

    And what is known of the caller's needs: longer time-outs, Welsh, Relay.
    """
    _show(ShowNotes(agent=AgentId(agent), by="operator"), as_json=as_json)


def supervisors_note(call: CallArgument, by: By, text: TextArgument = "-", *, take_back: TakeBack = False) -> None:
    """Note something on a call under way for whoever has the caller next."""
    noted = None if take_back else text_of(text)
    _take(TakeNote(agent=AgentId(by), contact=ContactId(call), text=noted, by="operator"))


def supervisors_notes(call: CallArgument, by: By, *, as_json: Json = False) -> None:
    """Show the notes on a call under way. Each reading is audited; for a past call: guildhall explain CALL --notes."""
    _show(ShowNotes(agent=AgentId(by), contact=ContactId(call), by="operator"), as_json=as_json)


def note_first(agent: str, text: str | None) -> None:
    """Note something on her call before she does something with it; nothing for None. Raises ``GuildhallError``."""
    if text is not None:
        _take(TakeNote(agent=AgentId(agent), text=text_of(text), by="operator"))


def text_of(text: str) -> str:
    """The note as it will be kept; ``-``: from standard input. Raises ``BadInput``, before anything is asked."""
    if text == "-":
        if sys.stdin.isatty():
            typer.echo("The note, one line:", err=True)
            text = sys.stdin.buffer.readline(_MOST_BYTES).decode("utf-8", "replace")
        else:
            text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8", "replace")
    return note_text(text)


def _take(asked: TakeNote) -> None:
    outcome = ask(Settings().control, asked)
    if not outcome.ok:
        raise Refused(outcome.code, outcome.message)
    typer.echo(outcome.message)


def _show(asked: ShowNotes, *, as_json: bool) -> None:
    outcome = ask(Settings().control, asked)
    if not outcome.ok or not isinstance(outcome.data, dict):
        raise Refused(outcome.code, outcome.message)
    if as_json:
        typer.echo(json.dumps(outcome.data, indent=1))
        return
    lines = (f"  {moment(one['at'])}  {one['by']}: {one['text']}" for one in outcome.data["notes"])
    needs = outcome.data["needs"]
    typer.echo("\n".join([outcome.message, *([f"  needs: {', '.join(needs)}"] if needs else []), *lines]))
