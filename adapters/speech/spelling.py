"""British spelling: the recognisers learned theirs in America; British callers, staff and phrases write otherwise."""

from __future__ import annotations

import re

#: Written with z on both sides of the Atlantic.
_ALWAYS_Z = frozenset(
    {"size", "prize", "seize", "capsize", "maize", "baize", "assize", "resize", "downsize", "outsize"}
)
_IZE = re.compile(r"\b([a-z]{2,}?)iz(e|es|ed|er|ers|ing|ation|ations)\b", re.IGNORECASE)
_YZE = re.compile(r"\b(anal|paral|catal|breathal)yz(e|es|ed|er|ing)\b", re.IGNORECASE)
_OUR = re.compile(
    r"\b(un|dis|mis)?(col|fav|hon|lab|neighb|harb|behavi|rum|hum|flav|od|parl|vap|endeav|arm|vig|splend|sav)or"
    r"(s|ed|ing|ful|less|able|ably|ite|ites|hood|hoods|ly)?\b",
    re.IGNORECASE,
)
_RE = re.compile(r"\b(cent|theat|lit|fib|calib|somb|spect|kilomet|centimet|millimet)er(s)?\b", re.IGNORECASE)
_DOUBLED = re.compile(
    r"\b(travel|cancel|label|level|model|fuel|signal|counsel|quarrel|tunnel)(ed|ing|er|ers)\b", re.IGNORECASE
)
_WORDS = {
    "mom": "mum",
    "moms": "mums",
    "mommy": "mummy",
    "gray": "grey",
    "pajamas": "pyjamas",
    "aluminum": "aluminium",
    "jewelry": "jewellery",
    "plow": "plough",
    "plowed": "ploughed",
    "curb": "kerb",
    "curbs": "kerbs",
    "skeptical": "sceptical",
    "mold": "mould",
    "moldy": "mouldy",
    "fulfill": "fulfil",
    "enrollment": "enrolment",
    "defense": "defence",
    "offense": "offence",
    "catalog": "catalogue",
    "airplane": "aeroplane",
}
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)


def british(text: str) -> str:
    """The same words as they are written in Britain."""
    text = _IZE.sub(_with_s, text)
    text = _YZE.sub(r"\1ys\2", text)
    text = _OUR.sub(lambda found: f"{found[1] or ''}{found[2]}our{found[3] or ''}", text)
    text = _RE.sub(lambda found: f"{found[1]}re{found[2] or ''}", text)
    text = _DOUBLED.sub(r"\1l\2", text)
    return _WORD.sub(_like, text)


def _with_s(found: re.Match[str]) -> str:
    stem = found[1].lower() + "ize"
    return found[0] if stem in _ALWAYS_Z else f"{found[1]}is{found[2]}"


def _like(found: re.Match[str]) -> str:
    """With a capital where there was one."""
    word = _WORDS[found[0].lower()]
    return word.capitalize() if found[0][0].isupper() else word
