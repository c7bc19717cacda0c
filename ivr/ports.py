"""What a call in a flow needs of the outside: a line, prompts that can be played, a sink for facts, a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kernel.facts import Fact


class CallerLine(Protocol):
    """One caller's telephone line. Every method raises ``kernel.errors.LineGone`` once the line is no longer ours."""

    @property
    def contact(self) -> str:
        """The contact's id."""

    @property
    def tenant(self) -> str:
        """The council whose number was dialled."""

    @property
    def number(self) -> str:
        """The council's number that was dialled (not the caller's)."""

    async def answer(self) -> None:
        """Answer; nothing happens when it is answered."""

    async def play(self, sounds: Sequence[str], /, *, interruptible: bool) -> str:
        """Play sound paths (without extension) in order; return the keys pressed meanwhile.

        A key ends an interruptible playback at once. Raises ``kernel.errors.PlaybackFailed`` when a sound cannot be
        played.
        """

    async def listen(self, seconds: float, /) -> str | None:
        """Wait for one key, at most so long; None when none came."""

    async def set_variables(self, variables: Mapping[str, str], /) -> None:
        """Write variables onto the caller's channel, in the order given."""

    async def user_event(self, name: str, fields: Mapping[str, str], /) -> None:
        """Say something aloud on the PBX."""


class SoundPaths(Protocol):
    """Where prompts lie."""

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        """The path without extension as the PBX sees it, or None when there is no such prompt in any language."""


class FactSink(Protocol):
    """Where facts go; never waits and never fails."""

    def publish(self, fact: Fact, /) -> None:
        """Tell the world what happened."""


class Clock(Protocol):
    """The one clock of the house."""

    def now(self) -> float:
        """Unix seconds; never runs backwards."""
