"""The worker: learns which calls were filed, and takes every recording through its life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn

import structlog

from kernel.ids import ContactId
from recordings.erasing import Eraser
from recordings.intake import Intake, Taken
from recordings.pipeline import Pipeline
from recordings.ports import Clock, FiledCalls, Vault

log = structlog.get_logger()

#: Facts reach the store in batches of 0.2 s: a call is asked for again until its end stands there.
_ASK_AGAIN_S = 1.0
#: After that a call is left to the sweep.
_MOST_ASKED = 120
_SWEEP_EVERY_S = 300.0
#: P24: gone within 24 hours of its day.
_RETENTION_EVERY_S = 3600.0


class RecordingsService:
    """``run`` it until cancelled. One a folder of recordings; it may be killed at any instant."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        intake: Intake,
        pipeline: Pipeline,
        eraser: Eraser,
        vault: Vault,
        clock: Clock,
        filed: FiledCalls,
        *,
        rest_s: float = 5.0,
    ) -> None:
        """``rest_s``: how long it waits after anything unexpected."""
        self._intake = intake
        self._pipeline = pipeline
        self._eraser = eraser
        self._vault = vault
        self._clock = clock
        self._filed, self._rest_s = filed, rest_s
        self._asked: dict[ContactId, int] = {}

    async def run(self) -> NoReturn:
        """Work until cancelled. Nothing that goes wrong ends it: what is not done now is done later."""
        while not await asyncio.to_thread(self._vault.claim):
            # Two workers would seal the same recording twice, and the second seal would not match the catalogue.
            log.warning("another worker has the vault")
            await asyncio.sleep(self._rest_s)
        next_sweep = next_retention = self._clock.now()
        await self._careful(self._clean)
        while True:
            # Before the sweep: what is filed while it looks is told by the next take-in.
            await self._careful(self._take_in)
            now = self._clock.now()
            if now >= next_sweep and await self._careful(self.sweep):
                next_sweep = now + _SWEEP_EVERY_S
            if now >= next_retention and await self._careful(self.retention) is not None:
                next_retention = now + _RETENTION_EVERY_S
            if not await self._careful(self._pipeline.step):
                await asyncio.sleep(_ASK_AGAIN_S)

    async def sweep(self) -> bool:
        """Ask for every contact that has files: what a kill, a full queue or a late file left behind."""
        for contact in await self._intake.contacts():
            if await self._careful(partial(self._intake.take_in, contact)) is Taken.CLOSING:
                self._asked.setdefault(contact, 0)
        return True

    async def retention(self) -> int:
        """Delete what is past its last day and not held; how many recordings that were."""
        return await self._eraser.retention()

    async def settle(self) -> None:
        """Do all there is to do now, and return; for the command line and tests."""
        await self.sweep()
        while await self._pipeline.step():
            pass

    async def _take_in(self) -> None:
        # The fact follows the measuring: from then on the files are ours.
        for contact in await self._filed.newly_filed():
            self._asked.setdefault(contact, 0)
        for contact, asked in list(self._asked.items()):
            # Counted first: one that nobody can take in must not be asked for ever, nor hold up those behind it.
            self._asked[contact] = asked + 1
            taken = await self._careful(partial(self._intake.take_in, contact))
            if taken is Taken.IN or asked >= _MOST_ASKED:
                self._asked.pop(contact, None)

    async def _clean(self) -> None:
        left = await asyncio.to_thread(self._vault.sweep)
        if left:
            log.info("half-written seals removed", count=left)

    async def _careful(self, step: Callable[[], Awaitable[object]]) -> object:
        """Do a step; what it throws is logged, and the worker rests a moment. Cancellation passes."""
        try:
            return await step()
        except Exception:
            log.exception("the recordings' worker stumbled; it goes on")
            await asyncio.sleep(self._rest_s)
            return None
