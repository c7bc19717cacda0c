"""What is kept of waits: the way out a contact is on, what a caller was told, and the departures of a class."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from kernel.exits import LeaveWhy
from kernel.ids import OfferId

#: How many times at the head are kept of a class, and how many are needed before anything is said.
KEPT, LEAST = 20, 5
#: A time at the head tells nothing of now when it is older than this, seconds.
OLD_S = 1800.0
#: So many of the last ranges are remembered; below this share of right ones nothing is said.
SCORES, RIGHT_SHARE, SCORES_LEAST = 10, 0.5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a waiting caller was told, kept to be held against what happens."""

    #: Unix seconds.
    at: float
    place: int | None
    low_s: float | None
    high_s: float | None
    #: How many of the queue had been answered by then; None: that was said by an engine that is no more.
    served: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A contact on its way out of the queue, until the PBX says that it went."""

    token: OfferId
    why: LeaveWhy


@dataclass(slots=True, kw_only=True)
class Departures:
    """What is known of one class."""

    last: float = -math.inf
    #: When, and how long it had been at the head: seconds.
    heads: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    #: Whether the last ranges that were said came true.
    right: deque[bool] = field(default_factory=lambda: deque(maxlen=SCORES))
