"""Dates, times and money as they are said: the cases that are easily wrong."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.clock_words import say_date, say_money, say_time

pytestmark = pytest.mark.unit


# Issue 4: "numbers, dates, times, money said properly in both".
@pytest.mark.parametrize(
    ("pence", "english", "welsh"),
    [
        (1205, "12 pounds and 5 pence", "12 o bunnoedd a phum ceiniog"),
        (100, "1 pound", "un bunt"),
        (201, "2 pounds and 1 penny", "dwy bunt a un geiniog"),
        (600, "6 pounds", "chwe phunt"),
        (6, "6 pence", "chwe cheiniog"),
        (34, "34 pence", "34 o geiniogau"),
        (0, "0 pounds", "dim punt"),
        (-1, "minus 1 penny", "minws un geiniog"),
    ],
)
def test_given_pence_when_said_then_pounds_and_pence(pence: int, english: str, welsh: str) -> None:
    assert say_money(pence, "en") == english
    assert say_money(pence, "cy") == welsh


@pytest.mark.parametrize(
    ("moment", "english", "welsh"),
    [
        ("14:15", "quarter past two in the afternoon", "chwarter wedi dau y prynhawn"),
        ("08:30", "half past eight in the morning", "hanner awr wedi wyth y bore"),
        ("13:45", "quarter to two in the afternoon", "chwarter i ddau y prynhawn"),
        ("11:35", "twenty-five to twelve in the morning", "pum munud ar hugain i ddeuddeg y bore"),
        ("00:00", "midnight", "hanner nos"),
        ("12:00", "noon", "hanner dydd"),
        ("12:01", "1 minute past twelve in the afternoon", "1 munud wedi deuddeg y prynhawn"),
        ("23:55", "five to twelve in the evening", "pum munud i ddeuddeg yr hwyr"),
        ("18:00", "six o'clock in the evening", "chwech o'r gloch yr hwyr"),
    ],
)
def test_given_a_time_when_said_then_as_people_say_it(moment: str, english: str, welsh: str) -> None:
    assert say_time(time.fromisoformat(moment), "en") == english
    assert say_time(time.fromisoformat(moment), "cy") == welsh


@pytest.mark.parametrize(
    ("day", "english", "welsh"),
    [
        ("2026-12-28", "Monday the twenty-eighth of December 2026", "dydd Llun yr wythfed ar hugain o Ragfyr 2026"),
        ("2026-03-01", "Sunday the first of March 2026", "dydd Sul y cyntaf o Fawrth 2026"),
        ("2026-05-20", "Wednesday the twentieth of May 2026", "dydd Mercher yr ugeinfed o Fai 2026"),
        (
            "2026-07-31",
            "Friday the thirty-first of July 2026",
            "dydd Gwener yr unfed ar ddeg ar hugain o Orffennaf 2026",
        ),
        ("2026-11-12", "Thursday the twelfth of November 2026", "dydd Iau y deuddegfed o Dachwedd 2026"),
    ],
)
def test_given_a_date_when_said_then_its_day_is_an_ordinal(day: str, english: str, welsh: str) -> None:
    assert say_date(date.fromisoformat(day), "en") == english
    assert say_date(date.fromisoformat(day), "cy") == welsh


@given(st.dates(), st.times(), st.integers(-(10**9), 10**9), st.sampled_from(["en", "cy"]))
def test_given_anything_when_said_then_there_are_words(day: date, moment: time, pence: int, language: str) -> None:
    for said in (say_date(day, language), say_time(moment, language), say_money(pence, language)):
        assert said == said.strip()
        assert said
        assert "  " not in said
