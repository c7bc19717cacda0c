"""``guildhall simulate``: a day file through the distributor's own core in virtual time."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from acd.simulate.day import Day, read_day
from acd.simulate.plot import plot
from acd.simulate.run import SHORT_S, Result
from acd.simulate.run import simulate as run_day
from acd.simulate.what_if import what_if
from kernel.errors import BadInput, GuildhallError

#: The bar moves every so many calls.
_EVERY = 200
#: What a picture needs and a table does not.
_LONG = frozenset({"stays", "occupancy_by_half_hour"})


def simulate(  # noqa: PLR0913, PLR0917 - typer makes each parameter an option of the command
    day: Annotated[Path, typer.Argument(help="The day file: one JSON object with calls and agents; - is stdin.")],
    facts: Annotated[Path | None, typer.Option(help="Write the facts here, as JSON lines.")] = None,
    what: Annotated[
        str | None, typer.Option("--what-if", help="Play the day again with this change and compare: agents=+3.")
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
    plan = read_day(_text(day))
    changed = what_if(plan, what) if what is not None else None
    with _writer(facts) as write:
        first = _play(plan, write, service_level, seed)
    columns = [("the day", first)]
    if changed is not None and what is not None:
        columns.append((what, _play(changed, lambda _line: None, service_level, seed)))
    if picture is not None:
        _save(picture, plot([(name, result) for name, result in columns], service_level))
    if as_json:
        typer.echo(json.dumps({name: _plain(result) for name, result in columns}, indent=1))
    else:
        typer.echo(_table(columns, service_level), nl=False)


def _text(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput("no_day", f"the day file {path} cannot be read: {error.strerror}") from None


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GuildhallError("not_written", f"{path} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _writer(path: Path | None) -> Iterator[Callable[[Mapping[str, object]], None]]:
    """A function that writes one line of facts; without a path it forgets them."""
    if path is None:
        yield lambda _line: None
        return
    try:
        out: TextIO = path.open("w", encoding="utf-8")
    except OSError as error:
        raise GuildhallError("not_written", f"{path} cannot be written: {error.strerror}") from None
    with out:
        # One encoder for all lines: json.dumps with options makes a new one for each.
        encode = json.JSONEncoder(default=dict).encode
        yield lambda line: _ignore(out.write(encode(line) + "\n"))


def _ignore(_written: int) -> None:
    """``write`` says how much it wrote; nobody asks."""


def _play(day: Day, write: Callable[[Mapping[str, object]], None], service_level_s: float, seed: int) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{len(day.agents)} agents, calls", total=len(day.calls))

        def arrived(count: int) -> None:
            if count % _EVERY == 0 or count == len(day.calls):
                progress.update(task, completed=count)

        return run_day(day, write=write, service_level_s=service_level_s, seed=seed, arrived=arrived)


def _plain(result: Result) -> dict[str, object]:
    names = [field.name for field in dataclasses.fields(Result) if field.name not in _LONG]
    return {name: getattr(result, name) for name in names}


def _rows(result: Result, t_s: float) -> list[tuple[str, str]]:
    counts = [
        ("offered", str(result.offered)),
        ("answered", str(result.answered)),
        (f"abandoned (of these below {SHORT_S:g} s)", f"{result.abandoned} ({result.short_abandoned})"),
        ("other exits", str(result.other_exits)),
        ("abandonment", _percent(result.abandonment)),
        ("average speed of answer", _seconds(result.asa_s)),
        ("longest wait", _seconds(result.longest_wait_s)),
    ]
    levels = [
        (f"service level in {t_s:g} s, abandons {name}", _percent(share))
        for name, share in result.service_level.items()
    ]
    return [*counts, *levels, ("occupancy", _percent(result.occupancy))]


def _table(columns: list[tuple[str, Result]], t_s: float) -> str:
    table = Table("figure", *(name for name, _ in columns))
    for column in table.columns[1:]:
        column.justify = "right"
    told = [_rows(result, t_s) for _, result in columns]
    for row in zip(*told, strict=True):
        table.add_row(row[0][0], *(value for _, value in row))
    out = io.StringIO()
    Console(file=out, width=100).print(table)
    return out.getvalue()


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"
