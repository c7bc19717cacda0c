"""When a desk is open: the week, the holidays, the overrides, and every minute of the nights the clock changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import BadInput
from kernel.hours import LONDON, Hours, Opening, Override, Span, instant, open_at

pytestmark = pytest.mark.unit

MINUTE = timedelta(minutes=1)
CHRISTMAS = date(2026, 12, 25)
#: The last Sundays of March and October (The Summer Time Order 2002), at 01:00 UTC.
SPRING = [date(2026, 3, 29), date(2027, 3, 28), date(2028, 3, 26)]
AUTUMN = [date(2026, 10, 25), date(2027, 10, 31), date(2028, 10, 29)]


def span(text: str) -> Span:
    (h1, m1), (h2, m2) = (part.split(":") for part in text.split("-"))
    return Span(opens=int(h1) * 60 + int(m1), closes=int(h2) * 60 + int(m2))


def desk(week: Mapping[str, str], *, on_holiday: str | None = "", overrides: tuple[Override, ...] = ()) -> Hours:
    days = {day: at for at, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
    return Hours(
        name="desk",
        weekly={days[day]: tuple(map(span, ranges.split())) for day, ranges in week.items()},
        holidays={CHRISTMAS: "Christmas Day"},
        on_holiday=None if on_holiday is None else tuple(map(span, on_holiday.split())),
        overrides=overrides,
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = desk(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:30 13:30-17:00"))
NIGHT = desk(dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "22:00-06:00"))


# Several ranges a day; the end of a range is no longer open.
@pytest.mark.parametrize(
    ("when", "is_open", "until"),
    [
        ("2026-11-23T08:59:59", False, "2026-11-23T09:00"),
        ("2026-11-23T09:00", True, "2026-11-23T12:30"),
        ("2026-11-23T12:29:59", True, "2026-11-23T12:30"),
        ("2026-11-23T12:30", False, "2026-11-23T13:30"),
        ("2026-11-23T17:00", False, "2026-11-24T09:00"),
        ("2026-11-27T17:00", False, "2026-11-30T09:00"),
        ("2026-07-03T18:00", False, "2026-07-06T08:00"),
    ],
)
def test_given_office_hours_when_asked_then_open_or_not_and_until_when(when: str, is_open: bool, until: str) -> None:  # noqa: FBT001 - a table
    assert open_at(OFFICE, at(when)) == Opening(open=is_open, until=utc(until), why="weekly", name="desk")


@pytest.mark.parametrize(
    ("when", "is_open"),
    [("2026-11-27T23:00", True), ("2026-11-28T05:59", True), ("2026-11-28T06:00", False), ("2026-11-28T22:00", True)],
)
def test_given_a_range_over_midnight_when_asked_then_it_reaches_into_the_next_day(when: str, is_open: bool) -> None:  # noqa: FBT001 - a table
    assert open_at(NIGHT, at(when)).open is is_open


# A range belongs to the day it begins on.
def test_given_a_range_over_midnight_when_the_next_day_is_a_holiday_then_it_still_ends_in_its_morning() -> None:
    assert open_at(NIGHT, at("2026-12-25T05:00")) == Opening(
        open=True, until=utc("2026-12-25T06:00"), why="weekly", name="desk"
    )
    closed = open_at(NIGHT, at("2026-12-25T23:00"))
    assert (closed.open, closed.why, closed.name) == (False, "holiday", "Christmas Day")


def test_given_a_holiday_when_it_has_hours_of_its_own_then_they_hold() -> None:
    hours = desk({"fri": "09:00-17:00"}, on_holiday="10:00-12:00")
    assert open_at(hours, at("2026-12-25T11:00")) == Opening(
        open=True, until=utc("2026-12-25T12:00"), why="holiday", name="Christmas Day"
    )
    assert not open_at(hours, at("2026-12-25T13:00")).open


def test_given_a_desk_that_keeps_no_holidays_when_it_is_one_then_the_week_holds() -> None:
    assert open_at(desk({"fri": "09:00-17:00"}, on_holiday=None), at("2026-12-25T11:00")).why == "weekly"


def test_given_a_desk_round_the_clock_when_asked_then_nothing_changes() -> None:
    always = desk(dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-24:00"), on_holiday=None)
    for day in (*SPRING, *AUTUMN):
        for hour in range(72):
            when = instant(day, 0, LONDON) + timedelta(hours=hour)
            assert open_at(always, when) == Opening(open=True, until=None, why="weekly", name="desk")


# "extend Northmere until 10:30 today", "close at once": dated, with an end of their own.
def test_given_an_override_when_it_covers_the_moment_then_it_wins_and_expires() -> None:
    late = Override(begins=at("2026-11-23T17:00"), ends=at("2026-11-23T18:30"), open=True, why="flood")
    hours = desk({"mon": "09:00-17:00"}, overrides=(late,))
    assert open_at(hours, at("2026-11-23T16:00")).until == utc("2026-11-23T18:30")
    assert open_at(hours, at("2026-11-23T18:00")) == Opening(
        open=True, until=utc("2026-11-23T18:30"), why="override", name="flood"
    )
    assert not open_at(hours, at("2026-11-23T18:30")).open


def test_given_a_short_notice_when_it_contradicts_the_file_then_the_notice_wins() -> None:
    training = Override(begins=at("2026-11-23T09:00"), ends=at("2026-11-23T12:00"), open=False, why="training")
    reopened = Override(begins=at("2026-11-23T10:00"), ends=at("2026-11-23T11:00"), open=True, why="back")
    hours = desk({"mon": "09:00-17:00"}, overrides=(training,))
    assert open_at(hours, at("2026-11-23T10:30"), notices=(reopened,)).name == "back"
    assert open_at(hours, at("2026-11-23T11:00"), notices=(reopened,)).name == "training"


def test_given_a_moment_without_zone_when_asked_then_it_is_refused() -> None:
    with pytest.raises(BadInput):
        open_at(OFFICE, datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def minutes_of(night: date) -> list[datetime]:
    start = datetime(night.year, night.month, night.day, tzinfo=UTC) - timedelta(hours=8)
    return [start + minute * MINUTE for minute in range(24 * 60)]


def flips(hours: Hours, moments: list[datetime]) -> list[datetime]:
    states = [open_at(hours, moment).open for moment in moments]
    return [moment for moment, before, now in zip(moments[1:], states, states[1:], strict=False) if before != now]


# C42, clock changes: every range whose edges lie around the jump, at every minute of the three spring nights. A time
# that does not exist is the moment of the jump.
@pytest.mark.parametrize("night", SPRING)
@pytest.mark.parametrize(
    ("ranges", "opens", "closes"),
    [
        ("22:00-06:00", None, "05:00"),
        ("00:30-01:30", "00:30", "01:00"),
        ("01:15-03:00", "01:00", "02:00"),
        ("01:00-02:00", None, None),
        ("02:00-02:30", "01:00", "01:30"),
    ],
)
def test_c42_given_the_clock_jumps_when_each_minute_is_asked_then_a_range_opens_and_closes_once(
    night: date, ranges: str, opens: str | None, closes: str | None
) -> None:
    hours = desk({"sat" if ranges.startswith("22") else "sun": ranges})
    found = [moment for moment in flips(hours, minutes_of(night)) if moment.date() == night]
    assert [moment.strftime("%H:%M") for moment in found] == [edge for edge in (opens, closes) if edge is not None]


# In autumn 01:00-02:00 comes twice: a range begins at the first and ends at the last.
@pytest.mark.parametrize("night", AUTUMN)
@pytest.mark.parametrize(
    ("ranges", "opens", "closes"),
    [
        ("22:00-06:00", None, "06:00"),
        ("00:30-01:30", "23:30", "01:30"),
        ("01:15-03:00", "00:15", "03:00"),
        ("01:00-02:00", "00:00", "02:00"),
        ("02:00-02:30", "02:00", "02:30"),
    ],
)
def test_given_an_hour_twice_when_each_minute_is_asked_then_a_range_opens_and_closes_once(
    night: date, ranges: str, opens: str | None, closes: str | None
) -> None:
    hours = desk({"sat" if ranges.startswith("22") else "sun": ranges})
    found = [one for one in flips(hours, minutes_of(night)) if ranges[:2] != "22" or one.date() == night]
    assert [moment.strftime("%H:%M") for moment in found] == [edge for edge in (opens, closes) if edge is not None]


# `until` is kept: just before it nothing has changed, and at it everything has.
@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from([OFFICE, NIGHT]),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2029, 1, 1)),  # noqa: DTZ001 - zoned below
)
def test_given_any_moment_when_asked_until_when_then_that_is_the_next_change(hours: Hours, naive: datetime) -> None:
    when = naive.replace(tzinfo=UTC)
    opening = open_at(hours, when)
    assert opening.until is not None
    assert open_at(hours, opening.until).open is not opening.open
    between = [when + (opening.until - when) * part for part in (0.01, 0.3, 0.7, 0.99)]
    assert all(open_at(hours, moment).open is opening.open for moment in between)
