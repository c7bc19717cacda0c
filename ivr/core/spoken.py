"""Texts with places for values, said properly in English and Welsh: numbers, digits, money, dates, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time

from ivr.core.expression import NUMBER, TEXT, Type, Value
from kernel.said import PLACE

_DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "cy": ("dim", "un", "dau", "tri", "pedwar", "pump", "chwech", "saith", "wyth", "naw"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "cy": (
        *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
        *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
    ),
}
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "cy": ("dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul"),
}
_HALVES = {"en": ("am", "pm"), "cy": ("y bore", "y prynhawn")}
_NOON = 12


def _speech(language: str) -> str:
    """Return the language whose rules hold; one that has none here is spoken by the English ones."""
    return language if language in _DIGITS else "en"


def _digits(value: Value, language: str) -> str:
    return ", ".join(_DIGITS[language][int(one)] for one in str(value) if one.isascii() and one.isdigit())


def _money(value: Value, language: str) -> str:
    """Pence -> pounds and pence. Welsh counts with the singular: `deuddeg punt`, `pedair ceiniog`."""
    if not isinstance(value, int):
        return str(value)
    pounds, pence = divmod(abs(value), 100)
    if language == "cy":
        parts = [f"{pounds} punt" if pounds or not pence else "", f"{pence} ceiniog" if pence else ""]
    else:
        parts = [
            f"{pounds} pound{'' if pounds == 1 else 's'}" if pounds or not pence else "",
            (f"{pence} penny" if pence == 1 else f"{pence} pence") if pence else "",
        ]
    minus = {"en": "minus ", "cy": "minws "}[language] if value < 0 else ""
    return minus + " ".join(filter(None, parts))


def _date(value: Value, language: str) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{_DAYS[language][day.weekday()]} {day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def _time(value: Value, language: str) -> str:
    try:
        moment = time.fromisoformat(str(value))
    except ValueError:
        return str(value)
    half = _HALVES[language][moment.hour >= _NOON]
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{(moment.hour - 1) % _NOON + 1}{minutes} {half}"


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
