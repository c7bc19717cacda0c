"""``guildhall recordings pause`` and ``resume``: asked of the running engine."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from adapters.control import client as control
from guildhall.settings import Settings
from kernel.commands import Outcome, PauseRecording, ResumeRecording
from kernel.errors import Refused
from kernel.ids import ContactId

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def pause(
    call: Annotated[str, typer.Argument(help="A contact's id; see 'guildhall status'.")],
    *,
    why: Annotated[str, typer.Option(help="What for: card details. No names, no numbers.")],
    seconds: Annotated[float | None, typer.Option(help="How long; default and longest: what the queue allows.")] = None,
    json_: Json = False,
) -> None:
    """Silence the recording of a call under way, for card details; it goes on by itself."""
    command = PauseRecording(contact=ContactId(call), why=why, seconds=seconds)
    _say_outcome(control.ask(Settings().control, command), json_=json_)


def resume(
    call: Annotated[str, typer.Argument(help="A contact's id.")],
    *,
    json_: Json = False,
) -> None:
    """Let a paused recording go on at once."""
    _say_outcome(control.ask(Settings().control, ResumeRecording(contact=ContactId(call))), json_=json_)


def _say_outcome(outcome: Outcome, *, json_: bool) -> None:
    if json_:
        typer.echo(json.dumps({"ok": outcome.ok, "code": outcome.code, "message": outcome.message}))
    elif outcome.ok:
        typer.echo(outcome.message.capitalize() + ".")
    if not outcome.ok:
        raise Refused(outcome.code, outcome.message)
