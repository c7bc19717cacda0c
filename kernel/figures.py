"""By which definitions a council's figures are reckoned, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version. In force from the begin of its day, in the council's own time."""

    #: Where neither council nor queue says more.
    SERVICE_LEVEL_S: ClassVar[float] = 20.0

    begins: date
    #: Abandons before this are short, seconds.
    short_abandon_s: float = 5.0
    #: The service level's T, seconds; None: each queue's own.
    service_level_s: float | None = None

    @property
    def version(self) -> str:
        """What a report calls it."""
        return self.begins.isoformat()


#: In force where a council has not said anything.
USUAL = Definition(begins=date(2026, 1, 1))


def in_force(definitions: Sequence[Definition], day: date) -> Definition:
    """The last definition that had begun on that day; the usual one before the first."""
    begun = [one for one in definitions if one.begins <= day]
    return max(begun, key=lambda one: one.begins, default=USUAL)
