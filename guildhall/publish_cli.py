"""The commands publish, rollback and history."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from guildhall import publishing
from guildhall.flow_tools.comparing import differences
from guildhall.flow_tools.dialling import Exchange, moment
from guildhall.flow_tools.reading import find_folder
from guildhall.privilege import become_root
from guildhall.settings import Settings
from kernel.errors import BadInput
from kernel.hours import LONDON
from kernel.number import parse_dialled
from kernel.versions import How, InForce, Publication, Stage, in_force, version_before

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Note = Annotated[str, typer.Option(help="Why, for whoever reads the history.")]

#: Exit status of a refusal, as of `guildhall check`.
_WRONG = 1


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    app.command()(publish)
    app.command()(rollback)
    app.command()(history)
    app.command()(diff)


def publish(  # noqa: PLR0913 - one option a way of staging
    folder: Annotated[Path | None, typer.Argument(help="The councils' folder to publish; default: dialplans/.")] = None,
    *,
    note: Note = "",
    number: Annotated[
        list[str] | None, typer.Option(help="Try it on calls to this number only. May be repeated.")
    ] = None,
    percent: Annotated[int, typer.Option(min=1, max=100, help="Try it on so many calls in a hundred.")] = 100,
    at: Annotated[str | None, typer.Option(help="When: '2026-11-23 08:00', the council's time; default: now.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and test only; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Check, test and put into force what the files say; calls under way end on the version they began with."""
    settings, began = Settings(), time.monotonic()
    where = (folder or settings.dialplans).resolve()
    stage = None
    if number or percent < 100:  # noqa: PLR2004 - all of them
        stage = Stage(numbers=tuple(parse_dialled(one) for one in number or ()), percent=percent)

    def say(text: str) -> None:
        typer.echo(f"[{time.monotonic() - began:5.1f} s] {text}", err=True)

    try:
        when = None if at is None else _future(at)
        if dry_run:
            publishing.fit(where)
            typer.echo("fit to be published; nothing was changed")
            return
        become_root(sys.argv[1:])
        order = publishing.Order(how=How.PUBLISH, note=note, stage=stage, at=when)
        done = publishing.publish(settings, where, order, say)
    except publishing.NotFit as wrong:
        _refuse(wrong, as_json=as_json)
    if as_json:
        typer.echo(json.dumps(None if done is None else _plain(done)))
    elif done is None:
        typer.echo(f"These files are in force already: {_holds(settings)}.")
    else:
        typer.echo(f"Version {done.version} {_told(done)}. To undo: guildhall rollback")


