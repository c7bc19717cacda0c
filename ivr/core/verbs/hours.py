"""`hours`: one way while the desk is open, another while it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from ivr.core.effects import LookAround, Say
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input, LookedAround, PlaybackFailed, Played
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.hours import HOLIDAY, open_at
from kernel.schema import Id


class Hours(Verb):
    """Looks at the council's `hours:`. A bank holiday may have its own way; else it is closed like any other night."""

    summary: ClassVar[str] = "one way while a desk is open, another while it is closed, a third on bank holidays"

    verb: Literal["hours"]
    #: The hours' name, or the queue or number they are for.
    of: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    open: Id
    closed: Id
    holiday: Id | None = None

    def enter(self, walk: Walk) -> Turn:
        """Ask for the time."""
        return Stay(walk=walk, effect=LookAround())

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Take the way that holds now."""
        if isinstance(heard, Played | PlaybackFailed):
            return Go(walk=walk, to=self.closed)
        if not isinstance(heard, LookedAround):
            return Go(walk=walk, to=self.open)
        hours = walk.flow.hours[self.of]
        when = datetime.fromtimestamp(heard.now, UTC)
        opening = open_at(hours, when, notices=heard.notices.get(hours.name, ()))
        if opening.open:
            return Go(walk=walk, to=self.open)
        to = self.holiday if self.holiday and opening.why == HOLIDAY else self.closed
        if not opening.said:
            return Go(walk=walk, to=to)
        # Closed at short notice, with words of its own: they come first. Whether spoken or not, `react` goes on.
        text = opening.said.get(walk.language) or next(iter(opening.said.values()))
        return Stay(walk=walk, effect=Say(text=text, language=walk.language, interruptible=False))

    def targets(self) -> dict[str, str]:
        """The two or three ways."""
        ways = {"open": self.open, "closed": self.closed}
        return ways if self.holiday is None else {**ways, "holiday": self.holiday}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The hours."""
        yield "hours", ("of",), self.of
