"""`callback`: promise to ring the caller back."""

from __future__ import annotations

from typing import ClassVar, Literal

from ivr.core.effects import BookCallback
from ivr.core.flow import Verb
from ivr.core.inputs import Done, Input
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.ids import QueueId
from kernel.schema import Id


class Callback(Verb):
    """Books a call back from a queue, from her place in it. Comes to `failed` when nothing here can promise it."""

    summary: ClassVar[str] = "promise to ring the caller back from a queue"

    verb: Literal["callback"]
    queue: Id
    next: Id
    failed: Id

    def enter(self, walk: Walk) -> Turn:
        """Book it."""
        return Stay(walk=walk, effect=BookCallback(queue=QueueId(self.queue), language=walk.language))

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Go on by whether the promise stands."""
        return Go(walk=walk, to=self.next if isinstance(heard, Done) else self.failed)

    def targets(self) -> dict[str, str]:
        """Promised, or not."""
        return {"next": self.next, "failed": self.failed}

    def queues_used(self) -> dict[str, str]:
        """The queue."""
        return {"queue": self.queue}
