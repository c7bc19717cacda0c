"""``guildhall simulate``: a day file through the distributor's own core in virtual time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from acd.simulate.plot import plot
from acd.simulate.run import Result
from acd.simulate.run import simulate as run_day
from guildhall.simulate_day import Plan, read_day_book
from guildhall.simulate_table import table
from kernel.errors import BadInput, GuildhallError

#: The bar moves every so many calls.
_EVERY = 200
#: What a picture needs and a table does not.
_LONG = frozenset({"stays", "occupancy_by_half_hour"})


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(simulate)


def simulate(  # noqa: PLR0913, PLR0917 - typer makes each parameter an option of the command
    day: Annotated[Path, typer.Argument(help="The day file: one JSON object with calls and agents; - is stdin.")],
    facts: Annotated[Path | None, typer.Option(help="Write the facts here, as JSON lines.")] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            help="Play the day again with this change and compare: agents=+3, agents@n.waste=+2, n.waste.weight=2 or "
            "n.waste.limits.timeout.after=5m; 'and' joins several. May be given more than once.",
        ),
    ] = None,
    councils: Annotated[
        Path | None,
        typer.Option("--dialplans", help="The councils' folder: its queues, shares and people hold beneath the day's."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--plot", help="Draw waits, occupancy and service level by half hour (SVG).")
    ] = None,
    service_level: Annotated[float, typer.Option(min=0.0, help="The service level's T, seconds.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Decides which offers ring out.")] = 0,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Play a day through the distributor in virtual time: facts, a table of figures, a picture."""
    book = read_day_book(
        _text(day), "stdin" if str(day) == "-" else str(day), service_level_s=service_level, councils=councils
    )
    # All of them before the first is played: a mistake costs no waiting.
    plans = [("the day", book.plan()), *((change, book.changed(change)) for change in what or ())]
    columns: list[tuple[str, Result]] = []
    with _writer(facts) as write:
        for name, plan in plans:
            columns.append((name, _play(plan, write if not columns else _forget, service_level, seed)))
    if picture is not None:
        _save(picture, plot([(name, result) for name, result in columns], service_level))
    if as_json:
        typer.echo(json.dumps({name: _plain(result) for name, result in columns}, indent=1))
    else:
        typer.echo(table(columns, service_level), nl=False)


def _text(path: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise BadInput("no_day", f"the day file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput("no_day", f"the day file {path} is not UTF-8") from None


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GuildhallError("not_written", f"{path} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _writer(path: Path | None) -> Iterator[Callable[[Mapping[str, object]], None]]:
    """A function that writes one line of facts; without a path it forgets them."""
    if path is None:
        yield _forget
        return
    try:
        out: TextIO = path.open("w", encoding="utf-8")
    except OSError as error:
        raise GuildhallError("not_written", f"{path} cannot be written: {error.strerror}") from None
    with out:
        # One encoder for all lines: json.dumps with options makes a new one for each.
        encode = json.JSONEncoder(default=dict).encode
        yield lambda line: _ignore(out.write(encode(line) + "\n"))


def _forget(_line: Mapping[str, object]) -> None:
    """Facts that nobody asked for."""


def _ignore(_written: int) -> None:
    """``write`` says how much it wrote; nobody asks."""


def _play(plan: Plan, write: Callable[[Mapping[str, object]], None], service_level_s: float, seed: int) -> Result:
    day = plan.day
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{len(day.agents)} agents, calls", total=len(day.calls))

        def arrived(count: int) -> None:
            if count % _EVERY == 0 or count == len(day.calls):
                progress.update(task, completed=count)

        return run_day(
            day, write=write, queues=plan.queues, service_level_s=service_level_s, seed=seed, arrived=arrived
        )


def _plain(result: Result) -> dict[str, object]:
    names = [field.name for field in dataclasses.fields(Result) if field.name not in _LONG]
    queues = {"queues": [dataclasses.asdict(one) for one in result.queues]}
    return {name: getattr(result, name) for name in names} | queues
