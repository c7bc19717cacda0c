"""Small parts of the distributor's world: a channel, one more phone of an offer, what an agent has done today."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import AgentId, ContactId, LegId


@dataclass(slots=True, kw_only=True)
class Leg:
    """One channel we know of: a caller's (``agent`` is None) or an agent's."""

    id: LegId
    agent: AgentId | None = None
    #: None for an agent's own call.
    contact: ContactId | None = None
    bridge: str | None = None


@dataclass(slots=True, kw_only=True)
class Beside:
    """One more phone of an offer that rings several (acd/core/several.py)."""

    agent_leg: LegId | None = None


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an agent has done since she logged in, or since the engine started when that is later."""

    #: Unix seconds.
    since: float = 0.0
    answered: int = 0
    #: Seconds on contacts, wrap-up included, without the one she is on.
    busy_s: float = 0.0
    #: Unix seconds: since when she is on a contact; None while she is not.
    busy_since: float | None = None

    def occupancy(self, now: float) -> float:
        """Share of her time spent on contacts, at ``now`` (Unix seconds)."""
        busy = self.busy_s + (0.0 if self.busy_since is None else now - self.busy_since)
        return busy / (now - self.since) if now > self.since else 0.0
