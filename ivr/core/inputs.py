"""Inputs: what the caller did, or what became of a prompt, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The call entered the flow. ``typed``: keys pressed before the flow could listen."""

    # repr=False: keys are personal data and a repr ends up in logs.
    typed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The prompts were played to their end, or ``keys`` interrupted them."""

    keys: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed:
    """The caller pressed one key while we listened."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoKey:
    """The time to listen ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFailed:
    """The prompts could not be played: files missing or unreadable. The caller is still there and heard nothing."""


Input = Began | Played | KeyPressed | NoKey | PlaybackFailed
