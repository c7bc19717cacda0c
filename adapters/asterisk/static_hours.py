"""Opening hours as dialplan: the week by the wall clock, and every day that differs from it by its own moments.

The PBX knows seconds since 1970 and no time zone: its chroot need not have one. The clock changes of some years are
written down; holidays, overrides and the nights of a clock change are worked out by ``kernel/hours.py``, day by day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from kernel.errors import BadInput
from kernel.hours import DAY_MINUTES, HOLIDAY, LONDON, Hours, instant, open_at, override_at

#: The generated configuration is made anew at each start; who runs longer has the plain week after that.
DAYS_AHEAD = 400
_YEARS_AHEAD = 6
_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)

#: Sets the wall clock: seconds, day since 1970, weekday (0 is Monday), minute of the day.
CLOCK = "static-clock"


def clock_lines(now: datetime, zone: ZoneInfo = LONDON) -> list[str]:
    """The subroutine that reads the wall clock. Raises ``BadInput`` for a zone that is not UTC and an hour more."""
    summers = _summers(now.year - 1, now.year + _YEARS_AHEAD, zone)
    test = " | ".join(f"(${{GH_NOW}} >= {begins} & ${{GH_NOW}} < {ends})" for begins, ends in summers) or "0"
    return [
        f"[{CLOCK}]",
        "exten => s,1,Set(GH_NOW=${EPOCH})",
        " same => n,Set(GH_LOCAL=${GH_NOW})",
        f" same => n,ExecIf($[{test}]?Set(GH_LOCAL=$[${{GH_NOW}} + 3600]))",
        " same => n,Set(GH_DAY=$[(${GH_LOCAL} - ${GH_LOCAL} % 86400) / 86400])",
        # 1 January 1970 was a Thursday.
        " same => n,Set(GH_WEEKDAY=$[(${GH_DAY} + 3) % 7])",
        " same => n,Set(GH_MINUTE=$[(${GH_LOCAL} % 86400 - ${GH_LOCAL} % 60) / 60])",
        " same => n,Return()",
    ]


def hours_lines(context: str, hours: Hours, now: datetime) -> list[str]:
    """One desk: a subroutine that returns ``open``, ``closed`` or ``holiday``.

    GH_SAID is then the number, from 1, of the override whose words come first, or empty.
    """
    lines = [
        f"[{context}]",
        f"exten => s,1,Gosub({CLOCK},s,1)",
        " same => n,Set(GH_SAID=)",
        f' same => n,GotoIf($["${{DIALPLAN_EXISTS({context},d${{GH_DAY}},1)}}" = "1"]?d${{GH_DAY}},1)',
        " same => n,Goto(w${GH_WEEKDAY},1)",
    ]
    for weekday in range(7):
        tests = [f"(${{GH_MINUTE}} >= {begins} & ${{GH_MINUTE}} < {ends})" for begins, ends in _week(hours, weekday)]
        lines += [
            f"exten => w{weekday},1,GotoIf($[{' | '.join(tests) or '0'}]?open)",
            " same => n,Return(closed)",
            " same => n(open),Return(open)",
        ]
    today = now.astimezone(hours.zone).date()
    for day in sorted(_special(hours, today - _DAY, today + DAYS_AHEAD * _DAY)):
        lines += _day_lines(hours, day)
    return lines


def _week(hours: Hours, weekday: int) -> Iterator[tuple[int, int]]:
    """Minutes of an ordinary day in which the desk is open: its own ranges, and the end of the night before."""
    for span in hours.weekly.get(weekday, ()):
        yield span.opens, span.closes if span.closes > span.opens else DAY_MINUTES
    for span in hours.weekly.get((weekday - 1) % 7, ()):
        if span.closes <= span.opens:
            yield 0, span.closes


def _special(hours: Hours, first: date, last: date) -> set[date]:
    """Days that may differ from the week; a night reaches into the day after."""
    days: set[date] = set()
    if hours.on_holiday is not None:
        days |= set(hours.holidays)
    for one in hours.overrides:
        begins, ends = (moment.astimezone(hours.zone).date() for moment in (one.begins, one.ends))
        begins, ends = max(begins, first), min(ends, last)
        days |= {begins + ahead * _DAY for ahead in range((ends - begins).days + 1)}
    day = first
    while day <= last:
        if (instant(day + _DAY, 0, hours.zone) - instant(day, 0, hours.zone)) != _DAY:
            days.add(day)
        day += _DAY
    return {day for one in days for day in (one, one + _DAY) if first <= day <= last}


def _day_lines(hours: Hours, day: date) -> list[str]:
    begin, end = instant(day, 0, hours.zone), instant(day + _DAY, 0, hours.zone)
    edges = {moment.astimezone(UTC) for one in hours.overrides for moment in (one.begins, one.ends)}
    at, told, found = begin, "", []
    while at < end:
        opening = open_at(hours, at)
        word = "open" if opening.open else "holiday" if opening.why == HOLIDAY else "closed"
        # Before the slash the word, behind it whose words come first.
        word += f"/{_said_by(hours, at)}"
        if word != told:
            found.append((math.ceil(at.timestamp()), word))
            told = word
        at = min([edge for edge in {*edges, opening.until or end} if edge > at] + [end])
    number, (_, first), *later = (day - _EPOCH).days, *found
    lines = [f"exten => d{number},1,Set(GH_OPEN={first})"]
    lines += [f" same => n,ExecIf($[${{GH_NOW}} >= {moment}]?Set(GH_OPEN={word}))" for moment, word in later]
    if any(not word.endswith("/") for _, word in found):
        lines.append(" same => n,Set(GH_SAID=${CUT(GH_OPEN,/,2)})")
    return [*lines, " same => n,Return(${CUT(GH_OPEN,/,1)})"]


def _said_by(hours: Hours, at: datetime) -> str:
    one = override_at(hours.overrides, at)
    return str(hours.overrides.index(one) + 1) if one is not None and one.said else ""


@cache
def _summers(first: int, last: int, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """The half years in which the clock is an hour ahead of UTC, in Unix seconds."""
    moment, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    began: int | None = None
    found: list[tuple[int, int]] = []
    while moment < end:
        later = moment + _DAY
        if _ahead(moment, zone) != _ahead(later, zone):
            # Clocks change on the hour.
            later = next(
                hour
                for hour in (moment + timedelta(hours=n) for n in range(1, 25))
                if _ahead(hour, zone) != _ahead(moment, zone)
            )
            if began is None:
                began = int(later.timestamp())
            else:
                found.append((began, int(later.timestamp())))
                began = None
        moment = later
    return tuple(found)


def _ahead(moment: datetime, zone: ZoneInfo) -> bool:
    ahead = moment.astimezone(zone).utcoffset()
    if ahead not in {timedelta(0), timedelta(hours=1)}:
        raise BadInput("bad_zone", "the static fallback knows zones of UTC and of one hour more in summer")
    return bool(ahead)
