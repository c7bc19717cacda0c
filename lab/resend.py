"""Saying a datagram again until it is heard: the timers of SIP over UDP (RFC 3261 §17, Table 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: Round-trip estimate, in seconds.
T1_S = 0.5
#: Longest pause between two sendings of anything but an INVITE request.
T2_S = 4.0
#: After this long nobody listens: 64*T1.
PATIENCE_S = 64 * T1_S


class Resend:
    """Sends at once, then after T1, 2*T1, 4*T1 … until stopped; calls ``give_up`` after ``PATIENCE_S``."""

    def __init__(
        self, send: Callable[[], None], *, longest_pause_s: float = T2_S, give_up: Callable[[], None] | None = None
    ) -> None:
        self._send = send
        self._longest_s = longest_pause_s
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        #: How often it was sent beyond the first time.
        self.again = 0

    def start(self) -> None:
        """Send it for the first time."""
        self._end = self._loop.time() + PATIENCE_S
        self._send()
        self._wait(T1_S)

    def stop(self) -> None:
        """It was heard."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _wait(self, pause_s: float) -> None:
        self._timer = self._loop.call_later(pause_s, self._once_more, pause_s)

    def _once_more(self, pause_s: float) -> None:
        self._timer = None
        if self._loop.time() >= self._end:
            if self._give_up:
                self._give_up()
            return
        self.again += 1
        self._send()
        self._wait(min(pause_s * 2, self._longest_s))
