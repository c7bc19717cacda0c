"""A caller's number in one form, so that whoever asks for their recordings finds them however they write it."""

from __future__ import annotations

import re

_NOISE = re.compile(r"[\s().-]")
_NUMBER = re.compile(r"0[0-9]{4,15}|\+[0-9]{5,16}")


def subject_number(text: str) -> str | None:
    """``+44 7700 900123`` and ``07700 900123`` are one; None for a withheld, empty or unreadable number."""
    plain = _NOISE.sub("", text)
    for begin in ("+44", "0044"):
        if plain.startswith(begin):
            plain = "0" + plain.removeprefix(begin).removeprefix("0")
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    return plain if _NUMBER.fullmatch(plain) else None
