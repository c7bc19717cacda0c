"""A call's sound by script on virtual time, an ear that knows speech by its loudness, and a recogniser by script."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from ivr.ports import CallerLine
from kernel.errors import LineGone
from kernel.hearing import KeyDown, NoSound, Reading, SoundEvent, SoundOver, Spoken

FRAME_S, FRAME_BYTES = 0.02, 320
LOUD, QUIET = b"\x00\x10" * 160, bytes(FRAME_BYTES)
#: A prompt of so many seconds has this path: "prompt-2".
Said = tuple[float, str]


class ScriptedSound:
    """Meets ``ivr.hearing_ports.CallSound``.

    ``script``: (seconds, what), where what is "speech", "silence", "nothing", "key 5" or "torn".
    """

    def __init__(self, script: Sequence[Said]) -> None:
        #: (seconds since the first was asked for, what comes then).
        self._coming = deque(_timeline(script))
        self._began: float | None = None
        self._last = 0.0
        self._left = 0.0
        self._since = 0.0
        #: Seconds of prompt that went out before it was stopped.
        self.said_s = 0.0

    @property
    def saying(self) -> bool:
        """Whether a prompt is going out, by the loop's clock."""
        return self._left > 0 and _now() - self._since < self._left

    def say(self, pcm: bytes) -> None:
        """Begin a prompt."""
        self._left, self._since = len(pcm) / 16000, _now()

    def hush(self) -> None:
        """Stop it."""
        self.said_s, self._left = min(self._left, _now() - self._since), 0.0

    async def next(self) -> SoundEvent:
        """The next event of the script, in its time."""
        if self._began is None:
            self._began = _now()
        at, event = self._coming[0] if self._coming else (self._last + FRAME_S, Spoken(pcm=QUIET))
        await asyncio.sleep(max(0.0, self._began + at - _now()))
        # Taken only now: whoever stopped waiting has lost nothing.
        if self._coming:
            self._coming.popleft()
        self._last = at
        return event


def _timeline(script: Sequence[Said]) -> Iterator[tuple[float, SoundEvent]]:
    at = 0.0
    for seconds, what in script:
        if what.startswith("key "):
            yield at, KeyDown(key=what[-1])
        elif what == "torn":
            yield at, SoundOver()
        elif what == "nothing":
            at += seconds
        else:
            for _ in range(round(seconds / FRAME_S)):
                at += FRAME_S
                yield at, Spoken(pcm=LOUD if what == "speech" else QUIET)
    yield at + FRAME_S, Spoken(pcm=QUIET)


class ScriptedLines:
    """Meets ``ivr.hearing_ports.SoundLines``; ``refuses``: no sound at all; ``gone``: the caller hangs up with it."""

    def __init__(self, sound: ScriptedSound, *, refuses: bool = False, gone: bool = False) -> None:
        self.sound, self.refuses, self.gone = sound, refuses, gone

    @asynccontextmanager
    async def open(self, _line: CallerLine, _longest_s: float) -> AsyncIterator[ScriptedSound]:
        """The sound."""
        if self.refuses:
            raise NoSound("refused", "no sound")
        try:
            yield self.sound
        except NoSound:
            if self.gone:
                raise LineGone("line_gone", "hung up") from None
            raise


class LoudnessDetectors:
    """Meets ``ivr.hearing_ports.Detectors``."""

    def detector(self) -> LoudnessDetectors:
        """It has no memory."""
        return self

    async def probability(self, pcm: bytes) -> float:
        """Loud is speech."""
        return 0.95 if any(pcm) else 0.02


class ScriptedReader:
    """Meets ``ivr.hearing_ports.Reader``: ``texts`` one after another, the last one again; an error is raised."""

    name = "script"

    def __init__(self, *texts: str | Exception, takes_s: float = 0.4, confidence: float = 0.9) -> None:
        self.has_room = True
        self.is_idle = True
        self.asked: list[float] = []
        self.taken_back = 0
        self._texts = deque(texts)
        self._takes_s, self._confidence = takes_s, confidence

    async def read(self, speech: bytes) -> tuple[str, Sequence[Reading]]:
        """Take its time, then say the next text."""
        self.asked.append(len(speech) / 16000)
        try:
            await asyncio.sleep(self._takes_s)
        except asyncio.CancelledError:
            self.taken_back += 1
            raise
        text = self._texts.popleft() if len(self._texts) > 1 else self._texts[0]
        if isinstance(text, Exception):
            raise text
        return self.name, (Reading(text=text, confidence=self._confidence),) if text else ()


class SilentFiles:
    """Meets ``ivr.hearing_ports.SoundFiles``: ``prompt-2`` is two seconds long; others are not there."""

    async def pcm(self, sound: str) -> bytes | None:
        """Loud samples."""
        _, _, seconds = sound.partition("prompt-")
        return b"\0\1" * round(float(seconds) * 8000) if seconds else None


def _now() -> float:
    return asyncio.get_running_loop().time()
