"""How often to knock at the PBX's AMI port: soon after a loss, never in a storm; pure, the clock is handed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

#: The first wait after a loss, seconds.
_FIRST_S = 0.2
_LONGEST_S = 30.0
#: 0.2 s grows to 5 s within ten tries: a PBX that restarts in 5-10 s is found again in a moment.
_GROWTH = 1.5
#: At most so many connects in so many seconds (P7).
_MOST = 12
_WINDOW_S = 10.0
#: Each refused login is logged by the PBX as a failed attempt: at most 6 a minute (P7).
_REFUSED_S = 10.0
#: A link that lived so long was healthy: start again from the shortest wait.
_HEALTHY_S = 10.0


class ReconnectPace:
    """Says how long to wait before the next connect. ``chance`` gives 0..1; the jitter keeps two engines apart."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._wait_s = 0.0
        self._floor_s = 0.0
        self._tries: deque[float] = deque(maxlen=_MOST)

    def before_next(self, now: float) -> float:
        """Return the seconds to wait before the next connect. ``now`` is monotonic."""
        wait = max(self._wait_s * (0.5 + self._chance()), self._floor_s)
        if len(self._tries) == _MOST:
            wait = max(wait, self._tries[0] + _WINDOW_S - now)
        return wait

    def knocked(self, now: float) -> None:
        """Take note: a connect is being tried now."""
        self._tries.append(now)

    def ended(self, *, lived_s: float, refused: bool) -> None:
        """Take note: the link ended after ``lived_s`` seconds up; ``refused``: the login was refused."""
        self._floor_s = _REFUSED_S if refused else 0.0
        if lived_s >= _HEALTHY_S or not self._wait_s:
            self._wait_s = _FIRST_S
        else:
            self._wait_s = min(self._wait_s * _GROWTH, _LONGEST_S / 1.5)
