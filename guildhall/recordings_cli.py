"""``guildhall recordings`` and ``guildhall audit``: list, show, play, export, hold, erase, verify, by right."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from guildhall import subject_cli, verify_cli
from guildhall.hsm_cli import make_keys
from guildhall.pausing_cli import pause, resume
from guildhall.recordings_asking import AsRole, AsUser, Councils, Id, Json, Out, When, asked, person_of
from guildhall.transcript_cli import transcript
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId
from kernel.recording import Recording, RecordingId, RecordingState, Wanted
from recordings.core.policy import Person, Role

recordings_app = typer.Typer(
    no_args_is_help=True, help="What is kept of calls: list, hear, export, hold, erase, verify."
)


def register(app: typer.Typer) -> None:
    """Hang the groups under the command line."""
    recordings_app.command("transcript")(transcript)
    recordings_app.command("make-keys")(make_keys)
    recordings_app.command("pause")(pause)
    recordings_app.command("resume")(resume)
    app.add_typer(recordings_app, name="recordings")
    verify_cli.register(app, recordings_app)
    subject_cli.register(recordings_app)


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
        "gaps": [gap.as_json() for gap in one.gaps],
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
    _show_found(person_of(as_user, role, council), wanted, json_=json_)


def _show_found(person: Person, wanted: Wanted, *, json_: bool) -> None:
    from guildhall.recordings_desk import find  # noqa: PLC0415 - the same

    found = asked(lambda recordings: find(recordings, person, wanted))
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
    person = person_of(as_user, role, council)
    found = as_json(asked(lambda recordings: recordings.room.show(person, RecordingId(recording))))
    if json_:
        typer.echo(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        typer.echo(f"{name:11} {value if value is not None else '-'}")


@recordings_app.command()
def timeline(
    call: Annotated[str, typer.Argument(help="A contact's id.")],
    *,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Show one contact's timeline: its recordings in order, and each gap with its reason and length."""
    from guildhall.recordings_timeline import timeline_of, told  # noqa: PLC0415 - the same

    person = person_of(as_user, role, council)
    found = asked(lambda recordings: timeline_of(recordings, person, ContactId(call)))
    typer.echo(json.dumps(found, indent=1) if json_ else "\n".join(told(found)))


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

    person = person_of(as_user, role, council)
    written = asked(lambda recordings: give(recordings, person, RecordingId(recording), form, out))
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

    person = person_of(as_user, role, council)
    written = asked(lambda recordings: take_out(recordings, person, RecordingId(recording), form, out))
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
    person = person_of(as_user, role, council)
    asked(lambda recordings: recordings.room.hold(person, RecordingId(recording), reason))
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
    person = person_of(as_user, role, council)
    asked(lambda recordings: recordings.room.erase(person, RecordingId(recording), why))
    typer.echo("Erased; the certificate is in the audit log.")


@recordings_app.command()
def work() -> None:
    """Seal what waits and delete what is due to go, where no engine's worker does it."""
    from guildhall.recordings_desk import work as do_work  # noqa: PLC0415 - the same

    asked(do_work)


def _said(written: int, out: Path | None) -> None:
    if out is not None:
        typer.echo(f"{written} bytes in {out}", err=True)
