"""Someone who has logged in to the desk."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import AgentId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, in which role, for which councils. What she may do is decided behind the desk, at every request."""

    user: str
    #: As in the table of rights (recordings/core/policy.py): ``supervisor``, ``records_officer`` …
    role: str
    councils: frozenset[TenantId] = frozenset()
    #: Her own id, when she is an agent.
    agent: AgentId | None = None
