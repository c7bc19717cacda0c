"""`guildhall hours`: what holds when, and changes at short notice that are over by themselves."""

from __future__ import annotations

import getpass
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from guildhall.flow_tools.dialling import moment
from guildhall.hours_board import notice_board
from guildhall.settings import Settings
from guildhall.versions_in_force import take
from kernel.errors import BadInput
from kernel.hours import LONDON, WEEKLY, Hours, Opening, open_at
from kernel.ids import TenantId
from kernel.notices import Notice, changes, overrides_of, until_next_opening
from kernel.schema import did_you_mean

hours_app = typer.Typer(
    no_args_is_help=True,
    help="Opening hours: what holds when, and changes at short notice. They are in force within five seconds, expire "
    "by themselves, and the history says who made them.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Which = Annotated[
    str, typer.Argument(help="Council and hours, for instance northmere.main; see 'guildhall hours show'.")
]
Until = Annotated[str | None, typer.Option(help="'10:30' of today or tomorrow, or '2026-12-24 12:00'; council's time.")]
Why = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]
Say = Annotated[
    list[str] | None, typer.Option(help="What callers hear first: 'en=The office is closed …'. Repeatable.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]

_TEXT = 500


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    app.add_typer(hours_app, name="hours")


@hours_app.command()
def show(
    which: Annotated[str | None, typer.Argument(help="Council, or council and hours; default: all.")] = None,
    *,
    at: Annotated[str | None, typer.Option(help="When: '2026-12-28 02:00', the council's time; default: now.")] = None,
    as_json: Json = False,
) -> None:
    """Say which desks are open at a moment, why, and until when."""
    settings = Settings()
    when = datetime.now(UTC) if at is None else moment(at)
    board = notice_board(settings).notices()
    rows = []
    for tenant, name, hours in _all(settings, which):
        overrides = overrides_of(board, tenant, when).get(name, ())
        rows.append((f"{tenant}.{name}", open_at(hours, when, notices=overrides)))
    if as_json:
        typer.echo(json.dumps([_plain(name, opening) for name, opening in rows], indent=1))
        return
    for name, opening in rows:
        typer.echo(f"{name:<28} {_state(opening)}")
    for council in take(settings).plans.tenants:
        if council.hours_line is not None and which in {None, council.id}:
            where = settings.pins / council.id
            typer.echo(f"By telephone: {council.hours_line}, with the PIN of {council.id} in {where}", err=True)
    if not rows:
        typer.echo("No council has hours: write them under 'hours:' in tenant.yaml.")


@hours_app.command()
def extend(
    which: Which, *, until: Until = None, why: Why = "open longer", dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Keep a desk open until a moment, from now or from its next closing on."""
    if until is None:
        raise BadInput("no_until", "say until when: --until 18:30")
    _change(which, open_=True, until=until, why=why, say=None, dry_run=dry_run, as_json=as_json)


@hours_app.command()
def close(  # noqa: PLR0913 - a closing's options
    which: Which,
    *,
    until: Until = None,
    why: Why = "closed at short notice",
    say: Say = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Close a desk at once, with a message if you give one; until this opening ends unless told otherwise."""
    _change(which, open_=False, until=until, why=why, say=say, dry_run=dry_run, as_json=as_json)


@hours_app.command("list")
def list_notices(*, as_json: Json = False) -> None:
    """List the changes at short notice that are not over yet."""
    now = datetime.now(UTC)
    found = [one for one in notice_board(Settings()).notices() if one.ends > now]
    if as_json:
        typer.echo(json.dumps([_notice(one) for one in found], indent=1))
        return
    for one in found:
        word = "open" if one.open else "closed"
        span = f"{word} {_clock(one.begins)} to {_clock(one.ends)}"
        typer.echo(f"{one.id:<5} {one.tenant}.{one.hours}  {span}  {one.by}: {one.why}")
    if not found:
        typer.echo("Nothing is changed at short notice.")


@hours_app.command()
def cancel(notice: Annotated[str, typer.Argument(help="Its id, see 'guildhall hours list'.")]) -> None:
    """Take a change back before it is over by itself."""
    settings = Settings()
    gone = notice_board(settings).take_back(notice, by=_who(), t=time.time())
    tenant, name, hours = _one(settings, f"{gone.tenant}.{gone.hours}")
    overrides = overrides_of(notice_board(settings).notices(), tenant, datetime.now(UTC)).get(name, ())
    typer.echo(f"Taken back. {tenant}.{name} is now {_state(open_at(hours, datetime.now(UTC), notices=overrides))}")


@hours_app.command()
def history(*, as_json: Json = False) -> None:
    """Show every change that was ever made at short notice, and who made it; the file's chain is checked."""
    rows = notice_board(Settings()).history()
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        typer.echo("Nothing was ever changed at short notice.")
    for row in rows:
        when = _clock(datetime.fromtimestamp(float(str(row["t"])), UTC))
        what = (
            f"{row['tenant']}.{row['hours']} {'open' if row['open'] else 'closed'}" if "hours" in row else "taken back"
        )
        typer.echo(f"{when}  {row['by']:<12} {row['id']:<5} {what}  {row.get('why', '')}")


def _change(  # noqa: PLR0913 - what both commands give
    which: str, *, open_: bool, until: str | None, why: str, say: list[str] | None, dry_run: bool, as_json: bool
) -> None:
    settings, now = Settings(), datetime.now(UTC)
    tenant, name, hours = _one(settings, which)
    board = notice_board(settings)
    beside = overrides_of(board.notices(), tenant, now).get(name, ())
    ends = until_next_opening(hours, now, beside) if until is None else _until(until, now)
    notice = Notice(
        id="", tenant=tenant, hours=name, begins=now, ends=ends, open=open_, why=why[:100], by=_who(), t=time.time(),
        said=dict(_said(say or ())),
    )  # fmt: skip
    found, after = changes(hours, notice, now, beside=beside)
    if not dry_run:
        notice = board.put(notice)
    if as_json:
        told = [{"begins": one.begins.isoformat(), "ends": one.ends.isoformat(), "open": one.open} for one in found]
        typer.echo(json.dumps({**_notice(notice), "changes": told, "afterwards": _plain(which, after)}, indent=1))
        return
    for one in found:
        word, was = ("open", "closed") if one.open else ("closed", "open")
        typer.echo(f"{tenant}.{name}: {word} from {_clock(one.begins)} to {_clock(one.ends)} (would be {was})")
    for language, text in notice.said.items():
        typer.echo(f"callers hear first ({language}): {text}")
    typer.echo(f"from {_clock(notice.ends)} on as ever: {_state(after)}")
    typer.echo(
        "nothing was changed (--dry-run)" if dry_run else f"in force; to undo: guildhall hours cancel {notice.id}"
    )


def _all(settings: Settings, which: str | None) -> Iterator[tuple[TenantId, str, Hours]]:
    council, _, wanted = (which or "").partition(".")
    found = [
        (tenant.id, hours.name, hours)
        for tenant in take(settings).plans.tenants
        for hours in {one.name: one for one in tenant.hours.values()}.values()
    ]
    names = [f"{tenant}.{name}" for tenant, name, _ in found]
    chosen = [one for one in found if which is None or (one[0] == council and wanted in {"", one[1]})]
    if which is not None and not chosen:
        hint = did_you_mean(which, [*names, *{str(tenant) for tenant, _, _ in found}]) or "see 'guildhall hours show'"
        raise BadInput("no_hours", f"there are no such hours: {hint}")
    yield from chosen


def _one(settings: Settings, which: str) -> tuple[TenantId, str, Hours]:
    found = list(_all(settings, which))
    if len(found) > 1:
        raise BadInput("which_hours", f"which of them: {', '.join(f'{tenant}.{name}' for tenant, name, _ in found)}?")
    return found[0]


def _until(text: str, now: datetime) -> datetime:
    """``10:30`` is the next time a clock shows it. Raises ``BadInput``."""
    if not re.fullmatch(r"[0-2]\d:[0-5]\d", text):
        return moment(text).astimezone(UTC)
    local = now.astimezone(LONDON)
    found = moment(f"{local:%Y-%m-%d} {text}")
    return (found if found > now else moment(f"{local + timedelta(days=1):%Y-%m-%d} {text}")).astimezone(UTC)


def _said(pairs: list[str] | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        language, equals, text = pair.partition("=")
        if not equals or not re.fullmatch(r"[a-z]{2}", language):
            language, text = "en", pair
        if not 0 < len(text.strip()) <= _TEXT or not text.isprintable():
            raise BadInput("bad_text", f"a message has 1 to {_TEXT} printable characters: --say 'en=We are closed.'")
        yield language, text.strip()


def _state(opening: Opening) -> str:
    word = "open" if opening.open else "closed"
    until = "" if opening.until is None else f" until {_clock(opening.until)}"
    because = "" if opening.why == WEEKLY else f" ({opening.why}: {opening.name})"
    return f"{word}{until}{because}"


def _clock(when: datetime) -> str:
    return when.astimezone(LONDON).strftime("%a %Y-%m-%d %H:%M")


def _who() -> str:
    return os.environ.get("SUDO_USER") or getpass.getuser()


def _plain(name: str, opening: Opening) -> Mapping[str, object]:
    until = None if opening.until is None else opening.until.isoformat()
    return {"hours": name, "open": opening.open, "until": until, "why": opening.why, "name": opening.name}


def _notice(one: Notice) -> dict[str, object]:
    return {
        "id": one.id,
        "hours": f"{one.tenant}.{one.hours}",
        "begins": one.begins.isoformat(),
        "ends": one.ends.isoformat(),
        "open": one.open,
        "why": one.why,
        "by": one.by,
        "said": dict(one.said),
    }
