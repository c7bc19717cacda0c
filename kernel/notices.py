"""Short-notice changes of opening hours: what was asked, what it changes exactly, and when it is over by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from kernel.errors import BadInput
from kernel.hours import Hours, Opening, Override, open_at
from kernel.ids import TenantId

#: A forgotten notice is worse than none; what is to last longer belongs into tenant.yaml.
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One change at short notice, from ``begins`` until before ``ends`` (aware)."""

    #: ``n1``, ``n2`` …
    id: str
    tenant: TenantId
    #: The name of the hours in tenant.yaml.
    hours: str
    begins: datetime
    ends: datetime
    open: bool
    why: str
    #: Who: a login name, or ``telephone``.
    by: str
    #: Unix seconds: when it was asked.
    t: float
    #: Language -> what callers hear first.
    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def override(self) -> Override:
        """As the hours take it."""
        return Override(begins=self.begins, ends=self.ends, open=self.open, why=self.why, said=self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One stretch of time in which a notice makes a difference."""

    begins: datetime
    ends: datetime
    open: bool


def overrides_of(notices: Sequence[Notice], tenant: TenantId, now: datetime) -> dict[str, tuple[Override, ...]]:
    """Those of a council that are not over, by name of the hours; the later one asked wins."""
    found: dict[str, tuple[Override, ...]] = {}
    for one in notices:
        if one.tenant == tenant and one.ends > now:
            found[one.hours] = (*found.get(one.hours, ()), one.override())
    return found


def until_next_opening(hours: Hours, now: datetime, notices: tuple[Override, ...] = ()) -> datetime:
    """Until when "close at once" holds unless told otherwise: the end of this opening.

    Raises ``BadInput`` when the desk is closed now.
    """
    opening = open_at(hours, now, notices=notices)
    if not opening.open:
        raise BadInput("closed_already", f"{hours.name} is closed already{_until(opening)}: nothing to close")
    if opening.until is None or opening.until - now > LONGEST:
        raise BadInput("no_end", f"{hours.name} never closes by itself: say until when with --until")
    return opening.until


def changes(
    hours: Hours, notice: Notice, now: datetime, *, beside: tuple[Override, ...] = ()
) -> tuple[tuple[Change, ...], Opening]:
    """What a notice changes, stretch by stretch, and how the desk stands when it is over.

    ``beside``: notices in force already. Raises ``BadInput`` for one that is over, lasts too long, or changes nothing.
    """
    begins = max(now, notice.begins)
    if notice.ends <= begins:
        raise BadInput("past", "this time is over already")
    if notice.ends - begins > LONGEST:
        raise BadInput("too_long", "at most a week; what is to last longer belongs into tenant.yaml, under overrides")
    found: list[Change] = []
    at = begins
    while at < notice.ends:
        before = open_at(hours, at, notices=beside)
        ends = min(notice.ends, before.until or notice.ends)
        if before.open != notice.open:
            found.append(Change(begins=at, ends=ends, open=notice.open))
        at = ends
    if not found and not notice.said:
        state = "open" if notice.open else "closed"
        raise BadInput("no_change", f"{hours.name} is {state} for all of that time anyway: nothing would change")
    return tuple(found), open_at(hours, notice.ends, notices=beside)


def _until(opening: Opening) -> str:
    return "" if opening.until is None else f" until {opening.until:%Y-%m-%d %H:%M} UTC"
