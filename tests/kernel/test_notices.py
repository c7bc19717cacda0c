"""Changes of hours at short notice: exactly what they change, and that they are over by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import BadInput
from kernel.hours import LONDON, Hours, Span, open_at
from kernel.ids import TenantId
from kernel.notices import Change, Notice, changes, overrides_of, until_next_opening

pytestmark = pytest.mark.unit

#: Minutes of a week.
WEEK = st.integers(0, 10080)
NORTHMERE = TenantId("northmere")
#: Monday to Friday, nine to five.
DESK = Hours(name="main", weekly=dict.fromkeys(range(5), (Span(opens=9 * 60, closes=17 * 60),)))
ALWAYS = Hours(name="main", weekly=dict.fromkeys(range(7), (Span(opens=0, closes=24 * 60),)))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def notice(begins: str, ends: str, *, is_open: bool, said: str = "") -> Notice:
    return Notice(
        id="n1", tenant=NORTHMERE, hours="main", begins=at(begins), ends=at(ends), open=is_open, why="snow", by="mari",
        t=0.0, said={"en": said} if said else {},
    )  # fmt: skip


# "extend Northmere until 10:30 today": shows what exactly changes and when it reverts.
def test_given_an_extension_when_the_desk_is_open_then_only_the_hours_after_closing_change() -> None:
    asked = notice("2026-11-24 10:00", "2026-11-24 18:30", is_open=True)
    found, after = changes(DESK, asked, at("2026-11-24 10:00"))
    assert found == (Change(begins=at("2026-11-24 17:00"), ends=at("2026-11-24 18:30"), open=True),)
    assert (after.open, after.until) == (False, at("2026-11-25 09:00"))


# "close at once with this message": until this opening ends, when nothing else is said.
def test_given_a_closing_without_an_end_when_asked_then_it_holds_until_this_opening_ends() -> None:
    now = at("2026-11-24 10:00")
    assert until_next_opening(DESK, now) == at("2026-11-24 17:00")
    found, after = changes(DESK, notice("2026-11-24 10:00", "2026-11-24 17:00", is_open=False), now)
    assert found == (Change(begins=now, ends=at("2026-11-24 17:00"), open=False),)
    assert after.until == at("2026-11-25 09:00")


def test_given_a_closing_over_a_night_when_asked_then_each_opening_it_takes_is_told() -> None:
    found, _ = changes(DESK, notice("2026-11-24 16:00", "2026-11-25 10:00", is_open=False), at("2026-11-24 16:00"))
    assert [(one.begins, one.ends) for one in found] == [
        (at("2026-11-24 16:00"), at("2026-11-24 17:00")),
        (at("2026-11-25 09:00"), at("2026-11-25 10:00")),
    ]


@pytest.mark.parametrize(
    ("asked", "now", "code"),
    [
        (notice("2026-11-24 08:00", "2026-11-24 09:00", is_open=True), "2026-11-24 10:00", "past"),
        (notice("2026-11-24 10:00", "2026-12-24 10:00", is_open=False), "2026-11-24 10:00", "too_long"),
        (notice("2026-11-24 10:00", "2026-11-24 16:00", is_open=True), "2026-11-24 10:00", "no_change"),
    ],
)
def test_given_a_notice_that_cannot_be_when_asked_then_it_is_told_why(asked: Notice, now: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        changes(DESK, asked, at(now))
    assert refused.value.code == code


# A message alone is worth a notice: the desk is closed anyway, and callers hear why.
def test_given_words_when_nothing_else_changes_then_they_may_stand() -> None:
    asked = notice("2026-11-24 20:00", "2026-11-24 22:00", is_open=False, said="Closed for snow.")
    assert changes(DESK, asked, at("2026-11-24 20:00"))[0] == ()


@pytest.mark.parametrize(("desk", "code"), [(DESK, "closed_already"), (ALWAYS, "no_end")])
def test_given_a_desk_that_is_closed_or_never_closes_when_closed_without_an_end_then_it_is_told(
    desk: Hours, code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        until_next_opening(desk, at("2026-11-24 20:00"))
    assert refused.value.code == code


# "expires by itself": whatever was asked, after its end the desk is as if nothing had been.
@settings(deadline=None, max_examples=60)
@given(begin=WEEK, last=st.integers(1, 10080), kind=st.sampled_from([True, False]), look=st.integers(0, 20160))
def test_given_any_notice_when_it_is_over_then_the_desk_is_as_ever(
    begin: int,
    last: int,
    kind: bool,  # noqa: FBT001 - hypothesis gives it by name
    look: int,
) -> None:
    first = at("2026-03-26 00:00")  # The clock changes on the 29th.
    begins = first + timedelta(minutes=begin)
    ends = begins + timedelta(minutes=last)
    asked = Notice(
        id="n1", tenant=NORTHMERE, hours="main", begins=begins, ends=ends, open=kind, why="snow", by="mari", t=0.0
    )
    when = first + timedelta(minutes=look)
    beside = overrides_of((asked,), NORTHMERE, when).get("main", ())
    seen = open_at(DESK, when, notices=beside).open
    assert seen == (kind if begins <= when < ends else open_at(DESK, when).open)


def test_given_notices_of_others_when_looked_for_then_only_ones_own_that_are_not_over_count() -> None:
    gone = notice("2026-11-24 10:00", "2026-11-24 11:00", is_open=False)
    assert overrides_of((gone,), NORTHMERE, at("2026-11-24 11:00")) == {}
    assert overrides_of((gone,), TenantId("harbourside"), at("2026-11-24 10:30")) == {}
