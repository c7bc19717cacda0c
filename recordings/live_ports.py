"""What those who pause recordings need of the outside: the recorders and the calls under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kernel.ids import AgentId, ContactId, LegId
from kernel.seen_recording import LiveCall, PausedRecorder


class Recorders(Protocol):
    """The recorders of calls under way. Raises ``GuildhallError`` when the PBX does not do what is asked."""

    async def pause(self, paused: PausedRecorder) -> None:
        """Silence one, and write on its channel until when."""
        ...

    async def resume(self, channel: str) -> None:
        """Let one go on."""
        ...

    def answer_key(self, channel: str, word: str) -> None:
        """Tell an agent's leg, or a caller's channel that waits, what became of a key."""
        ...

    def press_for(self, leg: LegId, keys: str) -> None:
        """Press keys on an agent's leg as if she had."""
        ...

    async def paused(self) -> Sequence[PausedRecorder]:
        """Those that are paused now."""
        ...


class LiveCalls(Protocol):
    """The calls that are joined now."""

    def of_contact(self, contact: ContactId) -> LiveCall | None:
        """This contact's."""
        ...

    def of_agent(self, agent: AgentId) -> LiveCall | None:
        """The one this agent is in."""
        ...

    def now(self) -> Sequence[LiveCall]:
        """All of them."""
        ...
