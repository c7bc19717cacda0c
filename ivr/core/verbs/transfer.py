"""`transfer`: give the caller to an outside number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.effects import Transfer as TransferEffect
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Duration, Id


class Transfer(Verb):
    """Rings a number of `transfer_to:` in `tenant.yaml`, by its name there; no other number can be reached.

    Comes to `failed` when nobody answers, or when nothing here can transfer.
    """

    summary: ClassVar[str] = "join the caller with an outside number, one of `transfer_to:` in `tenant.yaml`"

    verb: Literal["transfer"]
    to: Id
    failed: Id
    #: Ofcom: ring for at least 15 seconds.
    ring: Annotated[Duration, Field(ge=15, le=60)] = 30.0

    def enter(self, walk: Walk) -> Turn:
        """Ring it."""
        return Stay(walk=walk, effect=TransferEffect(to=walk.flow.transfer_to[self.to], ring_s=self.ring))

    def react(self, walk: Walk, heard: Input) -> Turn:  # noqa: ARG002 - whatever came back, she is not joined
        """Nobody answered."""
        return Go(walk=walk, to=self.failed)

    def targets(self) -> dict[str, str]:
        """Where she goes when nobody answers."""
        return {"failed": self.failed}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The number's name."""
        yield "transfer", ("to",), self.to
