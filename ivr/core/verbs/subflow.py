"""`subflow`: go through another flow and come back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar, Literal

from ivr.core.flow import Path, Verb
from ivr.core.walk import Frame, Go, Turn, Walk
from kernel.schema import Id


class Subflow(Verb):
    """Goes through a flow of the council or of `_shared/flows/`. A step of it whose next is `return` comes back."""

    summary: ClassVar[str] = "go through another flow; a step of it whose next is `return` comes back here"

    verb: Literal["subflow"]
    flow: Id
    next: Id

    def enter(self, walk: Walk) -> Turn:
        """Enter the piece at its start."""
        piece = walk.flow.pieces[self.flow]
        frames = (*walk.frames, Frame(flow=walk.flow, next=self.next))
        return Go(walk=dataclasses.replace(walk, flow=piece, frames=frames), to=piece.start)

    def targets(self) -> dict[str, str]:
        """Where it goes on afterwards."""
        return {"next": self.next}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The flow."""
        yield "flow", ("flow",), self.flow
