"""The figures of simulated days as tables for a terminal: the whole day first, then queue by queue."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from acd.core import service_level as figures
from acd.core.episodes import Outcome
from acd.simulate.run import SHORT_S, QueueResult, Result

#: What the day is called, and what came of it.
Column = tuple[str, Result]

_WIDTH = 118
_OTHER = {
    Outcome.MOVED: "moved to another queue",
    Outcome.CALLBACK: "took a callback",
    Outcome.OVERFLOW: "led outside",
    Outcome.VOICEMAIL: "left a message",
    Outcome.INFORMED: "told that nobody is there",
    Outcome.TIMEOUT: "waited too long, or nobody ever came",
    Outcome.REJECTED: "found the queue full",
    Outcome.FAILED: "failed",
    Outcome.OPEN: "still waiting",
}


def table(columns: Sequence[Column], t_s: float) -> str:
    """Both tables; ``t_s``: the T of the day's service level, seconds."""
    whole = Table("figure", *(name for name, _ in columns))
    for column in whole.columns[1:]:
        column.justify = "right"
    there = {outcome for _, result in columns for outcome in result.outcomes}
    told = [_rows(result, t_s, there) for _, result in columns]
    for row in zip(*told, strict=True):
        whole.add_row(row[0][0], *(value for _, value in row))
    if any(result.waits_right or result.waits_wrong for _, result in columns):
        whole.add_row("expected waits that were told and came true", *(_came_true(result) for _, result in columns))
    out = io.StringIO()
    console = Console(file=out, width=_WIDTH)
    console.print(whole)
    if len({one.queue for _, result in columns for one in result.queues}) > 1:
        console.print(_by_queue(columns))
    return out.getvalue()


def _rows(result: Result, t_s: float, there: set[str]) -> list[tuple[str, str]]:
    other = [
        (f"  {what}", str(result.outcomes.get(outcome, 0))) for outcome, what in _OTHER.items() if outcome in there
    ]
    return [
        ("calls", str(result.calls)),
        ("offered (a call that moves on is offered again)", str(result.offered)),
        ("answered", str(result.answered)),
        (f"abandoned (of these below {SHORT_S:g} s)", f"{result.abandoned} ({result.short_abandoned})"),
        ("abandonment", _percent(result.abandonment)),
        ("other ways out", str(result.other_exits)),
        *other,
        ("average speed of answer", _seconds(result.asa_s)),
        ("longest wait", _seconds(result.longest_wait_s)),
        (f"service level in {t_s:g} s", ""),
        *((f"  {what}", _percent(result.service_level[name])) for name, what, _ in figures.SIDE_BY_SIDE),
        ("occupancy", _percent(result.occupancy)),
    ]


def _came_true(result: Result) -> str:
    told = result.waits_right + result.waits_wrong
    return f"{_percent(result.waits_right / told if told else None)} of {told}"


def _by_queue(columns: Sequence[Column]) -> Table:
    """A line a queue and day; the service level counts every abandon as a failure, within the queue's own target."""
    found = Table()
    # Names of one council begin alike: told whole, over several lines where one is too long, never cut short.
    found.add_column("queue", overflow="fold")
    if len(columns) > 1:
        # A what-if can be long: told whole, over several lines.
        found.add_column("", overflow="fold")
    for heading in ("target", "offered", "answered", "abandoned", "other", "ASA", "longest", "service\nlevel"):
        found.add_column(heading, justify="right")
    for queue in sorted({one.queue for _, result in columns for one in result.queues}):
        for number, (name, result) in enumerate(columns):
            one = next((one for one in result.queues if one.queue == queue), None)
            which = (name,) if len(columns) > 1 else ()
            found.add_row("" if number else queue, *which, *(("-",) * 8 if one is None else _cells(one)))
        found.add_section()
    return found


def _cells(one: QueueResult) -> tuple[str, ...]:
    return (
        f"{one.target_s:g} s",
        str(one.offered),
        str(one.answered),
        str(one.abandoned),
        str(one.other_exits),
        _seconds(one.asa_s),
        _seconds(one.longest_wait_s),
        _percent(one.service_level),
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"
