"""`enqueue`: let the caller wait for a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from ivr.core.expression import Expression, Type, read
from ivr.core.flow import Path, Verb
from ivr.core.known import known_values
from ivr.core.spoken import places, spoken
from ivr.core.verbs.say import Text
from ivr.core.walk import End, Turn, Walk
from kernel.ids import AgentId, QueueId
from kernel.schema import Count, Duration, Id


def _written(text: str) -> str:
    if any(form != "plain" for _, form in places(text)):
        raise ValueError("a note is read, not heard: a place is written {name}, without a form")
    return text


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
    #: An agent of this queue who is to take the call; nobody waits for one who is logged out.
    preferred: Id | None = None
    #: How long only she may; after that anybody of the queue.
    preferred_wait: Annotated[Duration, Field(ge=1, le=3600)] = 20.0
    #: Noted on the call for whoever answers; `{name}` is a value. Where one is not known, nothing is noted.
    note: Annotated[Text, AfterValidator(_written)] | None = None

    @model_validator(mode="after")
    def _somebody_preferred(self) -> Enqueue:
        if "preferred_wait" in self.model_fields_set and self.preferred is None:
            raise ValueError("'preferred_wait' needs 'preferred': whom the call waits for")
        return self

    def enter(self, walk: Walk) -> Turn:
        """Leave the caller in the queue."""
        queue = QueueId(self.queue)
        wish = walk.enqueue(queue, priority=self.priority, language=self.language)
        if self.survey is not None:
            wish = dataclasses.replace(wish, survey=self.survey)
        if self.preferred is not None:
            wish = dataclasses.replace(wish, preferred=AgentId(self.preferred), preferred_s=self.preferred_wait)
        if self.note is not None:
            # Agents read it: no language's way of saying numbers is meant.
            wish = dataclasses.replace(wish, note=spoken(self.note, known_values(walk, None), "en") or "")
        return End(walk=walk, effect=wish)

    def queues_used(self) -> dict[str, str]:
        """The queue."""
        return {"queue": self.queue}

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """Each place of the note."""
        for name, _ in places(self.note or ""):
            yield ("note",), read(name), None

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The survey's flow, and whom the call prefers."""
        if self.survey is not None:
            yield "flow", ("survey",), self.survey
        if self.preferred is not None:
            yield "agent", ("preferred",), self.preferred
