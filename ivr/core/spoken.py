"""Texts with places for values, said properly in English and Welsh: numbers, digits, money, dates, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time

from ivr.core.clock_words import say_date, say_money, say_time
from ivr.core.expression import NUMBER, TEXT, Type, Value
from kernel.said import PLACE

_DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "cy": ("dim", "un", "dau", "tri", "pedwar", "pump", "chwech", "saith", "wyth", "naw"),
}


def _speech(language: str) -> str:
    """Return the language whose rules hold; one that has none here is spoken by the English ones."""
    return language if language in _DIGITS else "en"


def _digits(value: Value, language: str) -> str:
    return ", ".join(_DIGITS[language][int(one)] for one in str(value) if one.isascii() and one.isdigit())


def _money(value: Value, language: str) -> str:
    return say_money(value, language) if isinstance(value, int) else str(value)


def _date(value: Value, language: str) -> str:
    try:
        return say_date(date.fromisoformat(str(value)), language)
    except ValueError:
        return str(value)


def _time(value: Value, language: str) -> str:
    try:
        return say_time(time.fromisoformat(str(value)), language)
    except ValueError:
        return str(value)


def _plain(value: Value, language: str) -> str:  # noqa: ARG001 - the same shape as the other forms
    return str(value)


#: Form -> how it is said, and the type it is for (None: any).
FORMS: Mapping[str, tuple[Callable[[Value, str], str], Type | None]] = {
    "plain": (_plain, None),
    "number": (_plain, NUMBER),
    "digits": (_digits, None),
    "money": (_money, NUMBER),
    "date": (_date, TEXT),
    "time": (_time, TEXT),
}


def spoken(text: str, values: Mapping[str, Value], language: str) -> str | None:
    """Return the text with its values; None when one of them is not known: half a sentence is not said."""
    if any(values.get(name) is None for name, _ in places(text)):
        return None
    return PLACE.sub(lambda found: FORMS[found[2] or "plain"][0](values[found[1]], _speech(language)), text)


def places(text: str) -> Iterator[tuple[str, str]]:
    """Every place of a text: variable and form."""
    for found in PLACE.finditer(text):
        yield found[1], found[2] or "plain"
