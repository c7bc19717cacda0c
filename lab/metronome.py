"""One beat each 20 ms for all calls of this process: 200 timers would starve two cores, one does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

Beat = Callable[[], None]

PERIOD_S = 0.020
#: Further behind than this, beats are dropped instead of sent in a burst.
_GIVE_UP_S = 0.2


class Metronome:
    """Calls every member once a period; runs only while it has members."""

    def __init__(self) -> None:
        self._members: dict[Beat, None] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, beat: Beat) -> None:
        """Call ``beat`` from now on. It must be quick and must not raise."""
        self._members[beat] = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="lab-metronome")

    def leave(self, beat: Beat) -> None:
        """Stop calling ``beat``; no harm when it never joined."""
        self._members.pop(beat, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._members:
            for beat in tuple(self._members):
                beat()
            due += PERIOD_S
            late = loop.time() - due
            if late > _GIVE_UP_S:
                due += late
            await asyncio.sleep(max(0.0, -late))


_METRONOMES: WeakKeyDictionary[asyncio.AbstractEventLoop, Metronome] = WeakKeyDictionary()


def metronome() -> Metronome:
    """The running loop's metronome."""
    return _METRONOMES.setdefault(asyncio.get_running_loop(), Metronome())
