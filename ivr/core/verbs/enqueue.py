"""`enqueue`: let the caller wait for a person."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.flow import Verb
from ivr.core.walk import End, Turn, Walk
from kernel.ids import QueueId
from kernel.schema import Count, Id


class Enqueue(Verb):
    """Ends the flow: the caller waits in a queue. What is not said here comes from the queue's own policy."""

    summary: ClassVar[str] = "let the caller wait for a person; ends the flow"

    verb: Literal["enqueue"]
    queue: Id
    priority: Annotated[Count, Field(le=100)] | None = None
    #: Language of the announcements from here on.
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = None

    def enter(self, walk: Walk) -> Turn:
        """Leave the caller in the queue."""
        queue = QueueId(self.queue)
        return End(walk=walk, effect=walk.enqueue(queue, priority=self.priority, language=self.language))

    def queues_used(self) -> dict[str, str]:
        """The queue."""
        return {"queue": self.queue}
