"""Files the audio of a call when it ends: measures it, tells of it, sweeps empty files, alarms when it is missing."""

from __future__ import annotations

import asyncio

import structlog

from kernel.facts import ContactAnswered, ContactEnded, Fact, RecordingFiled
from kernel.ids import ContactId
from recordings.core.naming import MIX, read_name
from recordings.ports import AudioFolder, Clock, FactSink

log = structlog.get_logger()

#: The PBX finishes a file behind the hang-up, on the recorder's own thread. An answered call without audio by then is
#: an alarm (P5: within ten seconds).
_WAIT_S = 8.0
_POLL_S = 0.1
#: Each look lists the folder, which grows: a call whose audio does not come is looked for ever less often.
_LONGEST_POLL_S = 1.0


class Recorder:
    """Listens to facts; knows which contacts were answered; files each once."""

    def __init__(self, folder: AudioFolder, facts: FactSink, clock: Clock) -> None:
        self._folder = folder
        self._facts = facts
        self._clock = clock
        self._answered: dict[ContactId, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, fact: Fact) -> None:
        """Take note of a fact; a call that ended is filed in the background."""
        if isinstance(fact, ContactAnswered):
            self._answered[fact.call] = self._answered.get(fact.call, 0) + 1
        elif isinstance(fact, ContactEnded):
            task = asyncio.get_running_loop().create_task(self._file(fact.call, self._answered.pop(fact.call, 0)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until everything that ended is filed."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _file(self, contact: ContactId, joins: int) -> None:
        try:
            filed = await self._measure(contact, joins)
        except OSError:
            log.exception("ALARM: a recording cannot be read", call=contact)
            return
        for seconds in filed:
            self._facts.publish(RecordingFiled(t=self._clock.now(), call=contact, seconds=round(seconds, 3)))
        if len(filed) < joins:
            log.error("ALARM: an answered call has no recording", call=contact, joins=joins, filed=len(filed))

    async def _measure(self, contact: ContactId, joins: int) -> list[float]:
        """Lengths of the joins' mixes once all are finished; empty files (offers nobody answered) are deleted."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _WAIT_S
        before: dict[str, float | None] = {}
        pause = _POLL_S
        while True:
            names = list(self._folder.of(contact))
            lengths = {name: self._folder.seconds(name) for name in names}
            mixes = [length for name, length in lengths.items() if length and (s := read_name(name)) and s.side == MIX]
            # Twice the same: a file that still grows is not finished, whatever its header says.
            unfinished = lengths != before or None in lengths.values() or len(mixes) < joins
            before = lengths
            if not unfinished or loop.time() > deadline:
                for name, length in lengths.items():
                    if length == 0:
                        self._folder.delete(name)
                return mixes
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_POLL_S)
