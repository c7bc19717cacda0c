"""`callback`: promise to ring the caller back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from ivr.core.effects import BookCallback, Listen, OfferCallback, Say
from ivr.core.expression import TEXT, Expression, Type, read
from ivr.core.flow import Path, Verb
from ivr.core.inputs import CallbackOffered, Done, Input, KeyPressed, NoKey, NotDone, PlaybackFailed
from ivr.core.shapes import Variable
from ivr.core.spoken import places, spoken
from ivr.core.verbs.say import Language, Text
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.ids import QueueId
from kernel.schema import Duration, Id

_AGREED = "1"


def _says_number(texts: dict[str, str]) -> dict[str, str]:
    for text in texts.values():
        if [name for name, _ in places(text)] != ["caller"]:
            raise ValueError("the text says the number once, {caller:digits}, and no other value")
    return texts


class Callback(Verb):
    """Says the number that would be rung, and books it when the caller presses 1; she keeps her place in the queue.

    The number she rings from, or what a `gather` put into `number`. Comes to `failed` when it may not be rung or
    nothing here can promise it, to `declined` (or `failed`) when she does not agree.
    """

    summary: ClassVar[str] = "promise to ring the caller back from a queue, on a number she agrees to by pressing 1"

    verb: Literal["callback"]
    queue: Id
    next: Id
    failed: Id
    declined: Id | None = None
    #: Digits that a `gather` took.
    number: Variable | None = None
    text: Annotated[dict[Language, Text], Field(min_length=1), AfterValidator(_says_number)] = {  # noqa: RUF012 - pydantic copies defaults
        "en": "We will ring you on {caller:digits}. If that is right, press 1.",
        "cy": "Byddwn yn eich ffonio ar {caller:digits}. Os yw hynny'n iawn, pwyswch 1.",
    }
    timeout: Annotated[Duration, Field(ge=1, le=30)] = 5.0

    def enter(self, walk: Walk) -> Turn:
        """Ask which number may be rung. What was typed before she heard it is no agreement."""
        typed = walk.variables.get(self.number) if self.number is not None else ""
        if typed is None:
            return Go(walk=walk, to=self.failed)
        return Stay(walk=dataclasses.replace(walk, keys=""), effect=OfferCallback(typed=str(typed)))

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Say the number, take her answer, book."""
        if isinstance(heard, Done | NotDone | PlaybackFailed):
            return Go(walk=walk, to=self.next if isinstance(heard, Done) else self.failed)
        if isinstance(heard, CallbackOffered):
            return self._confirm(dataclasses.replace(walk, digits=heard.number))
        if isinstance(heard, NoKey):
            return Go(walk=walk, to=self.declined or self.failed)
        key = heard.key if isinstance(heard, KeyPressed) else walk.keys[:1]
        if not key:
            return Stay(walk=walk, effect=Listen(seconds=walk.patience(self.timeout)))
        walk = dataclasses.replace(walk, keys="")
        if key != _AGREED:
            return Go(walk=walk, to=self.declined or self.failed)
        booking = BookCallback(queue=QueueId(self.queue), language=walk.language, number=walk.digits)
        return Stay(walk=walk, effect=booking)

    def _confirm(self, walk: Walk) -> Turn:
        words = self.text.get(walk.language) or next(iter(self.text.values()))
        text = spoken(words, {"caller": walk.digits}, walk.language) or ""
        return Stay(walk=walk, effect=Say(text=text, language=walk.language, interruptible=True))

    def targets(self) -> dict[str, str]:
        """Promised, not agreed to, or not possible."""
        ways = {"next": self.next, "failed": self.failed}
        return ways if self.declined is None else {**ways, "declined": self.declined}

    def queues_used(self) -> dict[str, str]:
        """The queue."""
        return {"queue": self.queue}

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """The variable with the number."""
        if self.number is not None:
            yield ("number",), read(self.number), TEXT
