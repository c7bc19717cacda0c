"""`steer`: let the caller say what she wants."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from ivr.core.effects import Steer as SteerEffect
from ivr.core.flow import Path, Prompts, Verb
from ivr.core.inputs import Input, KeyPressed, NoKey, NotUnderstood, Understood
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Count, Id

Phrase = Annotated[str, StringConstraints(min_length=2, max_length=100)]


class Steer(Verb):
    """Speech instead of keys. `no_input` is the way of silence, of keys and without an engine: let a menu be there."""

    summary: ClassVar[str] = "let the caller say what she wants; without a speech engine `no_input` is the way"

    verb: Literal["steer"]
    prompts: Prompts
    #: Intent -> step.
    intents: Annotated[dict[Id, Id], Field(min_length=1)]
    #: Intent -> phrases that name it.
    phrases: dict[Id, tuple[Phrase, ...]] = Field(default_factory=dict)
    no_input: Id
    no_match: Id
    tries: Annotated[Count, Field(ge=1, le=3)]
    no_match_prompt: Id = "sorry_no_match"

    def enter(self, walk: Walk) -> Turn:
        """Ask; a caller who has typed ahead wants keys, and a relay assistant is no voice to be recognised."""
        return Go(walk=walk, to=self.no_input) if walk.keys or walk.relay else self._ask(walk)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Go where she wants."""
        if isinstance(heard, Understood) and heard.intent in self.intents:
            return Go(walk=walk, to=self.intents[heard.intent])
        if isinstance(heard, NotUnderstood | Understood):
            walk = dataclasses.replace(walk, misses=walk.misses + 1)
            return (
                Go(walk=walk, to=self.no_match) if walk.misses >= self.tries else self._ask(walk, self.no_match_prompt)
            )
        if isinstance(heard, KeyPressed):
            # The key counts in the menu that follows.
            return Go(walk=dataclasses.replace(walk, keys=heard.key), to=self.no_input)
        if isinstance(heard, NoKey):
            walk = dataclasses.replace(walk, silences=walk.silences + 1)
            return Go(walk=walk, to=self.no_input) if walk.silences >= self.tries else self._ask(walk)
        return Go(walk=walk, to=self.no_input)

    def _ask(self, walk: Walk, *before: str) -> Turn:
        intents = {intent: self.phrases.get(intent, ()) for intent in self.intents}
        prompts = (*before, *self.prompts)
        return Stay(walk=walk, effect=SteerEffect(prompts=prompts, language=walk.language, intents=intents))

    def targets(self) -> dict[str, str]:
        """Every intent, silence, and words that were not understood."""
        ways = {f"intents.{intent}": step for intent, step in self.intents.items()}
        return {**ways, "no_input": self.no_input, "no_match": self.no_match}

    def by_itself(self) -> dict[str, str]:
        """Silence, and no engine."""
        return {"no_input": self.no_input}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """The question and the apology."""
        return {"prompts": self.prompts, "no_match_prompt": (self.no_match_prompt,)}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """Phrases belong to an intent."""
        for intent in self.phrases:
            if intent not in self.intents:
                yield "intent", ("phrases", intent), intent
