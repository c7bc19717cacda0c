"""`goto`: go on at another step."""

from __future__ import annotations

from typing import ClassVar, Literal

from ivr.core.flow import Verb
from ivr.core.walk import Go, Turn, Walk
from kernel.schema import Id


class Goto(Verb):
    """Goes on at another step: one name for a place that several keys lead to."""

    summary: ClassVar[str] = "go on at another step"

    verb: Literal["goto"]
    next: Id

    def enter(self, walk: Walk) -> Turn:
        """Go on."""
        return Go(walk=walk, to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}
