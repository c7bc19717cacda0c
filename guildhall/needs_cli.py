"""`guildhall needs add|list|remove`: what callers asked for, registered for their number, with purpose and end."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from adapters.files.dialplans import read_dialplans
from guildhall.settings import Settings
from guildhall.subject_cli import Number, read_number
from kernel.errors import BadInput, GuildhallError
from kernel.ids import TenantId
from kernel.needs import KnownNeed, Need, NeedSource
from kernel.schema import did_you_mean

if TYPE_CHECKING:
    from guildhall.callers_needs import CallersNeeds, Order

needs_app = typer.Typer(
    no_args_is_help=True,
    help="What callers asked for, by number: longer time-outs, Welsh, Relay. Explicit, with an end; never guessed.",
)
_T = TypeVar("_T")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Council = Annotated[str, typer.Option(help="The council it holds for.")]
NeedOption = Annotated[Need, typer.Option("--need", help="more_time: longer time-outs, no barge-in by voice.")]


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    app.add_typer(needs_app, name="needs")


@needs_app.command()
def add(
    number: Number = "-",
    *,
    need: NeedOption,
    council: Council,
    purpose: Annotated[str, typer.Option(help="Why it is kept: no names, no diagnosis.")],
    days: Annotated[int, typer.Option(min=1, max=730, help="From now; then somebody asks again.")] = 365,
) -> None:
    """Register a need for a number. Only a keyed digest of the number is kept; the audit log tells who did it."""
    plain, tenant = read_number(number), _council(council)

    async def write(needs: CallersNeeds, digest: Callable[[str], str]) -> KnownNeed:
        return await needs.add(digest(plain), tenant, need, _order(purpose, days))

    typer.echo(_line(_done(write)))


@needs_app.command("list")
def list_(
    number: Annotated[str | None, typer.Argument(help="Only this caller's; - reads it from standard input.")] = None,
    *,
    council: Annotated[str | None, typer.Option(help="Only this council's.")] = None,
    as_json: Json = False,
) -> None:
    """List what holds now. Numbers are not kept, so callers are told apart by a digest."""
    plain = None if number is None else read_number(number)
    councils = None if council is None else frozenset({_council(council)})

    async def read(needs: CallersNeeds, digest: Callable[[str], str]) -> list[KnownNeed]:
        return await needs.known(None if plain is None else digest(plain), councils)

    found = _done(read)
    if as_json:
        from guildhall.callers_needs import need_told  # noqa: PLC0415 - half a second for every other command

        typer.echo(json.dumps([need_told(one) for one in found], indent=1))
    else:
        typer.echo("\n".join(map(_line, found)) or "nothing is registered")


@needs_app.command()
def remove(
    number: Number = "-",
    *,
    council: Annotated[str | None, typer.Option(help="Only this council's.")] = None,
    need: Annotated[Need | None, typer.Option("--need", help="Only this one; default: all.")] = None,
) -> None:
    """Take a number's needs out."""
    plain = read_number(number)
    councils = None if council is None else frozenset({_council(council)})

    async def write(needs: CallersNeeds, digest: Callable[[str], str]) -> int:
        return await needs.remove(digest(plain), councils, need, _order("taken out", 1))

    typer.echo(f"{_done(write)} taken out")


def _done(deed: Callable[[CallersNeeds, Callable[[str], str]], Awaitable[_T]]) -> _T:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - half a second for every other command

    from adapters.store.engine import migrate, open_engine  # noqa: PLC0415 - as above
    from adapters.store.needs import SqlNeeds  # noqa: PLC0415 - as above
    from guildhall.callers_needs import CallersNeeds  # noqa: PLC0415 - as above
    from guildhall.recordings_keys import recording_keys  # noqa: PLC0415 - as above

    settings = Settings()

    async def do() -> _T:
        await migrate(settings.store_url)
        database = open_engine(settings.store_url)
        try:
            keys = recording_keys(settings)
            return await deed(CallersNeeds(SqlNeeds(database), keys.subject, time.time), keys.subject)
        finally:
            await database.dispose()

    try:
        return asyncio.run(do())
    except (SQLAlchemyError, OSError) as error:
        message = f"the database does not answer ({type(error).__name__}): look at 'guildhall doctor'"
        raise GuildhallError("store_away", message) from None


def _order(purpose: str, days: int) -> Order:
    from guildhall.callers_needs import Order  # noqa: PLC0415 - as above

    user = pwd.getpwuid(os.getuid()).pw_name
    return Order(by=user, role="operator", source=NeedSource.REGISTERED, purpose=purpose, days=days)


def _council(name: str) -> TenantId:
    known = [str(one.id) for one in read_dialplans(Settings().dialplans).tenants]
    if name not in known:
        raise BadInput("unknown_council", f"unknown council '{name[:40]}': {did_you_mean(name, known) or known}")
    return TenantId(name)


def _line(one: KnownNeed) -> str:
    until = datetime.fromtimestamp(one.until, UTC).strftime("%Y-%m-%d")
    return f"{one.council}  caller {one.subject[:12]}  {one.need.value}, until {until}, by {one.by}: {one.purpose}"
