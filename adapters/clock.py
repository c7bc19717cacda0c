"""The clock of the house: Unix seconds that never run backwards, whatever happens to the machine's time of day."""

from __future__ import annotations

import time


class SteadyClock:
    """Wall time at the start plus monotonic time since: a jump of the wall clock by an hour changes nothing.

    ``at_least``: Unix seconds that the clock must not start before, for instance the time of the last stored fact, so
    that facts stay in order when the machine's clock was set back between two starts.
    """

    def __init__(self, *, at_least: float | None = None) -> None:
        started_at = time.time()
        if at_least is not None:
            started_at = max(started_at, at_least)
        self._offset = started_at - time.monotonic()

    def now(self) -> float:
        """Unix seconds; never less than the answer before."""
        return self._offset + time.monotonic()

    def monotonic(self) -> float:
        """Seconds since some fixed point: only differences mean something."""
        return time.monotonic()
