"""`language`: speak another language from here on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from ivr.core.flow import Path, Verb
from ivr.core.walk import Go, Turn, Walk
from kernel.schema import Id


class Language(Verb):
    """Every prompt from here on, and the announcements while she waits, are in this language."""

    summary: ClassVar[str] = "speak another of the council's languages from here on"

    verb: Literal["language"]
    to: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    next: Id

    def enter(self, walk: Walk) -> Turn:
        """Change it and go on."""
        return Go(walk=dataclasses.replace(walk, language=self.to), to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The language."""
        yield "language", ("to",), self.to
