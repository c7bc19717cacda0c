"""What listening to a caller needs of the outside: her sound, an ear for speech, and recognisers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ivr.ports import CallerLine
from kernel.hearing import Reading, SoundEvent


class CallSound(Protocol):
    """One call's sound, both ways, for one turn."""

    @property
    def saying(self) -> bool:
        """Whether a prompt is still going out."""

    def say(self, pcm: bytes, /) -> None:
        """Say these samples from the next 20 ms on."""

    def hush(self) -> None:
        """Stop saying."""

    async def next(self) -> SoundEvent:
        """The next thing that came."""


class SoundLines(Protocol):
    """Opens the sound of a call that is in a flow."""

    def open(self, line: CallerLine, longest_s: float, /) -> AbstractAsyncContextManager[CallSound]:
        """The call's sound while inside; outside the line is the flow's again.

        Raises ``kernel.hearing.NoSound``, and ``kernel.errors.LineGone`` once the caller has gone.
        """


class SpeechDetector(Protocol):
    """How likely each 32 ms of one caller's sound is speech."""

    async def probability(self, pcm: bytes, /) -> float:
        """Of the next 512 bytes, from 0 to 1."""


class Detectors(Protocol):
    """Makes a detector for each turn."""

    def detector(self) -> SpeechDetector:
        """A fresh one. Raises ``kernel.hearing.EngineFailed`` when there is no model."""


class Reader(Protocol):
    """One recogniser, or several as one: speech in, readings out, best first."""

    @property
    def name(self) -> str:
        """Which engine."""

    @property
    def has_room(self) -> bool:
        """Whether one more turn may begin; when not, the caller gets the menu at once."""

    async def read(self, speech: bytes, /) -> tuple[str, Sequence[Reading]]:
        """The engine that read it, and its readings of 16-bit mono samples at 8000 a second.

        No readings: it heard no words. Within its time limit always. Cancelling takes the job back. Raises
        ``kernel.hearing.SpeechFull`` or ``EngineFailed``.
        """


class SoundFiles(Protocol):
    """The prompts as samples."""

    async def pcm(self, sound: str, /) -> bytes | None:
        """The samples of a sound path, None when it cannot be read."""
