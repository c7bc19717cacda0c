"""``guildhall explain``: why a call waits, or why a past one was offered to whom it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from adapters.control.client import ask
from guildhall.explain_words import in_words
from guildhall.recordings_asking import AsRole, AsUser, Councils, asked, person_of
from guildhall.settings import Settings
from kernel.commands import Explain
from kernel.errors import GuildhallError
from kernel.ids import ContactId, checked_id
from recordings.core.policy import Role


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(explain)


def explain(  # noqa: PLR0913 - which call, in what form, as whom
    call: Annotated[str, typer.Argument(help="The call's id, as the facts and 'guildhall status' show it.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
    notes: Annotated[
        bool,
        typer.Option("--notes", help="Read what was noted on it too; whoever may hear its recording may, audited."),
    ] = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Say who may take a waiting call now, who may not and why; of a past call, how it was at each of its offers.

    Who noted something on it and when is told too; what, with --notes.
    """
    contact = ContactId(checked_id(call, "the call's id"))
    told = _told(Settings(), contact)
    if notes:
        from guildhall.explain_notes import notes_of  # noqa: PLC0415 - SQLAlchemy takes half a second to import

        person = person_of(as_user, role, council)
        told = {**told, "notes": asked(lambda recordings: notes_of(recordings, person, contact))}
    typer.echo(json.dumps(told, indent=1) if as_json else in_words(told))


def _told(settings: Settings, contact: ContactId) -> Mapping[str, Any]:
    try:
        outcome = ask(settings.control, Explain(contact=contact))
    except GuildhallError:
        # The engine is away; the facts may know all the same.
        outcome = None
    if outcome is not None and outcome.ok and isinstance(outcome.data, dict):
        return outcome.data
    past = asyncio.run(_from_facts(settings, contact))
    if past is None:
        raise GuildhallError("unknown_call", "no such call waits now, and the facts tell of none that was in a queue")
    return past


async def _from_facts(settings: Settings, contact: ContactId) -> Mapping[str, Any] | None:
    # SQLAlchemy takes half a second to import, and a waiting call needs none of it.
    from guildhall.explain_facts import lines_of  # noqa: PLC0415 - as said

    return await lines_of(settings, contact)
