"""Messages that callers leave: recorded by the PBX into a file of their own, told of by a fact."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from ivr.ports import CallerLine, Clock, FactSink
from kernel.errors import LineGone
from kernel.facts import MessageLeft
from kernel.ids import ContactId, TenantId

log = structlog.get_logger()

#: Shorter is a hang-up or a cough, and is not kept.
LEAST_S = 1.0
#: So much silence ends a message.
SILENCE_S = 5.0
#: A caller who hangs up leaves a file that the PBX is still closing.
_SETTLE_S, _LOOKS = 0.1, 20


class MessageFiles(Protocol):
    """Where the PBX writes messages, as this process sees it."""

    def seconds(self, name: str, /) -> float | None:
        """How long the message is; None when there is none of that name."""

    def remove(self, name: str, /) -> None:
        """Remove it; harmless when it is not there."""


class MessageBoxes:
    """Meets ``ivr.ports.Messages``."""

    def __init__(self, files: MessageFiles, facts: FactSink, clock: Clock, tone: str) -> None:
        """``tone``: path of what is played when the caller may speak."""
        self._files, self._facts, self._clock, self._tone = files, facts, clock, tone

    async def record(self, line: CallerLine, box: str, longest_s: float) -> bool:
        """Record until a key, silence or the limit; whether the message is kept. A hang-up keeps it too."""
        # The file's name holds our own ids only (SECURITY V05); two messages of one call differ by their second.
        name = f"{line.contact}-{int(self._clock.now())}"
        await line.play([self._tone], interruptible=False)
        # Said before: a caller who hangs up while she speaks ends her call by a message, not in abandonment.
        await line.user_event("GuildhallOutcome", {"Contact": line.contact, "Why": "voicemail"})
        try:
            await line.record(name, longest_s, SILENCE_S)
        except LineGone:
            await self._settled(name)
            self._keep(line, box, name)
            raise
        kept = self._keep(line, box, name)
        if not kept:
            await line.user_event("GuildhallOutcome", {"Contact": line.contact, "Why": "none"})
        return kept

    async def _settled(self, name: str) -> None:
        last: float | None = None
        for _ in range(_LOOKS):
            await asyncio.sleep(_SETTLE_S)
            now = self._files.seconds(name)
            if now is not None and now == last:
                return
            last = now

    def _keep(self, line: CallerLine, box: str, name: str) -> bool:
        seconds = self._files.seconds(name) or 0.0
        if seconds < LEAST_S:
            self._files.remove(name)
            return False
        self._facts.publish(
            MessageLeft(
                t=self._clock.now(),
                call=ContactId(line.contact),
                council=TenantId(line.tenant),
                box=box,
                seconds=round(seconds, 2),
                name=name,
            )
        )
        return True
