"""Needs of callers in SQL: by keyed digest of the number and by council; what is past its end is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import append_line
from adapters.store.engine import reading
from adapters.store.tables import CALLER_NEEDS
from kernel.ids import TenantId
from kernel.needs import KnownNeed, Need, NeedSource
from kernel.recording import AuditEntry

_AT = CALLER_NEEDS.c


class SqlNeeds:
    """SQLAlchemy's errors pass through: what cannot be audited is not done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = reading(engine)

    async def of(self, subject: str, council: TenantId, now: float) -> frozenset[Need]:
        """What is known of this caller for this council at ``now`` (Unix seconds)."""
        asked = select(_AT.need).where(_AT.subject == subject, _AT.council == council, _AT.until > now)
        async with self._reader.connect() as connection:
            found = await connection.scalars(asked)
            # A word of a newer version is none of ours.
            return frozenset(Need(one) for one in found if one in list(Need))

    async def known(
        self, now: float, *, subject: str | None = None, councils: frozenset[TenantId] | None = None
    ) -> list[KnownNeed]:
        """Those that hold at ``now``, of one caller or of all; ``councils`` None means all of them."""
        asked = select(CALLER_NEEDS).where(_AT.until > now, *_whose(subject, councils))
        async with self._reader.connect() as connection:
            rows = (await connection.execute(asked.order_by(_AT.council, _AT.subject, _AT.need))).mappings().all()
        return [_known(dict(row)) for row in rows]

    async def add(self, known: KnownNeed, entry: AuditEntry) -> None:
        """Write it down, in place of the same need written down before, with its line in the audit log."""
        same = (_AT.subject == known.subject, _AT.council == known.council, _AT.need == known.need.value)
        row = {column.name: getattr(known, column.name) for column in CALLER_NEEDS.columns}
        async with self._engine.begin() as connection:
            await append_line(connection, entry)
            await connection.execute(delete(CALLER_NEEDS).where(*same))
            await connection.execute(insert(CALLER_NEEDS).values(**row | {"need": known.need.value}))

    async def remove(
        self, subject: str, entry: AuditEntry, *, councils: frozenset[TenantId] | None, need: Need | None = None
    ) -> int:
        """Take out one need, or all of this caller's; how many. The audit log tells it when there was one."""
        which: Sequence[ColumnElement[bool]] = [*_whose(subject, councils)]
        if need is not None:
            which = [*which, _AT.need == need.value]
        async with self._engine.begin() as connection:
            count = int((await connection.execute(delete(CALLER_NEEDS).where(*which))).rowcount)
            if count:
                await append_line(connection, entry)
        return count

    async def prune(self, now: float) -> int:
        """Delete what is past its end; how many."""
        async with self._engine.begin() as connection:
            return int((await connection.execute(delete(CALLER_NEEDS).where(_AT.until <= now))).rowcount)


def _whose(subject: str | None, councils: frozenset[TenantId] | None) -> list[ColumnElement[bool]]:
    return [
        *([] if subject is None else [_AT.subject == subject]),
        *([] if councils is None else [_AT.council.in_(sorted(councils))]),
    ]


def _known(row: dict[str, Any]) -> KnownNeed:
    return KnownNeed(**row | {"need": Need(row["need"]), "source": NeedSource(row["source"])})
