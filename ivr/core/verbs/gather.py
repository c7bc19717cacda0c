"""`gather`: let the caller type digits, a date or an account number."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from ivr.core.check_digits import CHECKS, day
from ivr.core.effects import Listen, Play
from ivr.core.expression import TEXT, Expression, Type
from ivr.core.flow import Path, Prompts, Verb
from ivr.core.inputs import Input, KeyPressed, NoKey
from ivr.core.shapes import Variable
from ivr.core.verbs.menu import listen_after
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Count, Duration, Id, YesNo

_DATE_DIGITS = 8
#: Digits of a relay call are read off a screen and typed in.
_RELAY_PAUSE_S = 10.0

Length = Annotated[Count, Field(ge=1, le=20)]


class Gather(Verb):
    """Takes digits until there are `most`, until `#`, or until a pause; `*` begins anew. A date is DDMMYYYY.

    What the caller typed is in no log, no fact and no recording: calls are recorded only once an agent has answered.
    `secret` marks what no later step may say aloud or send to a service.
    """

    summary: ClassVar[str] = "let the caller type digits, a date (DDMMYYYY) or an account number with a check digit"

    verb: Literal["gather"]
    prompts: Prompts
    variable: Variable
    kind: Literal["digits", "date", "account"] = "digits"
    check: Literal["none", "luhn", "mod11"] = "none"
    least: Length = 1
    most: Length = 20
    tries: Annotated[Count, Field(ge=1, le=9)]
    next: Id
    no_input: Id
    no_match: Id
    #: Until the first digit.
    timeout: Annotated[Duration, Field(ge=1, le=30)] = 5.0
    #: Between digits.
    pause: Annotated[Duration, Field(ge=1, le=10)] = 3.0
    secret: YesNo = False
    interruptible: YesNo = True
    no_input_prompt: Id = "sorry_no_input"
    no_match_prompt: Id = "sorry_no_match"

    @model_validator(mode="after")
    def _lengths(self) -> Gather:
        if self.least > self.most:
            raise ValueError("'least' is more than 'most'")
        if self.check != "none" and self.least < 2:  # noqa: PLR2004 - a digit and its check digit
            raise ValueError("a number with a check digit has at least 2 digits: give 'least'")
        return self

    def enter(self, walk: Walk) -> Turn:
        """Take what was typed ahead, or ask."""
        return self._take(walk) if walk.keys else self._ask(walk)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Take a digit, end at a pause, or ask again."""
        if isinstance(heard, KeyPressed):
            return self._take(dataclasses.replace(walk, keys=heard.key))
        if isinstance(heard, NoKey):
            if walk.digits:
                return self._finish(walk)
            walk = dataclasses.replace(walk, silences=walk.silences + 1)
            tired = walk.tired(walk.silences, self.tries)
            return Go(walk=walk, to=self.no_input) if tired else self._ask(walk, self.no_input_prompt)
        if walk.keys:
            return self._take(walk)
        return listen_after(walk, heard, self.timeout)

    def _ask(self, walk: Walk, *before: str) -> Turn:
        walk = dataclasses.replace(walk, digits="")
        prompts = (*before, *self.prompts)
        return Stay(walk=walk, effect=Play(prompts=prompts, language=walk.language, interruptible=self.interruptible))

    def _take(self, walk: Walk) -> Turn:
        digits, most = walk.digits, _DATE_DIGITS if self.kind == "date" else self.most
        for at, key in enumerate(walk.keys, start=1):
            digits = "" if key == "*" else digits if key == "#" else digits + key
            if key == "#" or len(digits) >= most:
                return self._finish(dataclasses.replace(walk, digits=digits, keys=walk.keys[at:]))
        return Stay(
            walk=dataclasses.replace(walk, digits=digits, keys=""), effect=Listen(seconds=walk.patience(self.pause))
        )

    def _finish(self, walk: Walk) -> Turn:
        value = self._meaning(walk.digits)
        walk = dataclasses.replace(walk, digits="")
        if value is not None:
            return Go(walk=dataclasses.replace(walk, variables={**walk.variables, self.variable: value}), to=self.next)
        # What was typed after a mistake was meant for another place.
        walk = dataclasses.replace(walk, keys="", misses=walk.misses + 1)
        if walk.misses >= self.tries:
            return Go(walk=walk, to=self.no_match)
        return self._ask(walk, self.no_match_prompt)

    def _meaning(self, digits: str) -> str | None:
        if self.kind == "date":
            return day(digits)
        right = self.least <= len(digits) <= self.most and CHECKS[self.check](digits)
        return digits if right else None

    def targets(self) -> dict[str, str]:
        """Typed, silence, and a mistake."""
        return {"next": self.next, "no_input": self.no_input, "no_match": self.no_match}

    def by_itself(self) -> dict[str, str]:
        """Silence."""
        return {"no_input": self.no_input}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """The question and the two apologies."""
        return {
            "prompts": self.prompts,
            "no_input_prompt": (self.no_input_prompt,),
            "no_match_prompt": (self.no_match_prompt,),
        }

    def secrets_set(self) -> Iterator[str]:
        """The variable of a secret input."""
        if self.secret:
            yield self.variable

    def variables_set(self) -> Iterator[tuple[Path, str, Type | Expression]]:
        """What was typed, as text: leading zeros count."""
        yield ("variable",), self.variable, TEXT
