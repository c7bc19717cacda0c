"""The moments at which two versions may answer differently: a few of each kind of day, named as people name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel.hours import DAY_MINUTES, LONDON, Hours, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One stretch of one kind of day; ``at`` is its first minute."""

    day: str
    begins: int
    ends: int
    at: datetime


def moments(hours: Sequence[Hours], today: date) -> tuple[Moment, ...]:
    """Every stretch in which nothing of these hours changes: of a week, of a bank holiday, of each dated override.

    ``today``: dates that are over are left out.
    """
    edges = sorted({0, *(edge % DAY_MINUTES for one in hours for edge in _edges(one))})
    found = [
        one for label, day in (*_week(hours, today), *_holiday(hours, today)) for one in _stretches(label, day, edges)
    ]
    for override in {one for each in hours for one in each.overrides if one.ends.date() >= today}:
        local = override.begins.astimezone(LONDON)
        label = f"{local:%Y-%m-%d %H:%M} to {override.ends.astimezone(LONDON):%Y-%m-%d %H:%M}"
        found.append(Moment(day=label, begins=0, ends=DAY_MINUTES, at=local))
    return tuple(found)


def told(some: Sequence[Moment], all_of_them: Sequence[Moment]) -> str:
    """Name stretches in words: ``mon-fri 17:00-24:00, sat``; ``at any time`` for all there are."""
    if len(some) == len(all_of_them):
        return "at any time"
    days: dict[str, list[Moment]] = {}
    for one in some:
        days.setdefault(one.day, []).append(one)
    whole = {day: sum(one.ends - one.begins for one in these) == DAY_MINUTES for day, these in days.items()}
    return ", ".join(day if whole[day] else f"{day} {_ranges(these)}" for day, these in days.items())


def _ranges(these: list[Moment]) -> str:
    joined: list[tuple[int, int]] = []
    for one in these:
        if joined and joined[-1][1] == one.begins:
            joined[-1] = (joined[-1][0], one.ends)
        else:
            joined.append((one.begins, one.ends))
    return " and ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in joined)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _edges(hours: Hours) -> Iterator[int]:
    for spans in (*hours.weekly.values(), hours.on_holiday or ()):
        for span in spans:
            yield from (span.opens, span.closes)


def _week(hours: Sequence[Hours], today: date) -> Iterator[tuple[str, date]]:
    """Kinds of weekday: days that all hours treat alike are one."""
    day_of = {day: _plain_day(hours, today, day) for day in range(7)}
    kinds: dict[object, list[int]] = {}
    for day in range(7):
        # What reaches over midnight from the day before counts as well.
        kind = tuple((one.weekly.get(day, ()), _over_midnight(one, (day - 1) % 7)) for one in hours)
        kinds.setdefault(kind, []).append(day)
    for days in kinds.values():
        yield _days(days), day_of[days[-1]]


def _over_midnight(hours: Hours, day: int) -> tuple[Span, ...]:
    return tuple(span for span in hours.weekly.get(day, ()) if span.closes <= span.opens)


def _days(days: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "/".join(WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}" for run in runs)


def _plain_day(hours: Sequence[Hours], today: date, weekday: int) -> date:
    """A day to come that no holiday and no override touches, and whose neighbours none touches either."""
    day = today + timedelta(days=7 + (weekday - today.weekday()) % 7)
    while any(_special(one, day + timedelta(days=near)) for one in hours for near in (-1, 0)):
        day += timedelta(days=7)
    return day


def _special(hours: Hours, day: date) -> bool:
    covered = any(
        one.begins.astimezone(LONDON).date() <= day <= one.ends.astimezone(LONDON).date() for one in hours.overrides
    )
    return covered or (hours.on_holiday is not None and day in hours.holidays)


def _holiday(hours: Sequence[Hours], today: date) -> Iterator[tuple[str, date]]:
    days = {day for one in hours if one.on_holiday is not None for day in one.holidays}
    # Not the day after another: what reaches over midnight would be that one's.
    fit = sorted(day for day in days if day > today and day - timedelta(days=1) not in days and day.weekday() < 5)  # noqa: PLR2004 - a working day
    if fit:
        yield "bank holidays", fit[0]


def _stretches(label: str, day: date, edges: Sequence[int]) -> Iterator[Moment]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    for begins, ends in zip(edges, [*edges[1:], DAY_MINUTES], strict=True):
        yield Moment(day=label, begins=begins, ends=ends, at=midnight.replace(hour=begins // 60, minute=begins % 60))
