"""Figures over stays in queues: one function a figure, its source with it.

Rules that hold for all of them. The clock starts at queue entry and runs through ringing until both are joined. Times
are compared in whole milliseconds, and "within T" includes T. A stay counts in the interval in which it began. A
share whose denominator is zero is ``None``: no calls is not zero per cent. Symbols as in the literature: O offered,
A answered, A<=T answered within T, B abandoned, B<=T abandoned within T, Bs abandoned before S (short).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.core.episodes import Outcome, Stay

Stays = Sequence[Stay]

#: Version of these definitions: a report names it, and a definition that changes gets a new one.
DEFINITIONS = "2026-11-22"


def offered(stays: Stays) -> int:
    """O: stays that began, moved-in ones included. COPC CX Standard: contacts offered."""
    return len(stays)


def count(stays: Stays, outcome: Outcome) -> int:
    """Stays with this outcome."""
    return sum(stay.outcome is outcome for stay in stays)


def answered(stays: Stays) -> int:
    """A: answered by a person."""
    return count(stays, Outcome.ANSWERED)


def abandoned(stays: Stays) -> int:
    """B: the caller hung up while waiting or while a phone rang for it."""
    return count(stays, Outcome.ABANDONED)


def answered_within(stays: Stays, t_ms: int) -> int:
    """A<=T."""
    return _within(stays, Outcome.ANSWERED, t_ms)


def abandoned_within(stays: Stays, t_ms: int) -> int:
    """B<=T."""
    return _within(stays, Outcome.ABANDONED, t_ms)


def short_abandoned(stays: Stays, s_ms: int) -> int:
    """Bs: abandoned before S (wait < S)."""
    return sum(stay.outcome is Outcome.ABANDONED and stay.wait_ms < s_ms for stay in stays)


def still_open(stays: Stays) -> int:
    """Still waiting when the lines end."""
    return count(stays, Outcome.OPEN)


def other_exits(stays: Stays) -> int:
    """X: overflow, timeout, voicemail, callback taken, moved, informed, rejected, failed."""
    return offered(stays) - answered(stays) - abandoned(stays) - still_open(stays)


def service_level_ignored(stays: Stays, t_ms: int) -> float | None:
    """A<=T / (A + B - B<=T): only abandons after T count. Cisco ICM service level type 1, "abandons ignored"."""
    return _share(answered_within(stays, t_ms), answered(stays) + abandoned(stays) - abandoned_within(stays, t_ms))


def service_level_negative(stays: Stays, t_ms: int) -> float | None:
    """A<=T / (A + B): every abandon is a failure. Cisco ICM type 2; Genesys' base formula."""
    return _share(answered_within(stays, t_ms), answered(stays) + abandoned(stays))


def service_level_positive(stays: Stays, t_ms: int) -> float | None:
    """(A<=T + B<=T) / (A + B): an early abandon is a success. Cisco ICM type 3; Asterisk's ServicelevelPerf2."""
    good = answered_within(stays, t_ms) + abandoned_within(stays, t_ms)
    return _share(good, answered(stays) + abandoned(stays))


def service_level_answered(stays: Stays, t_ms: int) -> float | None:
    """A<=T / A: abandons are invisible. Asterisk app_queue's ServicelevelPerf."""
    return _share(answered_within(stays, t_ms), answered(stays))


def service_level_offered(stays: Stays, t_ms: int) -> float | None:
    """A<=T / O. COPC glossary, "on calls offered"."""
    return _share(answered_within(stays, t_ms), offered(stays))


def service_level_removed(stays: Stays, t_ms: int) -> float | None:
    """(A<=T + B<=T + callbacks<=T) / O: removed from the queue in time. Amazon Connect SERVICE_LEVEL."""
    gone = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.CALLBACK)
    return _share(sum(_within(stays, one, t_ms) for one in gone), offered(stays))


def service_level_without_short(stays: Stays, t_ms: int, s_ms: int) -> float | None:
    """A<=T / (A + B - Bs): short abandons left out. Bright Pattern's formula 4."""
    return _share(answered_within(stays, t_ms), answered(stays) + abandoned(stays) - short_abandoned(stays, s_ms))


def average_speed_of_answer(stays: Stays) -> float | None:
    """ASA: mean wait of the answered, seconds, from queue entry, ringing included. COPC."""
    waits = [stay.wait_ms for stay in stays if stay.outcome is Outcome.ANSWERED]
    return sum(waits) / len(waits) / 1000 if waits else None


def longest_wait(stays: Stays) -> float | None:
    """The longest finished wait, whatever its outcome, seconds."""
    return max((stay.wait_ms / 1000 for stay in stays if stay.ended is not None), default=None)


def abandonment(stays: Stays) -> float | None:
    """B / O. COPC; Amazon Connect ABANDONMENT_RATE."""
    return _share(abandoned(stays), offered(stays))


def abandonment_without_short(stays: Stays, s_ms: int) -> float | None:
    """(B - Bs) / (O - Bs). COPC's option for short abandons; S is to be stated."""
    short = short_abandoned(stays, s_ms)
    return _share(abandoned(stays) - short, offered(stays) - short)


def _within(stays: Stays, outcome: Outcome, t_ms: int) -> int:
    return sum(stay.outcome is outcome and stay.wait_ms <= t_ms for stay in stays)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


#: The three formulas that are shown side by side: name, what it does with abandons, function.
SIDE_BY_SIDE: tuple[tuple[str, str, Callable[[Stays, int], float | None]], ...] = (
    ("ignored", "early abandons left out", service_level_ignored),
    ("negative", "every abandon a failure", service_level_negative),
    ("positive", "early abandons a success", service_level_positive),
)
