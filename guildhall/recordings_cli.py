"""``guildhall recordings`` and ``guildhall audit``: list, show, play, export, hold, erase, verify, by right."""

from __future__ import annotations

import json
import os
import pwd
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from guildhall.pausing_cli import pause, resume
from guildhall.settings import Settings
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.recording import ChainState, Recording, RecordingId, RecordingState, Wanted
from recordings.core.policy import Person, Role

if TYPE_CHECKING:
    from guildhall.recordings_wiring import Recordings

recordings_app = typer.Typer(
    no_args_is_help=True, help="What is kept of calls: list, hear, export, hold, erase, verify."
)
audit_app = typer.Typer(no_args_is_help=True, help="Who listened to, exported, held or deleted what.")

_Answer = TypeVar("_Answer")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Id = Annotated[str, typer.Argument(help="The recording's id; see 'guildhall recordings list'.")]
AsUser = Annotated[str | None, typer.Option("--as-user", help="Try it as somebody else; default: you.")]
AsRole = Annotated[Role, typer.Option("--role", help="Try it in another role.")]
Councils = Annotated[list[str] | None, typer.Option("--council", help="Only this council's; may be repeated.")]
Out = Annotated[Path | None, typer.Option("--out", help="A new file; default: standard output.")]
Anchor = Annotated[str | None, typer.Option(help="A head noted earlier, which the chain must still hold.")]
When = Annotated[str | None, typer.Option(help="Unix seconds, or a time such as 2026-11-22T09:00 (UTC).")]


def register(app: typer.Typer) -> None:
    """Hang both groups under the command line."""
    recordings_app.command("pause")(pause)
    recordings_app.command("resume")(resume)
    app.add_typer(recordings_app, name="recordings")
    app.add_typer(audit_app, name="audit")


def _person(user: str | None, role: Role, councils: list[str] | None) -> Person:
    name = user or pwd.getpwuid(os.getuid()).pw_name
    named = frozenset(TenantId(one) for one in councils) if councils else None
    return Person(user=name, role=role, councils=named, agent=AgentId(name) if role is Role.AGENT else None)


def _ask(question: Callable[[Recordings], Coroutine[Any, Any, _Answer]]) -> _Answer:
    from guildhall.recordings_desk import ask  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    return ask(Settings(), question)


def as_json(one: Recording) -> dict[str, object]:
    """A recording as programs see it (``from``, ``to``: Unix seconds); never the caller's number."""
    return {
        "id": one.id,
        "call": one.call,
        "council": one.council,
        "queue": one.queue,
        "agent": one.agent,
        "from": one.began,
        "to": one.ended,
        "seconds": one.seconds,
        "kind": one.kind,
        "gaps": [{"from": gap.start, "seconds": gap.seconds, "why": gap.why} for gap in one.gaps],
        "join": one.join,
        "outcome": one.outcome,
        "state": one.state.value,
        "why": one.why,
        "purpose": one.purpose,
        "keep_until": one.keep_until,
        "hold": one.hold,
        "sha256": one.sha256,
        "size": one.size,
        "figures": dict(one.figures),
    }


@recordings_app.command("list")
def list_recordings(  # noqa: PLR0913 - a filter each
    *,
    since: When = None,
    until: When = None,
    council: Councils = None,
    queue: Annotated[str | None, typer.Option(help="For instance northmere.waste.")] = None,
    agent: Annotated[str | None, typer.Option(help="For instance northmere-a001.")] = None,
    call: Annotated[str | None, typer.Option(help="A contact's id.")] = None,
    outcome: Annotated[str | None, typer.Option(help="How the contact ended: completed, abandoned …")] = None,
    longer: Annotated[float | None, typer.Option(help="Of so many seconds or more.")] = None,
    shorter: Annotated[float | None, typer.Option(help="Of so many seconds or less.")] = None,
    broken: Annotated[bool, typer.Option("--broken", help="Those that could not be taken in, instead.")] = False,
    most: Annotated[int, typer.Option(help="The newest so many.", min=1, max=100_000)] = 1000,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
) -> None:
    """List recordings, newest first."""
    wanted = Wanted(
        councils=None,
        since=_moment(since),
        until=_moment(until),
        queue=QueueId(queue) if queue else None,
        agent=AgentId(agent) if agent else None,
        call=ContactId(call) if call else None,
        outcome=outcome,
        least_s=longer,
        most_s=shorter,
        most=most,
        states=frozenset({RecordingState.BROKEN}) if broken else Wanted().states,
    )
    _show_found(_person(as_user, role, council), wanted, json_=json_)


