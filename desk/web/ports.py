"""What the desk's pages need of the outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kernel.recording import Recording, RecordingId, Wanted
from kernel.visitor import Visitor


class People(Protocol):
    """Who may log in."""

    def check(self, user: str, password: str) -> Visitor | None:
        """Who this is; None for a wrong name or password alike. Takes its time: for a thread."""
        ...

    def still(self, visitor: Visitor) -> bool:
        """Whether this person is still there, with the same role and councils."""
        ...


class CallsDoor(Protocol):
    """The calls under way that are recorded, by right. Each raises ``Refused``, also when the engine is away."""

    async def under_way(self, who: Visitor) -> Sequence[Mapping[str, object]]:
        """Those whose recording she may pause."""
        ...

    async def pause(self, who: Visitor, call: str, why: str) -> str:
        """Silence one's recording; what became of it, for people."""
        ...

    async def resume(self, who: Visitor, call: str) -> str:
        """Let it go on."""
        ...


class NotesDoor(Protocol):
    """Notes on contacts, by right. Each raises ``Refused``, also when the engine is away."""

    async def mine(self, who: Visitor, seen: str | None) -> Mapping[str, object]:
        """An agent's own call, how she stands to it, and its notes; ``call`` None where there is none.

        ``seen`` is that of the answer before: where nothing changed, ``same`` is there instead of the notes.
        """
        ...

    async def of_call(self, who: Visitor, call: str) -> Sequence[Mapping[str, object]]:
        """What was noted on a call she may listen to; audited."""
        ...

    async def take(self, who: Visitor, call: str, text: str | None) -> str:
        """Note something on a call, or take her last one back; what became of it, for people. Raises ``BadInput``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNeed:
    """A need of a caller as somebody wrote it into the page: nothing of it is checked yet."""

    number: str = field(repr=False)
    need: str
    council: str
    purpose: str
    days: int


class SteeringDoor(Protocol):
    """Steering's review, what it is taught, and callers' needs, by right. Each raises ``Refused``."""

    def rights(self, who: Visitor) -> Sequence[str]:
        """What she may do at all."""
        ...

    async def review(self, who: Visitor, weeks_ago: int) -> Sequence[Mapping[str, object]]:
        """A week of each of her councils; what callers said only for who may teach, and audited."""
        ...

    async def teaching(self, who: Visitor) -> Mapping[str, object]:
        """What became of the phrase that was taught last, and those that can be taken back."""
        ...

    async def accept(self, who: Visitor, council: str, intent: str, text: str) -> None:
        """Begin to teach a phrase."""
        ...

    async def undo(self, who: Visitor, id_: str) -> None:
        """Begin to take one back."""
        ...

    async def needs(self, who: Visitor) -> Sequence[Mapping[str, object]]:
        """Those that hold now; a caller is a digest's beginning."""
        ...

    async def add_need(self, who: Visitor, wanted: NewNeed) -> str:
        """Register one; what became of it, for people."""
        ...

    async def remove_need(self, who: Visitor, caller: str, council: str, need: str) -> str:
        """Take one out."""
        ...


class RecordingsDoor(Protocol):
    """Recordings by right. Each raises ``Refused``; what may not be seen is not there. Every reading is audited."""

    def rights(self, who: Visitor) -> Sequence[str]:
        """What she may do at all."""
        ...

    async def find(self, who: Visitor, wanted: Wanted) -> Sequence[Recording]:
        """The recordings asked for that she may see."""
        ...

    async def show(self, who: Visitor, recording: RecordingId) -> Recording:
        """One of them."""
        ...

    async def timeline(self, who: Visitor, call: str) -> Mapping[str, object]:
        """Everything of one contact."""
        ...

    async def size(self, who: Visitor, recording: RecordingId) -> int:
        """Bytes of its audio."""
        ...

    async def audio(self, who: Visitor, recording: RecordingId, start: int, length: int) -> Iterator[bytes]:
        """A range of its audio, Ogg Opus."""
        ...

    async def peaks(self, who: Visitor, recording: RecordingId) -> Iterator[bytes]:
        """Its waveform, JSON."""
        ...

    async def transcript(self, who: Visitor, recording: RecordingId) -> str:
        """What was said in it, as a machine read it."""
        ...

    async def export(self, who: Visitor, recording: RecordingId, form: str) -> Iterator[bytes]:
        """The whole, to be taken out."""
        ...

    async def hold(self, who: Visitor, recording: RecordingId, reason: str | None) -> None:
        """Put a legal hold on it, or take it off."""
        ...

    async def erase(self, who: Visitor, recording: RecordingId, why: str) -> None:
        """Delete it for good."""
        ...
