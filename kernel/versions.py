"""Which version of the councils' files is in force: worked out from the journal of what was published, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.number import Dialled


class How(StrEnum):
    """What made a version take force."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"
    #: A file was edited under the running service.
    EDIT = "edit"
    #: The service was started.
    UP = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The part of the calls that a version is tried on."""

    #: Calls to these numbers; none: calls to any.
    numbers: tuple[Dialled, ...] = ()
    #: Of those, so many in a hundred, by a hash of the contact's id.
    percent: int = 100

    def holds(self, number: str, contact: str) -> bool:
        """Whether this call follows the staged version."""
        if self.numbers and number not in self.numbers:
            return False
        return int.from_bytes(hashlib.sha256(contact.encode()).digest()[:4], "big") % 100 < self.percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One line of the journal: a version was told to take force."""

    #: From 1, without gaps.
    seq: int
    version: int
    #: Unix seconds: when it was told.
    t: float
    #: Unix seconds: when it takes force; never before ``t``.
    at: float
    how: How
    #: Who told it: a login name.
    by: str
    note: str
    #: SHA-256 of the version's files.
    digest: str
    #: None: all calls.
    stage: Stage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What new calls follow at one moment."""

    #: None: nothing was published yet.
    base: Publication | None
    #: Tried on a part of the calls.
    staged: Publication | None
    #: Those still to take force, the next one first.
    pending: tuple[Publication, ...]


def in_force(journal: Sequence[Publication], now: float) -> InForce:
    """Work out what is in force at ``now`` (Unix seconds).

    The later one wins. One that still waits for its time is cancelled by a whole one that is told after it and takes
    force no later: who publishes or rolls back now does not want yesterday's plan tomorrow.
    """
    live = [one for one in journal if not _cancelled(one, journal)]
    base = _last(one for one in live if one.stage is None and one.at <= now)
    staged = _last(one for one in live if one.stage is not None and one.at <= now)
    if staged is not None and base is not None and _order(staged) < _order(base):
        staged = None
    pending = tuple(sorted((one for one in live if one.at > now), key=_order))
    return InForce(base=base, staged=staged, pending=pending)


def version_before(journal: Sequence[Publication], now: float) -> Publication | None:
    """The whole publication whose version was in force before today's one; None when there was none."""
    base = in_force(journal, now).base
    if base is None:
        return None
    earlier = [one for one in journal if one.stage is None and _order(one) < _order(base)]
    return _last(one for one in earlier if one.version != base.version and not _cancelled(one, journal))


def _cancelled(one: Publication, journal: Iterable[Publication]) -> bool:
    return any(
        other.seq > one.seq and other.stage is None and other.t < one.at and other.at <= one.at for other in journal
    )


def _last(some: Iterable[Publication]) -> Publication | None:
    return max(some, key=_order, default=None)


def _order(one: Publication) -> tuple[float, int]:
    return one.at, one.seq
