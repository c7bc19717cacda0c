"""The bank holidays of the United Kingdom's nations, from the library `holidays`: the day itself and its substitute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from holidays import country_holidays

#: As a council writes it -> the library's subdivision.
NATIONS: Mapping[str, str] = {
    "england": "ENG",
    "wales": "WLS",
    "scotland": "SCT",
    "northern_ireland": "NIR",
}
#: Fixed, so that the same files mean the same on every day; a one-off day the library does not know is an override.
YEARS = range(2020, 2041)


@cache
def bank_holidays(nation: str) -> Mapping[date, str]:
    """Date -> name. Raises ``KeyError`` for a nation that is not in ``NATIONS``."""
    found = country_holidays("GB", subdiv=NATIONS[nation], years=YEARS)
    return {day: str(name) for day, name in found.items()}
