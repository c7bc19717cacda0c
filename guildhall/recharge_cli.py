"""``guildhall recharge``: minutes that councils lent each other."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from acd.core.recharge import Account, recharge
from guildhall.settings import Settings


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command("recharge")(recharge_command)


def recharge_command(
    since: Annotated[
        str | None, typer.Option(help="Unix seconds or an ISO time; default: everything that is stored.")
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """Say which council's agents worked for which council's callers: calls, talk and wrap-up, lent and borrowed."""
    from guildhall.facts_export import export_lines, moment  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    lines = asyncio.run(export_lines(Settings(), moment(since)))
    account = recharge(json.loads(line) for line in lines)
    typer.echo(json.dumps(_rows(account), indent=1) if as_json else _table(account))


def _rows(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "agents_of": lender,
            "callers_of": borrower,
            "lent": lender != borrower,
            "calls": lent.calls,
            "talk_s": round(lent.talk_s, 3),
            "wrap_up_s": round(lent.wrap_up_s, 3),
        }
        for (lender, borrower), lent in account.items()
    ]


def _table(account: Account) -> str:
    lines = [f"{'agents of':<20} {'callers of':<20} {'calls':>7} {'talk min':>9} {'wrap-up min':>12}"]
    for (lender, borrower), lent in account.items():
        own = "" if lender != borrower else "  (own)"
        figures = f"{lent.calls:>7} {lent.talk_s / 60:>9.1f} {lent.wrap_up_s / 60:>12.1f}"
        lines.append(f"{lender:<20} {borrower:<20} {figures}{own}")
    return "\n".join(lines)
