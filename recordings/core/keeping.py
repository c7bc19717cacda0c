"""How long a recording is kept: the most particular rule of its council and purpose decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from kernel.errors import BadInput
from kernel.ids import TenantId
from kernel.tenant import Tenant

#: Any council, any purpose.
ANY = "*"
#: UK GDPR art. 5(1)(e): no longer than needed. Half a year covers a complaint and its first answer; a council that
#: needs another time says so, with its reason in its DPIA (docs/dpia-template.md).
DEFAULT_DAYS = 180
#: Ten years: longer is a slip of the pen.
_MOST_DAYS = 3653

_DEFAULT: Mapping[tuple[str, str], int] = MappingProxyType({(ANY, ANY): DEFAULT_DAYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """Days by (council, purpose); either may be ``*``. Raises ``BadInput`` for days below 0 or above ten years."""

    days: Mapping[tuple[str, str], int] = field(default_factory=lambda: _DEFAULT)

    def __post_init__(self) -> None:
        if any(not 0 <= days <= _MOST_DAYS for days in self.days.values()):
            raise BadInput("bad_retention", f"a recording is kept for 0 to {_MOST_DAYS} days")

    def days_for(self, council: TenantId, purpose: str) -> int:
        """The council's own rule goes before one for all councils, a purpose's before one for all purposes."""
        for key in ((council, purpose), (council, ANY), (ANY, purpose), (ANY, ANY)):
            if key in self.days:
                return self.days[key]
        return DEFAULT_DAYS

    def keep_until(self, council: TenantId, purpose: str, ended: float) -> str:
        """The last day, ISO, of a call that ended then (Unix seconds)."""
        last = datetime.fromtimestamp(ended, UTC) + timedelta(days=self.days_for(council, purpose))
        return last.date().isoformat()


def rules_of(tenants: Iterable[Tenant]) -> RetentionRules:
    """The councils' own rules, over the default for what no council names. Raises ``BadInput``."""
    named = {(tenant.id, purpose): days for tenant in tenants for purpose, days in tenant.retention_days.items()}
    return RetentionRules(
        days={**_DEFAULT, **{(str(council), purpose): days for (council, purpose), days in named.items()}}
    )


def day_of(now: float) -> str:
    """The day of a moment, ISO, UTC."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()
