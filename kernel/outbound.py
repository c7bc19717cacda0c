"""Whom a council's lines may ring outside: one gate for whatever dials out (toll fraud)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.ids import TenantId
from kernel.number import Dialled
from kernel.number_kind import COSTLY, NumberKind, kind_of

_HOUR_S = 3600.0
#: What may be reached unless the council says otherwise.
DEFAULT_KINDS = frozenset(set(NumberKind) - COSTLY - {NumberKind.NONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsidePolicy:
    """What one council may dial."""

    kinds: frozenset[NumberKind] = DEFAULT_KINDS
    #: Calls out in any sixty minutes: what a thief could cost before somebody looks.
    per_hour: int = 60

    def refuses(self, number: Dialled) -> str | None:
        """Why the number may not be reached, in words; None when it may."""
        kind = kind_of(number)
        # Danger is never refused (General Condition A3.2), whatever a file says.
        return None if kind is NumberKind.EMERGENCY or kind in self.kinds else kind.value


class OutsideGate:
    """Says yes or no to each call out, and counts. One for the whole house."""

    def __init__(self, *, policies: Mapping[TenantId, OutsidePolicy]) -> None:
        self.policies = policies
        self._made: dict[TenantId, deque[float]] = {}

    def refuses(self, council: TenantId, number: Dialled, now: float) -> str | None:
        """Why this call may not be made at ``now`` (Unix seconds); None when it may, and then it counts.

        The reason holds nothing of the number but its kind.
        """
        policy = self.policies.get(council)
        if policy is None:
            return "a council that is not known here"
        if (why := policy.refuses(number)) is not None:
            return why
        if kind_of(number) is NumberKind.EMERGENCY:
            return None
        made = self._made.setdefault(council, deque())
        while made and made[0] <= now - _HOUR_S:
            made.popleft()
        if len(made) >= policy.per_hour:
            return f"more than {policy.per_hour} calls out in an hour"
        made.append(now)
        return None
