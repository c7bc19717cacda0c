"""Watches whether steering gets worse: reviews the week beside the engine, four times a day, and raises an alarm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from guildhall.own_command import run_own
from kernel.facts import AlarmRaised, Fact
from kernel.ids import TenantId

log = structlog.get_logger()

#: The first look: nobody waits for it, and a start has other things to do.
_FIRST_S, _EVERY_S = 600.0, 6 * 3600.0
#: The same alarm of a council is told once a week.
_AGAIN_S = 7 * 86400.0
#: A month of a large county takes seconds.
_LIMIT_S = 300.0

#: What `guildhall steer review --json` prints.
Reviews = Sequence[Mapping[str, Any]]


class Clock(Protocol):
    """The one clock of the house."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class FactSink(Protocol):
    """Where facts go."""

    def publish(self, fact: Fact, /) -> None:
        """Tell the world."""
        ...


async def reviewed() -> Reviews:
    """Ask the command line: 70,000 calls' facts are not read on the loop that carries calls. Raises ``OSError``."""
    ran = await run_own("steer", "review", "--json", "--no-words", within_s=_LIMIT_S)
    found: Reviews = json.loads(ran.out)
    return found


class DriftWatch:
    """``run`` it beside the engine; ``standing`` is for `guildhall status`."""

    def __init__(self, facts: FactSink, clock: Clock, review: Callable[[], Awaitable[Reviews]] = reviewed) -> None:
        self._facts, self._clock, self._review = facts, clock, review
        self._told: dict[str, float] = {}
        #: Council -> what got worse, as of the last look.
        self.standing: dict[str, str] = {}

    async def run(self) -> None:
        """Look for ever."""
        await asyncio.sleep(_FIRST_S)
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Look once. Never raises but for cancellation: calls go on whatever the review does."""
        try:
            worse = {str(one["council"]): what for one in await self._review() if (what := _worse(one))}
        except Exception as error:  # noqa: BLE001 - a review that fails is looked at again later
            log.warning("steering could not be reviewed", error=type(error).__name__)
            return
        self.standing = worse
        now = self._clock.now()
        for council, what in worse.items():
            if now - self._told.get(council, float("-inf")) < _AGAIN_S:
                continue
            self._told[council] = now
            log.error("ALARM: steering got worse", council=council, what=what)
            self._facts.publish(AlarmRaised(t=now, what="steering_drift", council=TenantId(council), detail=what))


def _worse(one: Mapping[str, Any]) -> str:
    """Which shares rose, and from what to what; "" when none did."""
    return ", ".join(f"{d['share']} {d['before']:.1%} -> {d['now']:.1%}" for d in one["drift"] if d["alarm"])
