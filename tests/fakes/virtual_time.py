"""An event loop whose time jumps to the next timer instead of waiting for it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

_Result = TypeVar("_Result")


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of sleeping, moves the loop's time on."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the test waits for something that will never happen")
        self.time += max(0.0, timeout)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop for one test. ``time()`` starts at 0 seconds."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time

    def freeze(self, seconds: float) -> None:
        """Let time go on without running anything, as SIGSTOP does."""
        self._jumping.time += seconds


class VirtualClock:
    """Meets acd's Clock on a virtual loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> float:
        """Return Unix seconds."""
        return 1_000_000.0 + self._loop.time()

    def monotonic(self) -> float:
        """Return seconds."""
        return self._loop.time()


def run_virtual(scenario: Coroutine[object, object, _Result]) -> _Result:
    """Run one scenario to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(scenario)
