"""When a desk is open: weekly hours, bank holidays, dated overrides, and the two nights a year the clock changes.

Theory of operation. A range is written in wall-clock time and belongs to the day it begins on: `22:00-06:00` of a
Friday reaches into Saturday whatever Saturday is. Ranges become moments in UTC, so that the night of a clock change
needs no special case: in spring a time that does not exist is the moment the clock jumps; in autumn a range begins at
the first and ends at the last of two equal times, for a caller at the door is let in rather than sent away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from kernel.errors import BadInput

LONDON = ZoneInfo("Europe/London")
DAY_MINUTES = 24 * 60
#: How far ahead the next change is looked for: longer than any run of holidays.
_HORIZON_DAYS = 15
_MINUTE = timedelta(minutes=1)

WEEKLY, HOLIDAY, OVERRIDE = "weekly", "holiday", "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One range of a day in minutes from midnight; ``closes`` at or before ``opens`` is on the next day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """From ``begins`` until before ``ends`` (aware) the desk is open, or not, whatever the week says."""

    begins: datetime
    ends: datetime
    open: bool
    #: What people read, for instance "staff training".
    why: str
    #: Language -> what callers hear before they go the way of a closed desk.
    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of one desk."""

    name: str
    #: 0 is Monday; a day that is absent is closed.
    weekly: Mapping[int, tuple[Span, ...]]
    #: Bank holidays and what they are called; worked out outside, so that this stays pure.
    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    #: What holds on a bank holiday; None is the week as usual, empty is closed.
    on_holiday: tuple[Span, ...] | None = ()
    #: The last one that covers a moment wins.
    overrides: tuple[Override, ...] = ()
    zone: ZoneInfo = LONDON


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The answer for one moment."""

    open: bool
    #: When that changes next (aware, UTC); None when it does not within a fortnight.
    until: datetime | None
    #: ``weekly``, ``holiday`` or ``override``.
    why: str
    #: The holiday's name, the override's reason, or the name of the hours.
    name: str
    #: What an override has callers hear, by language.
    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def open_at(hours: Hours, when: datetime, *, notices: tuple[Override, ...] = ()) -> Opening:
    """Whether the desk is open at ``when``, why, and until when.

    ``notices``: short-notice overrides from outside; they win over those of the file. Raises ``BadInput`` when ``when``
    has no zone.
    """
    if when.tzinfo is None:
        raise BadInput("naive_time", "a moment needs its zone")
    overrides = (*hours.overrides, *notices)
    is_open, why, name = _state(hours, overrides, when)
    said = one.said if (one := override_at(overrides, when)) is not None else MappingProxyType[str, str]({})
    for moment in _changes(hours, overrides, when):
        if _state(hours, overrides, moment)[0] != is_open:
            return Opening(open=is_open, until=moment, why=why, name=name, said=said)
    return Opening(open=is_open, until=None, why=why, name=name, said=said)


def override_at(overrides: tuple[Override, ...], when: datetime) -> Override | None:
    """The override that covers a moment: the last of those that do."""
    return next((one for one in reversed(overrides) if one.begins <= when < one.ends), None)


def instant(day: date, minute: int, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The moment (UTC) a wall clock shows ``minute`` of ``day``; minutes from 1440 on are of the next day.

    A time that comes twice is the first of the two, or the ``last``. A time that is jumped over is the jump.
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock has no zone
    found = wall.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # PEP 495: in a gap fold=1 reads the clock as after the jump, an earlier moment: the jump lies at or after it.
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += _MINUTE
    return moment


def _state(hours: Hours, overrides: tuple[Override, ...], when: datetime) -> tuple[bool, str, str]:
    if (one := override_at(overrides, when)) is not None:
        return one.open, OVERRIDE, one.why
    today = when.astimezone(hours.zone).date()
    for day in (today, today - timedelta(days=1)):
        if any(begins <= when < ends for begins, ends in _moments(hours, day)):
            return True, *_reason(hours, day)
    return False, *_reason(hours, today)


def _reason(hours: Hours, day: date) -> tuple[str, str]:
    if hours.on_holiday is not None and day in hours.holidays:
        return HOLIDAY, hours.holidays[day]
    return WEEKLY, hours.name


def _spans(hours: Hours, day: date) -> tuple[Span, ...]:
    if hours.on_holiday is not None and day in hours.holidays:
        return hours.on_holiday
    return hours.weekly.get(day.weekday(), ())


def _moments(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    for span in _spans(hours, day):
        closes = span.closes if span.closes > span.opens else span.closes + DAY_MINUTES
        yield instant(day, span.opens, hours.zone), instant(day, closes, hours.zone, last=True)


def _changes(hours: Hours, overrides: tuple[Override, ...], when: datetime) -> list[datetime]:
    """Every moment after ``when`` at which the answer may change, in order, as far as the horizon."""
    today = when.astimezone(hours.zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, _HORIZON_DAYS + 1))
    edges = {edge for day in days for pair in _moments(hours, day) for edge in pair}
    edges |= {edge.astimezone(UTC) for one in overrides for edge in (one.begins, one.ends)}
    return sorted(edge for edge in edges if when < edge <= when + timedelta(days=_HORIZON_DAYS))
