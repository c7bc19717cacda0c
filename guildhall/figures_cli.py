"""``guildhall figures``: service levels, waits and agents' time out of the facts, by dated definitions."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from acd.core.agent_time import AgentTime
from acd.core.episodes import Stays
from acd.core.report import Row, agent_rows, queue_rows
from adapters.files.dialplans import Dialplans, read_dialplans
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError
from kernel.figures import Definition, in_force
from kernel.hours import LONDON
from kernel.ids import TenantId

#: How far before the stretch is read: whoever waits or works at its begin came within a day.
_BEFORE_S = 86_400.0


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(figures)


def figures(
    since: Annotated[
        str | None, typer.Option("--from", help="Unix seconds or 2026-11-22T09:00 (UTC); else a day ago.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="The same; default: now.")] = None,
    council: Annotated[str | None, typer.Option(help="Only this council's calls and agents.")] = None,
    every: Annotated[float | None, typer.Option(min=60, help="Split into intervals of so many seconds.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Print the figures of a stretch of time. A stay counts where it began, to the millisecond."""
    now = time.time()
    from guildhall.facts_export import moment  # noqa: PLC0415 - it brings the database

    end = moment(until) or now
    begin = moment(since)
    begin = end - _BEFORE_S if begin is None else begin
    if begin >= end:
        raise BadInput("bad_time", "--from must lie before --to")
    settings = Settings()
    told = asyncio.run(_reckon(settings, read_dialplans(settings.dialplans), begin, end, council, every))
    typer.echo(json.dumps(told, indent=1) if as_json else in_words(told), nl=as_json)


@dataclass(slots=True)
class Reading:
    """Facts on their way to figures; what lies before the stretch is known, but not counted."""

    begin: float
    stays: Stays = field(default_factory=Stays)
    times: AgentTime = field(default_factory=AgentTime)
    councils: dict[str, str | None] = field(default_factory=dict)
    began: bool = False

    def read(self, fact: Mapping[str, Any]) -> None:
        """Take the next fact in."""
        if not self.began and float(fact["t"]) >= self.begin:
            self.times.begin(self.begin)
            self.began = True
        self.stays.read(fact)
        self.times.read(fact)
        if fact["ev"] == "agent" and "council" in fact:
            self.councils[str(fact["agent"])] = fact["council"]


async def _read(settings: Settings, begin: float, end: float) -> Reading:
    """Everything up to ``end``. Raises ``GuildhallError`` when there is no database to read."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - half a second for every other command

    from adapters.store.engine import open_engine  # noqa: PLC0415 - as above
    from adapters.store.fact_store import FactStore  # noqa: PLC0415 - as above

    reading = Reading(begin)
    engine = open_engine(settings.store_url)
    try:
        async for fact in FactStore(engine).since(begin - _BEFORE_S):
            if float(str(fact["t"])) >= end:
                break
            reading.read(fact)
    except (SQLAlchemyError, OSError) as error:
        raise GuildhallError("no_facts", f"the facts cannot be read ({type(error).__name__})") from None
    finally:
        await engine.dispose()
    return reading


async def _reckon(  # noqa: PLR0913, PLR0917 - one argument an option
    settings: Settings, plans: Dialplans, begin: float, end: float, council: str | None, every: float | None
) -> dict[str, Any]:
    reading = await _read(settings, begin, end)
    if not reading.began:
        reading.times.begin(begin)
    stays = [
        stay for stay in reading.stays.all if stay.entered >= begin and (council is None or stay.council == council)
    ]
    definitions = {tenant.id: tenant.definitions for tenant in plans.tenants}

    def chosen(owner: str | None, entered: float) -> Definition:
        day = datetime.fromtimestamp(entered, LONDON).date()
        return in_force(definitions.get(TenantId(owner or ""), ()), day)

    targets = {str(queue.id): queue.service_level_s for queue in plans.queues}
    times = {
        agent: spent
        for agent, spent in reading.times.times(end).items()
        if council is None or reading.councils.get(agent) == council
    }
    return {
        "from": begin,
        "to": end,
        "queues": queue_rows(stays, chosen, targets, every),
        "agents": agent_rows(times, reading.times.reasons(end)),
    }


def in_words(told: Mapping[str, Any]) -> str:
    """Two tables for people."""
    counts = ("queue", "from", "offered", "answered", "abandoned (short)", "other")
    queues = Table(*counts, "SL ignored / negative / positive", "ASA")
    for row in told["queues"]:
        levels = " / ".join(_percent(row["service_level"][name]) for name in ("ignored", "negative", "positive"))
        begins = (
            "" if row["interval"] is None else datetime.fromtimestamp(row["interval"], LONDON).strftime("%d %b %H:%M")
        )
        queues.add_row(
            str(row["queue"]),
            begins,
            *(str(row[name]) for name in ("offered", "answered")),
            f"{row['abandoned']} ({row['short_abandoned']} < {row['short_abandon_s']:g} s)",
            str(row["other_exits"]),
            f"{levels} in {row['service_level_s']:g} s",
            "-" if row["asa_s"] is None else f"{row['asa_s']:.1f} s",
        )
    agents = Table("agent", "logged in", "talking", "wrap-up", "available", "paused", "occupancy")
    for row in told["agents"]:
        agents.add_row(str(row["agent"]), *_agent(row))
    out = io.StringIO()
    console = Console(file=out, width=140)
    console.print(queues)
    console.print(agents)
    return out.getvalue()


def _agent(row: Row) -> list[str]:
    words: Any = row["words_s"]
    paused: Any = row["paused_s"]
    spent = [f"{words.get(word, 0.0):.0f} s" for word in ("talking", "wrapup", "available")]
    pauses = ", ".join(f"{why} {seconds:.0f} s" for why, seconds in paused.items()) or "-"
    share: Any = row["occupancy"]
    return [f"{row['logged_in_s']:.0f} s", *spent, pauses, _percent(share)]


def _time(t: float) -> str:
    return datetime.fromtimestamp(t, LONDON).strftime("%d %b %H:%M")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"