def _show_found(person: Person, wanted: Wanted, *, json_: bool) -> None:
    from guildhall.recordings_desk import find  # noqa: PLC0415 - the same

    found = _ask(lambda recordings: find(recordings, person, wanted))
    if json_:
        typer.echo(json.dumps([as_json(one) for one in found], indent=1))
        return
    for one in found:
        began = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.began))
        whose = f"{one.queue or one.council}  {one.agent or '-'}"
        typer.echo(f"{one.id}  {began}  {one.seconds:7.1f} s  {one.state.value:6}  {whose}")
    typer.echo(f"{len(found)} recordings")


def _moment(text: str | None) -> float | None:
    from guildhall.facts_export import moment  # noqa: PLC0415 - the same

    return moment(text)


@recordings_app.command()
def show(
    recording: Id,
    *,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Show what the catalogue tells of one recording."""
    person = _person(as_user, role, council)
    found = as_json(_ask(lambda recordings: recordings.room.show(person, RecordingId(recording))))
    if json_:
        typer.echo(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        typer.echo(f"{name:11} {value if value is not None else '-'}")


@recordings_app.command()
def play(  # noqa: PLR0913 - what, where to, as whom
    recording: Id,
    *,
    out: Out = None,
    form: Annotated[str, typer.Option(help="wav, opus or mp3.")] = "wav",
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Decrypt a recording to hear it: into a new file, or to a player's standard input. Goes into the audit log."""
    from guildhall.recordings_desk import give  # noqa: PLC0415 - the same

    person = _person(as_user, role, council)
    written = _ask(lambda recordings: give(recordings, person, RecordingId(recording), form, out))
    _said(written, out)


@recordings_app.command()
def export(  # noqa: PLR0913 - the same
    recording: Id,
    *,
    out: Out = None,
    form: Annotated[str, typer.Option(help="mp3, wav or opus.")] = "mp3",
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Take a copy of a recording out of the system. Goes into the audit log."""
    from guildhall.recordings_desk import export as take_out  # noqa: PLC0415 - the same

    person = _person(as_user, role, council)
    written = _ask(lambda recordings: take_out(recordings, person, RecordingId(recording), form, out))
    _said(written, out)


@recordings_app.command()
def hold(  # noqa: PLR0913 - the same
    recording: Id,
    *,
    reason: Annotated[str | None, typer.Option(help="Why: a claim's number, no names.")] = None,
    release: Annotated[bool, typer.Option("--release", help="Take the hold off.")] = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Put a legal hold on a recording, so that nothing deletes it; or take it off. Goes into the audit log."""
    if release == bool(reason):
        raise BadInput("bad_hold", "say either --reason or --release")
    person = _person(as_user, role, council)
    _ask(lambda recordings: recordings.room.hold(person, RecordingId(recording), reason))
    typer.echo("Released." if release else "Held: no retention and no request deletes it.")


@recordings_app.command()
def erase(
    recording: Id,
    *,
    why: Annotated[str, typer.Option(help="Why: a request's number, no names.")],
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Delete a recording for good: audio, text, waveform, the PBX's files; the audit log keeps the certificate."""
    person = _person(as_user, role, council)
    _ask(lambda recordings: recordings.room.erase(person, RecordingId(recording), why))
    typer.echo("Erased; the certificate is in the audit log.")


@recordings_app.command()
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

    person = _person(as_user, role, council)
    states = frozenset(RecordingState) - {RecordingState.ERASED}
    wanted = Wanted(councils=person.councils, states=states, most=10_000_000)
    found = _ask(lambda recordings: verify_all(recordings, person, wanted, anchor))
    if json_:
        typer.echo(json.dumps(_chain(found.chain) | {"ok": found.ok, "opened": found.opened, "wrong": found.wrong}))
    else:
        _say_chain("catalogue", found.chain)
        typer.echo(f"{found.opened} seals opened, {len(found.wrong)} wrong")
        for recording, why in found.wrong.items():
            typer.echo(f"  {recording}  {why}")
    if not found.ok:
        raise typer.Exit(1)


@recordings_app.command()
def work() -> None:
    """Seal what waits and delete what is due to go, where no engine's worker does it."""
    from guildhall.recordings_desk import work as do_work  # noqa: PLC0415 - the same

    _ask(do_work)


@audit_app.command("verify")
def verify_audit(
    *, anchor: Anchor = None, json_: Json = False, as_user: AsUser = None, role: AsRole = Role.OPERATOR
) -> None:
    """Check the hash chain of the audit log. Exit 1 when a line was changed or is missing."""
    person = _person(as_user, role, None)
    found = _ask(lambda recordings: recordings.room.verify_audit(person, anchor))
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


def _said(written: int, out: Path | None) -> None:
    if out is not None:
        typer.echo(f"{written} bytes in {out}", err=True)
