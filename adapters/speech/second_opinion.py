"""Two engines as one reader: the second is asked when the first is unsure, hears nothing, fails or is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from adapters.speech.joined import joined
from kernel.hearing import EngineFailed, Reading, SpeechFull

log = structlog.get_logger()


class Reader(Protocol):
    """As ``ivr.hearing_ports.Reader``."""

    @property
    def name(self) -> str:
        """Which engine."""

    @property
    def has_room(self) -> bool:
        """Whether a job would be taken."""

    @property
    def is_idle(self) -> bool:
        """Whether a job would begin at once."""

    async def read(self, speech: bytes, /) -> tuple[str, Sequence[Reading]]:
        """Readings, best first."""


class SecondOpinion:
    """Asks ``first``; asks ``second`` when the best reading is below ``sure``, and joins what both say (``joined``).

    ``sure_when_busy``: the same while the second engine has work already. Its opinion is then worth a wait only where
    the first one is lost. ``within_s``: how long both together may take; what the first one read is then good enough.
    ``takes_s``: what the second needs at the least; with less left it is not asked.
    """

    def __init__(  # noqa: PLR0913 - two engines and the four figures of the rule
        self,
        first: Reader,
        second: Reader,
        *,
        sure: float,
        sure_when_busy: float,
        within_s: float = 30.0,
        takes_s: float = 0.0,
    ) -> None:
        self.first, self.second = first, second
        self.sure, self.sure_when_busy = sure, sure_when_busy
        self.within_s, self.takes_s = within_s, takes_s
        self.name = f"{first.name}+{second.name}"

    @property
    def is_idle(self) -> bool:
        """Whether the first engine would begin at once."""
        return self.first.is_idle

    @property
    def has_room(self) -> bool:
        """Whether either would take a job."""
        return self.first.has_room or self.second.has_room

    async def read(self, speech: bytes) -> tuple[str, Sequence[Reading]]:
        """See the port. Raises ``SpeechFull`` when both are full, ``EngineFailed`` when neither can."""
        clock = asyncio.get_running_loop().time
        until = clock() + self.within_s
        try:
            engine, readings = await self.first.read(speech)
        except (EngineFailed, SpeechFull) as error:
            log.warning("the second engine reads alone", first=self.first.name, code=error.code)
            return await self._alone(speech, error)
        sure = self.sure if self.second.is_idle else self.sure_when_busy
        if readings and (readings[0].confidence >= sure or until - clock() < self.takes_s):
            return engine, readings
        try:
            # Without a word of the first one's there is nothing to go on with: the second has its own limit then.
            async with asyncio.timeout_at(until if readings else None):
                other, second = await self.second.read(speech)
        except TimeoutError:
            log.info("no second opinion in time", second=self.second.name)
            return engine, readings
        except (EngineFailed, SpeechFull) as error:
            log.info("no second opinion", second=self.second.name, code=error.code)
            return engine, readings
        return joined(engine, readings, other, second)

    async def _alone(self, speech: bytes, first: EngineFailed | SpeechFull) -> tuple[str, Sequence[Reading]]:
        try:
            return await self.second.read(speech)
        except EngineFailed:
            # Full is the truer word when one engine is only busy.
            raise first from None
