"""What those who look at channels need of the AMI link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol


class Frame(Protocol):
    """One AMI frame."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...

    def all(self, name: str) -> Sequence[str]:
        """Return all values of a header."""
        ...


class Link(Protocol):
    """The AMI link: asks and waits, or tells."""

    async def ask(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 5.0) -> Frame:
        """Send one action, return its reply."""
        ...

    async def ask_list(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 10.0) -> Sequence[Frame]:
        """Send an action that answers with a list."""
        ...

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Frame | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order."""
        ...
