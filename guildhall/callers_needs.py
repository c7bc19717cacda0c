"""Needs of callers, wired: by keyed digest of their number, with an end, each change in the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.store.needs import SqlNeeds
from kernel.commands import Outcome, SetNeed
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, TenantId
from kernel.needs import KnownNeed, Need, NeedSource
from kernel.recording import AuditEntry
from recordings.core.subject import subject_number

#: Days a need holds that an agent sets, or where nobody says how long: a year, then somebody asks again.
USUAL_DAYS, MOST_DAYS = 365, 730
#: So many digits of a digest tell callers apart in a list and in the audit log; they tell no number.
SHORT = 12
_DAY_S = 86400.0
_BY_AGENT = "the caller asked an agent for it"

Digest = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who writes a need down, in which role, why and for how long."""

    by: str
    role: str
    source: NeedSource
    purpose: str
    days: int = USUAL_DAYS


class CallersNeeds:
    """Meets ``ivr.ports.Needs``. SQLAlchemy's errors pass through."""

    def __init__(self, store: SqlNeeds, digest: Digest, now: Callable[[], float]) -> None:
        self._store, self._digest, self.now = store, digest, now

    async def of(self, tenant: str, caller: str) -> frozenset[Need]:
        """What holds now for this number; nothing for one that is withheld."""
        number = subject_number(caller)
        if number is None:
            return frozenset()
        return await self._store.of(self._digest(number), TenantId(tenant), self.now())

    async def add(self, subject: str, council: TenantId, need: Need, order: Order) -> KnownNeed:
        """Write one down. Raises ``BadInput`` for a purpose or a length of time that is none."""
        purpose = " ".join(order.purpose.split())
        if not 5 <= len(purpose) <= 200:  # noqa: PLR2004 - a word is no purpose; the column takes 200
            raise BadInput("bad_purpose", "say in 5 to 200 characters what it is kept for: no names, no diagnosis")
        if not 1 <= order.days <= MOST_DAYS:
            raise BadInput("bad_days", f"a need holds from 1 to {MOST_DAYS} days; then somebody asks again")
        now = self.now()
        known = KnownNeed(
            subject=subject,
            council=council,
            need=need,
            source=order.source,
            by=order.by,
            purpose=purpose,
            since=now,
            until=now + order.days * _DAY_S,
        )
        await self._store.add(
            known, self._entry("need_added", order, council, f"{need.value} {order.days} days", subject)
        )
        return known

    async def remove(self, subject: str, councils: frozenset[TenantId] | None, need: Need | None, order: Order) -> int:
        """Take one out, or all; how many."""
        council = next(iter(councils)) if councils is not None and len(councils) == 1 else None
        entry = self._entry("need_removed", order, council, need.value if need else "all", subject)
        return await self._store.remove(subject, entry, councils=councils, need=need)

    async def known(self, subject: str | None, councils: frozenset[TenantId] | None) -> list[KnownNeed]:
        """Those that hold now."""
        return await self._store.known(self.now(), subject=subject, councils=councils)

    def _entry(self, action: str, order: Order, council: TenantId | None, what: str, subject: str) -> AuditEntry:
        told = f"{what}; caller {subject[:SHORT]}"
        return AuditEntry(t=self.now(), who=order.by, role=order.role, action=action, council=council, details=told)


def need_told(one: KnownNeed) -> dict[str, object]:
    """A need as the command line and the desk tell it: part of the digest for the caller, times in Unix seconds."""
    return {
        "caller": one.subject[:SHORT],
        "council": one.council,
        "need": one.need.value,
        "source": one.source.value,
        "by": one.by,
        "purpose": one.purpose,
        "since": one.since,
        "until": one.until,
    }


async def set_by_agent(
    needs: CallersNeeds,
    subject_of: Callable[[ContactId], Awaitable[str | None]],
    asked: SetNeed,
    call: ContactId,
    council: TenantId,
) -> Outcome:
    """Do what an agent asks for the caller of this call."""
    subject = await subject_of(call)
    if subject is None:
        return Outcome(
            ok=False, code="no_number", message="the caller's number was withheld: nothing can be kept for it"
        )
    order = Order(by=_name(asked.agent), role="agent", source=NeedSource.AGENT, purpose=_BY_AGENT)
    if asked.forget:
        found = await needs.remove(subject, frozenset({council}), asked.need, order)
        message = f"{asked.need.value} is forgotten" if found else f"{asked.need.value} was not known"
        return Outcome(ok=True, code="done", message=message)
    known = await needs.add(subject, council, asked.need, order)
    days = (known.until - known.since) / _DAY_S
    return Outcome(ok=True, code="done", message=f"{asked.need.value} holds for {days:.0f} days")


def _name(agent: AgentId) -> str:
    return str(agent)[:64]
