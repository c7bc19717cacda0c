"""Recording file names: own ids only, so that nothing a caller controls ever reaches a path (SECURITY V05, V06)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.ids import ContactId

#: Written by [take] in asterisk_conf/extensions.conf: <contact>-<join>.wav is the mix of both voices,
#: -caller what the caller says, -agent what the caller hears.
_NAME = re.compile(r"(?P<contact>[A-Za-z0-9][A-Za-z0-9_-]*)-(?P<join>[0-9]{1,3})(?P<side>|-caller|-agent)\.wav")
#: Written by [consult] in asterisk_conf/transfers.conf: when it began, Unix seconds; both voices in one.
_CONSULT = re.compile(r"(?P<contact>[A-Za-z0-9][A-Za-z0-9_-]*)-c(?P<join>[0-9]{10})\.wav")

MIX, CALLER, AGENT = "", "-caller", "-agent"
CONSULT = "consult"
#: A count of joins has three digits at most; Unix seconds have had ten since 2001.
_FIRST_MOMENT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file: one join of one contact, one side of it."""

    contact: ContactId
    #: 1 for the first offer of the contact, and so on: an offer that was never answered leaves an empty file.
    join: int
    side: str
    #: ``call``, or ``consult``: agents among themselves, while the caller hears music.
    kind: str = "call"


def file_name(contact: ContactId, join: int, side: str) -> str:
    """Return the name of a segment's file."""
    if kind_of_join(join) == CONSULT:
        return f"{contact}-c{join}.wav"
    return f"{contact}-{join}{side}.wav"


def kind_of_join(join: int) -> str:
    """``call`` for the count of a contact's joins, ``consult`` for the moment a consult began."""
    return CONSULT if join >= _FIRST_MOMENT else "call"


def read_name(name: str) -> Segment | None:
    """Return what a file name says, None for a file that is not ours."""
    consult = _CONSULT.fullmatch(name)
    if consult is not None:
        contact, join = ContactId(consult["contact"]), int(consult["join"])
        return Segment(contact=contact, join=join, side=MIX, kind=CONSULT)
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return Segment(contact=ContactId(match["contact"]), join=int(match["join"]), side=match["side"])
