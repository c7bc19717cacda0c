"""Inputs: what the caller did, or what became of a prompt, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.hours import Override
from kernel.ids import QueueId
from kernel.meaning import Meaning
from kernel.needs import Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The call entered the flow. ``typed``: keys pressed before the flow could listen."""

    # repr=False: keys are personal data and a repr ends up in logs.
    typed: str = field(default="", repr=False)
    needs: frozenset[Need] = frozenset()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAround:
    """What the world is like just now. A queue nobody can tell about is absent."""

    #: Unix seconds.
    now: float
    waiting: Mapping[QueueId, int] = field(default_factory=dict)
    #: Agents who could take a call of this queue now.
    staff: Mapping[QueueId, int] = field(default_factory=dict)
    #: Short-notice overrides in force, by name of the hours.
    notices: Mapping[str, tuple[Override, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """The service knows the key: field -> text."""

    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingFound:
    """The service answered that it does not know the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The caller said something that means something. Without a ``meaning`` the intent is certain."""

    intent: str
    meaning: Meaning = field(default_factory=Meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """The caller said something that is none of the intents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackOffered:
    """This number may be rung back, if she agrees."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was asked of the outside was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """What was asked of the outside failed, took too long, or there is nothing here that could do it."""


Input = (
    Began
    | Played
    | KeyPressed
    | NoKey
    | PlaybackFailed
    | LookedAround
    | LookedUp
    | NothingFound
    | Understood
    | NotUnderstood
    | CallbackOffered
    | Done
    | NotDone
)
