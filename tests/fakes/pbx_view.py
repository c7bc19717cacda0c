"""Meets acd's PbxView: shows what the test says, as slowly or brokenly as it says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kernel.errors import Refused
from kernel.ids import AgentId
from kernel.seen import AgentMemory, PbxSeen, SeenCall, SeenLeg


class FakePbxView:
    """A PBX to be looked at. Each look takes ``takes_s`` seconds and begins a new epoch."""

    def __init__(self, reachable: Sequence[AgentId] = ()) -> None:
        self.calls: list[SeenCall] = []
        self.legs: list[SeenLeg] = []
        self.memories: list[AgentMemory] = []
        self.reachable = set(reachable)
        self.takes_s = 0.05
        #: So many of the next looks fail.
        self.fails = 0
        self.looks = 0

    async def see(self) -> PbxSeen:
        """Look. Raises Refused while it is to fail."""
        self.looks += 1
        epoch = self.looks
        await asyncio.sleep(self.takes_s)
        if self.fails:
            self.fails -= 1
            raise Refused("no_pbx", "the PBX does not answer")
        return PbxSeen(
            calls=tuple(self.calls),
            legs=tuple(self.legs),
            reachable=frozenset(self.reachable),
            memories=tuple(self.memories),
            epoch=epoch,
        )
