"""`play`: say something, then go on."""

from __future__ import annotations

from typing import ClassVar, Literal

from ivr.core.effects import Play as PlayEffect
from ivr.core.flow import Prompts, Verb
from ivr.core.inputs import Input
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Id, YesNo


class Play(Verb):
    """Plays prompts. A key pressed meanwhile is kept for the next menu, and skips the rest when interruptible."""

    summary: ClassVar[str] = "say something, then go on"

    verb: Literal["play"]
    prompts: Prompts
    next: Id
    interruptible: YesNo = True

    def enter(self, walk: Walk) -> Turn:
        """Play; a caller who has typed ahead knows the words and is not made to hear them."""
        if self.interruptible and walk.keys:
            return Go(walk=walk, to=self.next)
        effect = PlayEffect(prompts=self.prompts, language=walk.language, interruptible=self.interruptible)
        return Stay(walk=walk, effect=effect)

    def react(self, walk: Walk, heard: Input) -> Turn:  # noqa: ARG002 - played or failed, the flow goes on
        """Go on, also when the prompt could not be played."""
        return Go(walk=walk, to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """What is said."""
        return {"prompts": self.prompts}
