"""How a phone takes the calls that come to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rings, and is picked up."""

    #: Seconds of ringing before it is picked up.
    after_s: float = 0.0
    #: Seconds of talk, from the ACK, before this phone hangs up; None leaves that to the other side or the test.
    hang_up_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetRing:
    """Rings until the other side gives up: the cause of a RONA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Refuses."""

    #: SIP status: 486 busy, 603 declined, 480 away, 302 forwarded, 500 and 503 out of order.
    code: int = 486
    #: Rings first, as when the agent presses "decline"; otherwise the phone refuses by itself.
    after_ringing: bool = False
    #: With 302: the number it forwards to.
    forward_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Says nothing at all: a phone whose plug was pulled after it registered."""


Behaviour = Answer | LetRing | Reject | Silent

#: How long a phone rings before the agent presses "decline".
DECLINE_AFTER_S = 0.3
