"""What the desk needs of the outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from kernel.commands import AfterCallCommand, Command, Outcome
from kernel.ids import LegId

#: The engine's door: a command in, its outcome out.
Ask = Callable[[Command | AfterCallCommand], Awaitable[Outcome]]


class AgentLine(Protocol):
    """The phone of an agent who dialled a star code. Raises ``LineGone`` when she hung up."""

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        """Play sounds in order; return the keys pressed meanwhile."""
        ...


class SpyingLine(AgentLine, Protocol):
    """The phone of a supervisor who may listen to a call."""

    async def listen_at(self, leg: LegId, how: str) -> None:
        """Have the dialplan listen at this leg when the script ends; ``how``: listen, whisper or barge."""
        ...
