"""Dates, times and money as people say them, in English and Welsh.

Welsh: dates by the traditional ordinals, months softened behind `o`, hours softened behind `i`; amounts over ten by the
decimal numbers with `o` and the plural. A Welsh speaker has still to hear it (dialplans/_shared/prompts.yaml).
"""

from __future__ import annotations

from datetime import date, time

_HALF_HOUR, _HOUR, _NOON, _EVENING = 30, 60, 12, 18

_EN_HOURS = (
    *("twelve", "one", "two", "three", "four", "five"),
    *("six", "seven", "eight", "nine", "ten", "eleven"),
)
_EN_MINUTES = {5: "five", 10: "ten", 15: "quarter", 20: "twenty", 25: "twenty-five", 30: "half"}
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_UNITS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_EN_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth"),
    *("fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
_EN_TENS = {20: ("twentieth", "twenty"), 30: ("thirtieth", "thirty")}

_CY_HOURS = (
    *("deuddeg", "un", "dau", "tri", "pedwar", "pump"),
    *("chwech", "saith", "wyth", "naw", "deg", "un ar ddeg"),
)
#: The same behind `i`: softened.
_CY_HOURS_TO = (
    *("ddeuddeg", "un", "ddau", "dri", "bedwar", "bump"),
    *("chwech", "saith", "wyth", "naw", "ddeg", "un ar ddeg"),
)
_CY_MINUTES = {
    5: "pum munud",
    10: "deng munud",
    15: "chwarter",
    20: "ugain munud",
    25: "pum munud ar hugain",
    30: "hanner awr",
}
#: Behind `o`: softened, but for vowels, `ch` and `h`.
_CY_MONTHS = (
    *("Ionawr", "Chwefror", "Fawrth", "Ebrill", "Fai", "Fehefin"),
    *("Orffennaf", "Awst", "Fedi", "Hydref", "Dachwedd", "Ragfyr"),
)
_CY_DAYS = ("dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul")
_CY_ORDINALS = (
    *("y cyntaf", "yr ail", "y trydydd", "y pedwerydd", "y pumed", "y chweched", "y seithfed", "yr wythfed"),
    *("y nawfed", "y degfed", "yr unfed ar ddeg", "y deuddegfed", "y trydydd ar ddeg", "y pedwerydd ar ddeg"),
    *("y pymthegfed", "yr unfed ar bymtheg", "yr ail ar bymtheg", "y deunawfed", "y pedwerydd ar bymtheg"),
    *("yr ugeinfed", "yr unfed ar hugain", "yr ail ar hugain", "y trydydd ar hugain", "y pedwerydd ar hugain"),
    *("y pumed ar hugain", "y chweched ar hugain", "y seithfed ar hugain", "yr wythfed ar hugain"),
    *("y nawfed ar hugain", "y degfed ar hugain", "yr unfed ar ddeg ar hugain"),
)
#: `punt` and `ceiniog` are feminine; after `un` and `dwy` they soften, after `tair` and `chwe` they may change too.
_CY_POUNDS = (
    *("", "un bunt", "dwy bunt", "tair punt", "pedair punt", "pum punt"),
    *("chwe phunt", "saith punt", "wyth punt", "naw punt", "deg punt"),
)
_CY_PENCE = (
    *("", "un geiniog", "dwy geiniog", "tair ceiniog", "pedair ceiniog", "pum ceiniog"),
    *("chwe cheiniog", "saith ceiniog", "wyth ceiniog", "naw ceiniog", "deg ceiniog"),
)
_CY_AND = (("tair", "thair"), ("pedair", "phedair"), ("pum", "phum"))


def say_date(day: date, language: str) -> str:
    """``Monday the twenty-eighth of December 2026``."""
    if language == "cy":
        return f"{_CY_DAYS[day.weekday()]} {_CY_ORDINALS[day.day - 1]} o {_CY_MONTHS[day.month - 1]} {day.year}"
    return f"{_EN_DAYS[day.weekday()]} the {_ordinal(day.day)} of {_EN_MONTHS[day.month - 1]} {day.year}"


def _ordinal(day: int) -> str:
    tens, units = divmod(day, 10)
    if tens == 0:
        return _EN_UNITS[units]
    if tens == 1:
        return _EN_TEENS[units]
    whole, before = _EN_TENS[tens * 10]
    return whole if units == 0 else f"{before}-{_EN_UNITS[units]}"


def say_time(moment: time, language: str) -> str:
    """``quarter past two in the afternoon``; midnight and noon have names of their own."""
    minute, to = moment.minute, moment.minute > _HALF_HOUR
    hour = (moment.hour + to) % 24
    half = 0 if moment.hour < _NOON else 1 if moment.hour < _EVENING else 2
    if minute == 0 and moment.hour in {0, _NOON}:
        names = {"en": ("midnight", "noon"), "cy": ("hanner nos", "hanner dydd")}
        return names[language][moment.hour == _NOON]
    distance = _HOUR - minute if to else minute
    if language == "cy":
        part = ("y bore", "y prynhawn", "yr hwyr")[half]
        if minute == 0:
            return f"{_CY_HOURS[hour % 12]} o'r gloch {part}"
        words = _CY_MINUTES.get(distance, f"{distance} munud")
        return f"{words} i {_CY_HOURS_TO[hour % 12]} {part}" if to else f"{words} wedi {_CY_HOURS[hour % 12]} {part}"
    part = ("in the morning", "in the afternoon", "in the evening")[half]
    if minute == 0:
        return f"{_EN_HOURS[hour % 12]} o'clock {part}"
    words = _EN_MINUTES.get(distance, f"{distance} minute{'' if distance == 1 else 's'}")
    return f"{words} {'to' if to else 'past'} {_EN_HOURS[hour % 12]} {part}"


def say_money(amount: int, language: str) -> str:
    """Pence as pounds and pence: ``12 pounds and 5 pence``."""
    pounds, pence = divmod(abs(amount), 100)
    if language == "cy":
        parts = [_welsh(pounds, _CY_POUNDS, "o bunnoedd"), _welsh(pence, _CY_PENCE, "o geiniogau")]
        if all(parts):
            # `a` aspirates: pum -> a phum.
            parts[1] = next((new + parts[1][len(old) :] for old, new in _CY_AND if parts[1].startswith(old)), parts[1])
        told = " a ".join(filter(None, parts)) or "dim punt"
        return f"minws {told}" if amount < 0 else told
    parts = [f"{pounds} pound{'' if pounds == 1 else 's'}" if pounds or not pence else ""]
    parts.append((f"{pence} penny" if pence == 1 else f"{pence} pence") if pence else "")
    told = " and ".join(filter(None, parts))
    return f"minus {told}" if amount < 0 else told


def _welsh(count: int, small: tuple[str, ...], many: str) -> str:
    return small[count] if count < len(small) else f"{count} {many}"
