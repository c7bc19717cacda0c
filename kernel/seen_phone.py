"""What was seen of an agent's phone that answers no more."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSilent:
    """Not one packet of sound came from a leg that was probed."""

    leg: LegId
