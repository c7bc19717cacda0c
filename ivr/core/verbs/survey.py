"""`survey`: ask one question, keep the answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from ivr.core.effects import Listen, NoteAnswer, Play
from ivr.core.flow import Prompts, Verb
from ivr.core.inputs import Done, Input, KeyPressed, NoKey, NotDone, PlaybackFailed
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Duration, Id

Digit = Annotated[str, StringConstraints(pattern=r"^[0-9]$")]


class Survey(Verb):
    """Asks once; silence and other keys are no answer and no fault. The answer is kept without the caller."""

    summary: ClassVar[str] = "ask one question and keep the answer, without who gave it"

    verb: Literal["survey"]
    name: Id
    prompts: Prompts
    #: Key -> the answer as it is kept.
    answers: Annotated[dict[Digit, Id], Field(min_length=1)]
    next: Id
    timeout: Annotated[Duration, Field(ge=1, le=30)] = 5.0

    def enter(self, walk: Walk) -> Turn:
        """Ask."""
        return Stay(walk=walk, effect=Play(prompts=self.prompts, language=walk.language, interruptible=True))

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Listen, keep, go on."""
        if isinstance(heard, NoKey | Done | NotDone | PlaybackFailed):
            return Go(walk=walk, to=self.next)
        key = heard.key if isinstance(heard, KeyPressed) else walk.keys[:1]
        if not key:
            return Stay(walk=walk, effect=Listen(seconds=walk.patience(self.timeout)))
        # A key that is no answer is left for the next menu when it was typed ahead; the question is not repeated.
        if key not in self.answers:
            return Go(walk=walk, to=self.next)
        walk = walk if isinstance(heard, KeyPressed) else walk.without_first_key()
        return Stay(walk=walk, effect=NoteAnswer(survey=self.name, answer=self.answers[key]))

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """The question."""
        return {"prompts": self.prompts}
