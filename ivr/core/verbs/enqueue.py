"""`enqueue`: let the caller wait for a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.flow import Path, Verb
from ivr.core.walk import End, Turn, Walk
from kernel.ids import QueueId
from kernel.schema import Count, Id


class Enqueue(Verb):
    """Ends the flow: the caller waits in a queue. What is not said here comes from the queue's own policy."""

    summary: ClassVar[str] = "let the caller wait for a person; ends the flow"

    verb: Literal["enqueue"]
    queue: Id
    priority: Annotated[Count, Field(le=100)] | None = None
    #: A flow that asks the caller after the talk, when the agent hangs up first.
    survey: Id | None = None
    #: Language of the announcements from here on.
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = None

    def enter(self, walk: Walk) -> Turn:
        """Leave the caller in the queue."""
        queue = QueueId(self.queue)
        wish = walk.enqueue(queue, priority=self.priority, language=self.language)
        return End(walk=walk, effect=wish if self.survey is None else dataclasses.replace(wish, survey=self.survey))

    def queues_used(self) -> dict[str, str]:
        """The queue."""
        return {"queue": self.queue}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The survey's flow."""
        if self.survey is not None:
            yield "flow", ("survey",), self.survey
