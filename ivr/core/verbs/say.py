"""`say`: speak a text, with values in it if need be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ivr.core.effects import Play as PlayEffect
from ivr.core.effects import Say as SayEffect
from ivr.core.expression import Expression, Type, read
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input
from ivr.core.known import known_values
from ivr.core.spoken import FORMS, places, spoken
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.said import PLACE, changes, prompt_of
from kernel.schema import Id, YesNo, did_you_mean


def _places(text: str) -> str:
    rest = PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a place is written {name} or {name:form}")
    for name, form in places(text):
        read(name)
        if form not in FORMS:
            raise ValueError(f"unknown form '{form}': {did_you_mean(form, FORMS)}")
    return text


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_places)]


class Say(Verb):
    """Speaks a text by synthesis. One without places is made into a file beforehand, like any prompt.

    `{amount:money}` takes pence, `{day:date}` a date as `gather` gives it, `{account:digits}` says digit by digit. A
    text with a value that is not known is passed over.
    """

    summary: ClassVar[str] = "speak a text; `{name:form}` is a value (forms: digits, number, money, date, time)"

    verb: Literal["say"]
    text: Annotated[dict[Language, Text], Field(min_length=1)]
    next: Id
    interruptible: YesNo = True

    def enter(self, walk: Walk) -> Turn:
        """Speak; a caller who has typed ahead is not made to hear it."""
        if self.interruptible and walk.keys:
            return Go(walk=walk, to=self.next)
        if not changes(self.text):
            prompt = prompt_of(self.text)
            effect = PlayEffect(prompts=(prompt,), language=walk.language, interruptible=self.interruptible)
            return Stay(walk=walk, effect=effect)
        words = self.text.get(walk.language) or next(iter(self.text.values()))
        text = spoken(words, known_values(walk, None), walk.language)
        if text is None:
            return Go(walk=walk, to=self.next)
        return Stay(walk=walk, effect=SayEffect(text=text, language=walk.language, interruptible=self.interruptible))

    def react(self, walk: Walk, heard: Input) -> Turn:  # noqa: ARG002 - spoken or failed, the flow goes on
        """Go on."""
        return Go(walk=walk, to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """Each place is an expression of one name."""
        for language, text in self.text.items():
            for name, form in places(text):
                yield ("text", language), read(name), FORMS[form][1]
