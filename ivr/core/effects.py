"""Effects: please do, out of the core. ``ivr/perform.py`` holds the table effect -> function."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import QueueId
from kernel.skill import Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStep:
    """The caller reached this step: let it be known."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these prompts in this language, one after the other; comes back as ``Played`` or ``PlaybackFailed``."""

    prompts: tuple[str, ...]
    language: str
    #: Whether a key ends them.
    interruptible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Wait for one key; comes back as ``KeyPressed`` or ``NoKey``."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """Leave the call waiting for a person. The last effect of a flow."""

    queue: QueueId
    #: Higher first.
    priority: int
    skills: Skills
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call. ``why``: informed or rejected. The last effect of a flow."""

    why: str


Effect = NoteStep | Play | Listen | Enqueue | HangUp
