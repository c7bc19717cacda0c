"""What a new engine takes over of calls under way: the watch over their recorders, and whose calls they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from kernel.errors import GuildhallError
from kernel.facts import EngineChanged, Fact
from kernel.seen_recording import CallerKnown, RunningRecorder
from recordings.live_ports import LiveCalls
from recordings.recorder import Recorder

log = structlog.get_logger()


class Running(Protocol):
    """What the PBX's channels tell of recorders."""

    async def running(self) -> tuple[Sequence[RunningRecorder], Sequence[CallerKnown]]:
        """The recorders that run, and whose calls there are. Raises ``GuildhallError``."""
        ...


class TakingOver:
    """Looks once each time the engine has seen the PBX; what it looks after already it passes over."""

    def __init__(
        self, running: Running, calls: LiveCalls, recorder: Recorder, known: Callable[[CallerKnown], None]
    ) -> None:
        self._running, self._calls, self._recorder, self._known = running, calls, recorder, known
        self._looking: asyncio.Task[None] | None = None

    def hear(self, fact: Fact) -> None:
        """The engine has reconciled: its calls are the PBX's."""
        if isinstance(fact, EngineChanged) and fact.state == "up":
            self._looking = asyncio.get_running_loop().create_task(self.look())

    async def look(self) -> None:
        """Take over what runs. A PBX that cannot be asked is asked again when the engine has reconciled again."""
        try:
            recorders, known = await self._running.running()
        except GuildhallError as error:
            log.warning("recorders that run cannot be seen", code=error.code)
            return
        for caller in known:
            self._known(caller)
        for one in recorders:
            # A recorder stays on the channel of a caller who waits again: only in a talk it ought to write.
            call = self._calls.of_contact(one.contact)
            if call is not None and call.agent is not None:
                self._recorder.take_over(one, call.agent)
