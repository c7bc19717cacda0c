"""`announce`: tell of an incident while there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from ivr.core.effects import LookAround, Play
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input, LookedAround
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Id, YesNo


class Announce(Verb):
    """Plays the prompts of an incident of `incidents.yaml` from its beginning to its end; at other times it is nothing.

    Not passed over for keys typed ahead: it is news even to a caller who knows the menu.
    """

    summary: ClassVar[str] = "say the prompts of an incident while it lasts"

    verb: Literal["announce"]
    incident: Id
    next: Id
    interruptible: YesNo = True

    def enter(self, walk: Walk) -> Turn:
        """Ask for the time."""
        return Stay(walk=walk, effect=LookAround())

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Play it while it lasts, then go on."""
        incident = walk.flow.incidents[self.incident]
        if isinstance(heard, LookedAround) and incident.begins.timestamp() <= heard.now < incident.ends.timestamp():
            effect = Play(prompts=incident.prompts, language=walk.language, interruptible=self.interruptible)
            return Stay(walk=walk, effect=effect)
        return Go(walk=walk, to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The incident."""
        yield "incident", ("incident",), self.incident
