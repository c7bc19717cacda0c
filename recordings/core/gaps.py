"""One timeline a contact: what was recorded from its first join to its last, and why not where it was not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.recording import Gap

#: Shorter is the PBX moving the call from one bridge to the next, not a gap (P5: within two seconds).
SHORTEST_GAP_S = 2.0
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, Unix seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why there is no audio in a stretch: ``paused by northmere-a004 for card details, resumed by timer``."""

    start: float
    end: float
    why: str
    #: The recorder ran on in silence: told of whatever it lies in. Others explain only why no recorder ran.
    inside: bool = False
    #: The recorder wrote nothing in it, while it should have: of this join's file.
    lost_of: int | None = None


def gaps_of(recorded: Iterable[Span], reasons: Iterable[Reason]) -> tuple[Gap, ...]:
    """The gaps of a timeline: pauses inside what is recorded, and the stretches between.

    A stretch between gets the reason that covers most of it, else ``unexplained``: that is an alarm.
    """
    spans = sorted(recorded, key=lambda span: span.start)
    told = sorted(reasons, key=lambda reason: reason.start)
    found = [
        Gap(start=reason.start, seconds=reason.end - reason.start, why=reason.why, lost=reason.lost_of is not None)
        for reason in told
        if reason.inside and reason.end > reason.start and any(span.start <= reason.start < span.end for span in spans)
    ]
    for start, end in _between(spans):
        best = max(told, key=lambda reason: _shared(reason, start, end), default=None)
        explained = best is not None and _shared(best, start, end) > 0
        why = best.why if best is not None and explained else UNEXPLAINED
        found.append(Gap(start=start, seconds=end - start, why=why))
    return tuple(sorted(found, key=lambda gap: gap.start))


def began_of(ended: float, seconds: float, lost: Iterable[Reason]) -> float:
    """When a file began (Unix seconds) that ended then, holds so much sound, and lacks these stretches."""
    at, left = ended, seconds
    for one in sorted(lost, key=lambda reason: reason.start, reverse=True):
        left = max(0.0, left - max(0.0, at - one.end))
        at = one.start
    return at - left


def _between(spans: list[Span]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    end: float | None = None
    for span in spans:
        if end is not None and span.start - end >= SHORTEST_GAP_S:
            found.append((end, span.start))
        end = span.end if end is None else max(end, span.end)
    return found


def _shared(reason: Reason, start: float, end: float) -> float:
    return min(reason.end, end) - max(reason.start, start)
