"""Check digits of account numbers: whether what the caller typed can be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

_TEN, _ELEVEN, _NINE = 10, 11, 9
_DATE_DIGITS = 8


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, its digits added; the sum ends in 0."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - _NINE if value > _NINE else value
    return total % _TEN == 0


def mod11(digits: str) -> bool:
    """Weights 2, 3, 4 … from the right, the check digit last; one that would be 10 was never given out.

    The rule of the NHS number (NHS Data Dictionary, "NHS NUMBER") and of many councils' rent and rates accounts.
    """
    body, check = digits[:-1], digits[-1]
    total = sum(int(digit) * weight for weight, digit in enumerate(reversed(body), start=2))
    return (_ELEVEN - total % _ELEVEN) % _ELEVEN == int(check)


def day(digits: str) -> str | None:
    """Return DDMMYYYY as an ISO date, None when there is no such day."""
    if len(digits) != _DATE_DIGITS:
        return None
    try:
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2])).isoformat()
    except ValueError:
        return None


CHECKS: Mapping[str, Callable[[str], bool]] = {"none": lambda _: True, "luhn": luhn, "mod11": mod11}
