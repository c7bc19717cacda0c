"""What a call in a flow needs of the outside: a line, prompts that can be played, a sink for facts, a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.facts import Fact
from kernel.hearing import Ask, Heard, TurnEnd
from kernel.hours import Override
from kernel.ids import QueueId
from kernel.meaning import Meaning
from kernel.needs import Need
from kernel.number import Dialled


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

    @property
    def caller(self) -> str:
        """The caller's number as the carrier gave it: personal, possibly forged, withheld or no number at all."""

    @property
    def relay(self) -> bool:
        """Whether a relay assistant speaks for a caller who types (Relay UK: 18001, 18002)."""

    async def answer(self) -> None:
        """Answer; nothing happens when it is answered."""

    async def play(self, sounds: Sequence[str], /, *, interruptible: bool) -> str:
        """Play sound paths (without extension) in order; return the keys pressed meanwhile.

        A key ends an interruptible playback at once. Raises ``kernel.errors.PlaybackFailed`` when a sound cannot be
        played.
        """

    async def listen(self, seconds: float, /) -> str | None:
        """Wait for one key, at most so long; None when none came."""

    async def record(self, name: str, longest_s: float, silence_s: float, /) -> None:
        """Record what the caller says as the message ``name``, until a key, so much silence or the limit."""

    async def reach(self, number: Dialled, ring_s: float, shown: str, /) -> str:
        """Ring an outside number, showing ``shown``, and join it with the caller. Returns how that failed."""

    async def set_variables(self, variables: Mapping[str, str], /) -> None:
        """Write variables onto the caller's channel, in the order given."""

    async def user_event(self, name: str, fields: Mapping[str, str], /) -> None:
        """Say something aloud on the PBX."""


class SoundPaths(Protocol):
    """Where prompts lie."""

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        """The path without extension as the PBX sees it, or None when there is no such prompt in any language."""

    def tone(self) -> str | None:
        """The path of a short tone, for when a prompt is lost; None when there is none."""


class Speech(Protocol):
    """Speaks a text that is made during the call."""

    async def path(self, tenant: str, language: str, text: str, /) -> str | None:
        """The sound's path without extension as the PBX sees it, made when it is not there; None when it cannot be."""

    async def instead(self, tenant: str, language: str, prompt: str, /) -> str | None:
        """The words of a prompt whose file is missing or broken, spoken; None when it has none, or cannot be."""


class Floor(Protocol):
    """How the queues stand."""

    def waiting(self, queue: QueueId, /) -> int | None:
        """Callers who wait, or None when nobody knows."""

    def staff(self, queue: QueueId, /) -> int | None:
        """Agents at work who may take this queue's calls, in a call or not; None when nobody knows."""

    def notices(self, tenant: str, /) -> Mapping[str, tuple[Override, ...]]:
        """Short-notice overrides in force, by name of the hours."""


class Lookups(Protocol):
    """Services of the councils. Only hosts on the allow-list are asked, and answers are small (SECURITY V22)."""

    async def find(self, tenant: str, service: str, key: str, /) -> Mapping[str, str] | None:
        """What the service tells of the key, or None when it does not know it. Raises when it cannot be asked."""


class Transfers(Protocol):
    """Joins a caller with an outside number."""

    async def join(self, line: CallerLine, to: Dialled, ring_s: float, /) -> bool:
        """Whether the PBX now has the call and will join or bring it back; nothing more is done in the flow then."""


class Messages(Protocol):
    """Message boxes."""

    async def record(self, line: CallerLine, box: str, longest_s: float, /) -> bool:
        """Record until the caller ends it by a key or silence; whether the message is kept."""


class Answers(Protocol):
    """Answers to surveys."""

    async def note(self, tenant: str, survey: str, answer: str, /) -> bool:
        """Keep one answer; whether it is kept."""


class Callbacks(Protocol):
    """Promises to ring back."""

    async def offer(self, line: CallerLine, typed: str, /) -> str | None:
        """The number that may be rung back: what she typed, or else the one she rings from; None when it may not."""

    async def book(self, line: CallerLine, queue: QueueId, language: str, number: str, /) -> bool:
        """Whether the promise stands."""


class Ears(Protocol):
    """Plays a question on a caller's line and listens to what comes back."""

    async def turn(self, line: CallerLine, ask: Ask, /) -> TurnEnd:
        """One turn. Within its time limits always: whatever fails comes back as ``Deaf``, never as a silence.

        Raises ``kernel.errors.LineGone``.
        """


class Understander(Protocol):
    """Makes a meaning of words."""

    def knows(self, tenant: str, intents: Mapping[str, tuple[str, ...]], /) -> bool:
        """Whether anything of this step could be understood now; when not, the caller gets the keys unasked."""

    async def understand(
        self, tenant: str, said: Heard, language: str, intents: Mapping[str, tuple[str, ...]], /
    ) -> Meaning:
        """What is meant. ``intents``: those of this step, with phrases that name them for certain."""


class Needs(Protocol):
    """What is registered of callers' needs."""

    async def of(self, tenant: str, caller: str, /) -> frozenset[Need]:
        """The needs registered for this number and not past their end. Raises when the store cannot be asked."""


class SaidWords(Protocol):
    """Keeps what callers say to steering where their council's rule keeps it, and nothing where it has none."""

    def keep(self, line: CallerLine, said: Heard, meaning: Meaning, /) -> None:
        """Never waits and never fails."""


class FlowNotes(Protocol):
    """Notes something on a contact for whoever answers."""

    def note(self, line: CallerLine, text: str, /) -> None:
        """Never waits and never fails."""


class FactSink(Protocol):
    """Where facts go; never waits and never fails."""

    def publish(self, fact: Fact, /) -> None:
        """Tell the world what happened."""


class Clock(Protocol):
    """The one clock of the house."""

    def now(self) -> float:
        """Unix seconds; never runs backwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a flow may ask of the outside. None: nothing here does it, and the flow takes its way of failure (law 5)."""

    speech: Speech | None = None
    floor: Floor | None = None
    lookups: Lookups | None = None
    transfers: Transfers | None = None
    messages: Messages | None = None
    answers: Answers | None = None
    callbacks: Callbacks | None = None
    ears: Ears | None = None
    understanding: Understander | None = None
    needs: Needs | None = None
    words: SaidWords | None = None
    notes: FlowNotes | None = None
