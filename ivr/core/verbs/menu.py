"""`menu`: say the choices, take one key."""

from __future__ import annotations

import dataclasses
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from ivr.core.effects import Listen, Play
from ivr.core.flow import Prompts, Verb
from ivr.core.inputs import Input, KeyPressed, NoKey, PlaybackFailed
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Count, Duration, Id, YesNo

#: A caller who heard nothing, because the prompt failed, is not left in silence for longer (never dead air: 3 s).
SILENT_LISTEN_S = 2.0

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Keys = Annotated[dict[Key, Id], Field(min_length=1)]


def listen_after(walk: Walk, heard: Input, timeout: float) -> Stay:
    """Listen for so many seconds, or as many more as this caller needs; not for so long after a prompt that failed."""
    seconds = walk.patience(timeout)
    silent = isinstance(heard, PlaybackFailed)
    return Stay(walk=walk, effect=Listen(seconds=min(seconds, SILENT_LISTEN_S) if silent else seconds))


class Menu(Verb):
    """Offers choices by key. Words after VoiceXML: no input is silence, no match is a key that is not on offer.

    Each of the two is counted by itself; a retry says which it was and repeats the choices. A key typed ahead is
    taken at once; a wrong one drops what was typed after it, which was meant for somewhere else.
    """

    summary: ClassVar[str] = "say the choices, take one key; silence and wrong keys have their own way out"

    verb: Literal["menu"]
    prompts: Prompts
    keys: Keys
    no_input: Id
    no_match: Id
    tries: Annotated[Count, Field(ge=1, le=9)]
    timeout: Annotated[Duration, Field(ge=1, le=30)] = 5.0
    interruptible: YesNo = True
    #: Said before the choices are repeated.
    no_input_prompt: Id = "sorry_no_input"
    no_match_prompt: Id = "sorry_no_match"

    def enter(self, walk: Walk) -> Turn:
        """Take the key typed ahead, or say the choices."""
        if walk.keys:
            return self._choose(dataclasses.replace(walk, keys=walk.keys[1:]), walk.keys[0])
        return self._say(walk)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Choose, listen or try again."""
        if isinstance(heard, KeyPressed):
            return self._choose(walk, heard.key)
        if isinstance(heard, NoKey):
            walk = dataclasses.replace(walk, silences=walk.silences + 1)
            if walk.tired(walk.silences, self.tries):
                return Go(walk=walk, to=self.no_input)
            return self._say(walk, self.no_input_prompt)
        if walk.keys:
            return self.enter(walk)
        return listen_after(walk, heard, self.timeout)

    def _choose(self, walk: Walk, key: str) -> Turn:
        if key in self.keys:
            return Go(walk=walk, to=self.keys[key])
        walk = dataclasses.replace(walk, keys="", misses=walk.misses + 1)
        if walk.misses >= self.tries:
            return Go(walk=walk, to=self.no_match)
        return self._say(walk, self.no_match_prompt)

    def _say(self, walk: Walk, *before: str) -> Turn:
        prompts = (*before, *self.prompts)
        return Stay(walk=walk, effect=Play(prompts=prompts, language=walk.language, interruptible=self.interruptible))

    def targets(self) -> dict[str, str]:
        """Every key, silence and a wrong key."""
        keys = {f"keys.{key}": step for key, step in self.keys.items()}
        return {**keys, "no_input": self.no_input, "no_match": self.no_match}

    def by_itself(self) -> dict[str, str]:
        """Silence."""
        return {"no_input": self.no_input}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """The choices and the two apologies."""
        return {
            "prompts": self.prompts,
            "no_input_prompt": (self.no_input_prompt,),
            "no_match_prompt": (self.no_match_prompt,),
        }
