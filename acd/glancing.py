"""A glance at the PBX every few seconds: an event that never came is noticed without anybody waiting for it."""

from __future__ import annotations

import asyncio

import structlog

from acd.core.gaps import gaps
from acd.engine import Engine
from acd.ports import PbxGlance
from kernel.errors import GuildhallError

log = structlog.get_logger()

#: Seconds between two glances, and before the second one that must show the same. One list of channels each: 504 calls
#: took Asterisk and us 33 to 104 ms together.
EVERY_S, AGAIN_S = 5.0, 1.0
#: A difference that a look did not mend is told again only after so long: looking each time would mend nothing more.
_TOLD_AGAIN_S = 60.0


class Glancing:
    """Compares, and asks the engine for a look when the same gap shows twice. Decides nothing itself."""

    def __init__(self, engine: Engine, pbx: PbxGlance) -> None:
        self._engine, self._pbx = engine, pbx
        self._told: dict[str, float] = {}

    async def run(self) -> None:
        """Glance for ever; cancel to stop."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.glance()

    async def glance(self) -> bool:
        """Glance once, and again when something differs; whether the engine was asked to look."""
        first = await self._differences()
        if not first:
            return False
        await asyncio.sleep(AGAIN_S)
        now = asyncio.get_running_loop().time()
        both = {gap for gap in first & await self._differences() if self._told.get(gap, -_TOLD_AGAIN_S) <= now}
        if not both:
            return False
        self._told = {gap: at for gap, at in self._told.items() if at > now} | dict.fromkeys(both, now + _TOLD_AGAIN_S)
        # Kinds only; a busy hour may have many.
        kinds = sorted({gap.partition(" ")[0] for gap in both})
        log.warning("the PBX shows what no event told: looking", gaps=len(both), kinds=kinds)
        self._engine.doubt()
        return True

    async def _differences(self) -> frozenset[str]:
        """Nothing while a look is under way or the link is down: the look knows better."""
        if not self._deciding():
            return frozenset()
        try:
            calls, legs = await self._pbx.glance()
        except (GuildhallError, TimeoutError, OSError) as error:
            log.warning("the PBX could not be glanced at", error=type(error).__name__)
            return frozenset()
        return gaps(self._engine.world, calls, legs) if self._deciding() else frozenset()

    def _deciding(self) -> bool:
        return self._engine.world.deciding
