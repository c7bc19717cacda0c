"""The shape of `hours:` in a council's `tenant.yaml`, and what it means: wall-clock text becomes moments."""

from __future__ import annotations

import itertools
import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from adapters.files.bank_holidays import bank_holidays
from kernel.hours import DAY_MINUTES, LONDON, Hours, Override, Span
from kernel.schema import Id, Number, Schema, YesNo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_DAYS = re.compile(r"[a-z]{3}(-[a-z]{3})?(,[a-z]{3}(-[a-z]{3})?)*")


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not (found := _RANGE.fullmatch(value)):
        raise ValueError("a range is written 09:00-17:00, from 00:00 to 24:00")
    opens, closes = (int(found[at]) * 60 + int(found[at + 1]) for at in (1, 3))
    if opens >= DAY_MINUTES or closes > DAY_MINUTES:
        raise ValueError("a day has the times 00:00 to 24:00")
    if opens == closes:
        raise ValueError("a range that is empty; round the clock is 00:00-24:00")
    return Span(opens=opens, closes=closes)


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        if _MOMENT.fullmatch(value):
            return datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)
    except ValueError:
        pass
    raise ValueError("a moment is written 2026-12-24 12:00, in the council's time")


def _days(value: object) -> object:
    """`mon`, `mon-fri` or `sat,sun` -> the days by number."""
    if not isinstance(value, str):
        return value
    wrong = ValueError("days are written mon, mon-fri or sat,sun; their names: mon tue wed thu fri sat sun")
    if not _DAYS.fullmatch(value):
        raise wrong
    days: list[int] = []
    for part in value.split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise wrong
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        if end < begin:
            raise wrong
        days.extend(range(begin, end + 1))
    if len(set(days)) < len(days):
        raise ValueError("a day stands twice")
    return tuple(days)


Range = Annotated[Span, BeforeValidator(_span), WithJsonSchema({"type": "string"})]
#: Without overlap; touching ranges are one.
Ranges = tuple[Range, ...]
#: Wall-clock time of the council.
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string"})]
Days = Annotated[tuple[int, ...], BeforeValidator(_days), WithJsonSchema({"type": "string"})]
Why = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class OverrideShape(Schema):
    """One dated exception; it expires by itself."""

    begins: Moment
    ends: Moment
    open: YesNo
    why: Why

    @model_validator(mode="after")
    def _in_order(self) -> OverrideShape:
        if self.ends <= self.begins:
            raise ValueError("it ends before it begins")
        return self


class HoursShape(Schema):
    """The hours of a desk, and for which queues and numbers they hold."""

    weekly: Annotated[dict[Days, Ranges], Field(min_length=1)]
    #: Whose bank holidays; none are kept when it is absent.
    holidays: Literal["england", "wales", "scotland", "northern_ireland"] | None = None
    #: The ranges of a bank holiday; closed when it is absent.
    on_holiday: Ranges = ()
    overrides: tuple[OverrideShape, ...] = ()
    queues: tuple[Id, ...] = ()
    numbers: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _each_day_once(self) -> HoursShape:
        days = [day for group in self.weekly for day in group]
        if twice := {WEEKDAYS[day] for day in days if days.count(day) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} stands twice")
        for ranges in (*self.weekly.values(), self.on_holiday):
            if _overlap(ranges):
                raise ValueError("ranges of one day overlap")
        # Of others that overlap the later one in the file wins: open for a day in a week that is closed.
        times = [(one.begins, one.ends) for one in self.overrides]
        if again := next((one for one in times if times.count(one) > 1), None):
            raise ValueError(f"the override from {again[0]:%Y-%m-%d %H:%M} stands twice")
        return self


def _overlap(ranges: Ranges) -> bool:
    ends = [(one.opens, one.closes if one.closes > one.opens else one.closes + DAY_MINUTES) for one in ranges]
    ordered = sorted(ends)
    return any(before[1] > after[0] for before, after in itertools.pairwise(ordered))


def hours_meant(name: str, shape: HoursShape) -> Hours:
    """The hours as the house speaks of them."""
    return Hours(
        name=name,
        weekly={day: ranges for days, ranges in shape.weekly.items() for day in days},
        holidays=bank_holidays(shape.holidays) if shape.holidays is not None else {},
        on_holiday=shape.on_holiday if shape.holidays is not None else None,
        overrides=tuple(
            Override(begins=one.begins, ends=one.ends, open=one.open, why=one.why) for one in shape.overrides
        ),
    )
