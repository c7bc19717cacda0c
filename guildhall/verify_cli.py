"""``guildhall recordings verify`` and ``guildhall audit verify``: the chains and the seals."""

from __future__ import annotations

import json

import typer

from guildhall.recordings_asking import Anchor, AsRole, AsUser, Councils, Json, asked, person_of
from kernel.recording import ChainState, RecordingState, Wanted
from recordings.core.policy import Role

audit_app = typer.Typer(no_args_is_help=True, help="Who listened to, exported, held or deleted what.")


def register(app: typer.Typer, recordings_app: typer.Typer) -> None:
    """Hang the commands under the command line."""
    recordings_app.command("verify")(verify)
    audit_app.command("verify")(verify_audit)
    app.add_typer(audit_app, name="audit")


def verify(
    *,
    anchor: Anchor = None,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Check the chain of the catalogue and open every seal. Exit 1 when anything is not as it was."""
    from guildhall.recordings_desk import verify as verify_all  # noqa: PLC0415 - the same

    person = person_of(as_user, role, council)
    states = frozenset(RecordingState) - {RecordingState.ERASED}
    wanted = Wanted(councils=person.councils, states=states, most=10_000_000)
    found = asked(lambda recordings: verify_all(recordings, person, wanted, anchor))
    if json_:
        typer.echo(json.dumps(_chain(found.chain) | {"ok": found.ok, "opened": found.opened, "wrong": found.wrong}))
    else:
        _say_chain("catalogue", found.chain)
        typer.echo(f"{found.opened} seals opened, {len(found.wrong)} wrong")
        for recording, why in found.wrong.items():
            typer.echo(f"  {recording}  {why}")
    if not found.ok:
        raise typer.Exit(1)


def verify_audit(
    *, anchor: Anchor = None, json_: Json = False, as_user: AsUser = None, role: AsRole = Role.OPERATOR
) -> None:
    """Check the hash chain of the audit log. Exit 1 when a line was changed or is missing."""
    person = person_of(as_user, role, None)
    found = asked(lambda recordings: recordings.room.verify_audit(person, anchor))
    if json_:
        typer.echo(json.dumps(_chain(found)))
    else:
        _say_chain("audit log", found)
    if found.broken is not None:
        raise typer.Exit(1)


def _chain(state: ChainState) -> dict[str, object]:
    return {
        "ok": state.broken is None,
        "rows": state.rows,
        "head": state.head,
        "broken": state.broken,
        "why": state.why,
    }


def _say_chain(what: str, state: ChainState) -> None:
    if state.broken is None:
        typer.echo(f"{what}: {state.rows} rows hold; head {state.head}")
    else:
        typer.echo(f"{what}: broken at row {state.broken}: {state.why}")