def rollback(
    version: Annotated[int | None, typer.Argument(help="See 'guildhall history'; default: the one before.")] = None,
    *,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Put an earlier version into force at once; what was staged or planned is over. The files are not touched."""
    become_root(sys.argv[1:])
    done = publishing.roll_back(Settings(), version, note, lambda text: typer.echo(text, err=True))
    told = f"Version {done.version} {_told(done)}. The files are not touched: guildhall diff"
    typer.echo(json.dumps(_plain(done)) if as_json else told)


def diff(
    old: Annotated[
        str | None, typer.Argument(help="A version's number or a folder; default: the version in force.")
    ] = None,
    new: Annotated[str | None, typer.Argument(help="A version's number or a folder; default: dialplans/.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say in words what changes for callers, queues and people. Exit 0 also when nothing does."""
    settings = Settings()
    before = _exchange(settings, old) if old else _in_force(settings)
    lines = list(differences(before, _exchange(settings, new or str(settings.dialplans)), datetime.now(LONDON).date()))
    if as_json:
        typer.echo(json.dumps(lines, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)
    if not lines:
        typer.echo("No difference." if old or new else f"No difference: in force is {_holds(settings)}.")


def _holds(settings: Settings) -> str:
    """What is in force; where the keeper published an edit by itself, how to see what that changed."""
    journal = publishing.versions_of(settings).journal()
    base = in_force(journal, time.time()).base
    if base is None:
        return "nothing"
    before = version_before(journal, time.time())
    seen = "" if before is None else f"; what it changed: guildhall diff {before.version} {base.version}"
    itself = ", an edit that was published by itself" if base.how is How.EDIT else ""
    return f"version {base.version} {_told(base)}{itself}{seen}"


def _exchange(settings: Settings, which: str) -> Exchange:
    """The files of a version or a folder, as a place that can be called. Raises ``GuildhallError``."""
    folder = publishing.versions_of(settings).files(int(which)) if which.isdecimal() else Path(which)
    return Exchange.of(find_folder(folder).whole())


def _in_force(settings: Settings) -> Exchange:
    base = in_force(publishing.versions_of(settings).journal(), time.time()).base
    if base is None:
        raise BadInput("no_version", "nothing was published yet: name what to compare, two folders or versions")
    return _exchange(settings, str(base.version))


def history(*, as_json: Json = False) -> None:
    """Show what was published when, by whom, and what is in force."""
    settings = Settings()
    journal = publishing.versions_of(settings).journal()
    holds = in_force(journal, time.time())
    refused = publishing.refusal(settings)
    if as_json:
        told = {"at": refused[0], "faults": refused[1]} if refused else None
        typer.echo(json.dumps({"history": [_plain(one) for one in journal], "refused": told, **_holding(holds)}))
        return
    for one in journal:
        typer.echo(f"{_mark(one, holds)} {one.seq:>4}  version {one.version:<4} {_told(one)}  {one.by}  {one.note}")
    if journal:
        typer.echo("* in force   ~ tried on a part of the calls   + planned", err=True)
    else:
        typer.echo("Nothing was published yet: 'guildhall up' or 'guildhall publish' does.")
    if refused:
        typer.echo(f"Refused at {_clock(refused[0])}, so the version in force goes on:", err=True)
        for line in refused[1]:
            typer.echo(f"    {line}", err=True)


def _future(text: str) -> float:
    when = moment(text).timestamp()
    if when <= time.time():
        raise BadInput("past", "this time is over: give one to come, or leave --at out to publish now")
    return when


def _refuse(wrong: publishing.NotFit, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": wrong.message, "faults": wrong.lines}))
    else:
        for line in wrong.lines:
            typer.echo(line)
        typer.echo(f"guildhall: {wrong.message}", err=True)
    raise typer.Exit(_WRONG)


def _told(one: Publication) -> str:
    """What became of calls: in words."""
    since = f"{'planned for' if one.at > one.t else 'from'} {_clock(one.at)}"
    if one.stage is None:
        part = "all calls"
    else:
        share = "" if one.stage.percent == 100 else f"{one.stage.percent} % of "  # noqa: PLR2004 - all of them
        part = f"{share}calls to {', '.join(one.stage.numbers) or 'any number'}"
    return f"{since} for {part} ({one.how.value})"


def _mark(one: Publication, holds: InForce) -> str:
    held = {publication.seq: mark for publication, mark in ((holds.base, "*"), (holds.staged, "~")) if publication}
    return held.get(one.seq, "+" if one in holds.pending else " ")


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, LONDON).strftime("%Y-%m-%d %H:%M:%S")


def _holding(holds: InForce) -> dict[str, object]:
    return {
        "in_force": holds.base.version if holds.base else None,
        "staged": holds.staged.version if holds.staged else None,
        "pending": [one.version for one in holds.pending],
    }


def _plain(one: Publication) -> dict[str, object]:
    stage = {"numbers": list(one.stage.numbers), "percent": one.stage.percent} if one.stage else None
    return {
        "seq": one.seq,
        "version": one.version,
        "t": one.t,
        "at": one.at,
        "how": one.how.value,
        "by": one.by,
        "note": one.note,
        "digest": one.digest,
        "stage": stage,
    }
