"""Bank holidays of the four nations: the day and its substitute."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.files.bank_holidays import NATIONS, bank_holidays

pytestmark = pytest.mark.unit


# C42; the days as GOV.UK lists them: a substitute day does not make the day itself a working day.
@pytest.mark.parametrize("nation", NATIONS)
@pytest.mark.parametrize("day", ["2026-12-26", "2026-12-28", "2027-12-27", "2027-12-28", "2028-01-03", "2022-09-19"])
def test_c42_given_a_holiday_of_all_when_looked_for_then_every_nation_has_it(nation: str, day: str) -> None:
    assert date.fromisoformat(day) in bank_holidays(nation)


@pytest.mark.parametrize(
    ("day", "nations"),
    [
        ("2026-01-02", {"scotland"}),
        ("2026-11-30", {"scotland"}),
        ("2026-03-17", {"northern_ireland"}),
        ("2026-07-13", {"northern_ireland"}),
        ("2026-04-06", {"england", "wales", "northern_ireland"}),
        ("2026-08-03", {"scotland"}),
        ("2026-08-31", {"england", "wales", "northern_ireland"}),
    ],
)
def test_given_a_holiday_of_some_when_looked_for_then_only_they_have_it(day: str, nations: set[str]) -> None:
    assert {nation for nation in NATIONS if date.fromisoformat(day) in bank_holidays(nation)} == nations


def test_given_a_nation_nobody_knows_when_asked_then_it_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        bank_holidays("cornwall")
