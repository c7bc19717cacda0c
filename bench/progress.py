"""Progress on standard error, so that standard output holds figures only."""

from __future__ import annotations

import sys
import time

#: A line at most so often, seconds, unless something new begins.
_EVERY_S = 2.0


class Progress:
    """Says what is being done, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._said_at = float("-inf")

    def say(self, text: str) -> None:
        """Something new begins."""
        self._said_at = time.monotonic()
        print(f"[{self._said_at - self._began:6.1f} s] {text}", file=sys.stderr, flush=True)

    def at(self, done: int, of: int, what: str) -> None:
        """So far has it come; said every two seconds at most."""
        if time.monotonic() - self._said_at >= _EVERY_S:
            self.say(f"{what}: {done} of {of}")
