"""`voicemail`: take a message."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.effects import Play, RecordMessage
from ivr.core.flow import Prompts, Verb
from ivr.core.inputs import Done, Input, NotDone
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Duration, Id


class Voicemail(Verb):
    """Plays what to say, then records until a key, silence or `longest`. Comes to `failed` when it is not kept."""

    summary: ClassVar[str] = "take a message into a box"

    verb: Literal["voicemail"]
    box: Id
    prompts: Prompts
    next: Id
    failed: Id
    longest: Annotated[Duration, Field(ge=10, le=300)] = 120.0

    def enter(self, walk: Walk) -> Turn:
        """Say what to say."""
        return Stay(walk=walk, effect=Play(prompts=self.prompts, language=walk.language, interruptible=True))

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Record, then go on by whether it is kept."""
        if isinstance(heard, Done | NotDone):
            return Go(walk=walk, to=self.next if isinstance(heard, Done) else self.failed)
        return Stay(walk=walk, effect=RecordMessage(box=self.box, longest_s=self.longest))

    def targets(self) -> dict[str, str]:
        """Kept, or not."""
        return {"next": self.next, "failed": self.failed}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """What to say."""
        return {"prompts": self.prompts}
