"""The catalogue of recordings in SQL: every step of a recording's life is one transaction that may be repeated."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.audit_log import append_line, take_turn
from adapters.store.engine import reading
from adapters.store.recording_rows import COVERED, FORGOTTEN, conditions, content_of, gaps_text, recording_of, row_of
from adapters.store.tables import RECORDING_AUDIT, RECORDINGS
from kernel.chain import GENESIS, ChainCheck, link
from kernel.recording import AuditEntry, ChainState, Gap, Recording, RecordingId, RecordingState, Sealed, Wanted

_PAGE = 500
_WORK = (RecordingState.FOUND.value, RecordingState.KEPT.value, RecordingState.ERASING.value)


class SqlCatalogue:
    """The catalogue. The engine is disposed of by whoever opened it; SQLAlchemy's errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = reading(engine)

    async def register(self, recording: Recording) -> bool:
        """Add a recording; False when its join is there already: nothing comes twice."""
        known = select(RECORDINGS.c.id).where(
            RECORDINGS.c.call == recording.call,
            RECORDINGS.c.join_no == recording.join,
            RECORDINGS.c.kind == recording.kind,
        )
        try:
            async with self._engine.begin() as connection:
                if await connection.scalar(known) is not None:
                    return False
                await connection.execute(insert(RECORDINGS).values(**row_of(recording)))
        except IntegrityError:
            # On PostgreSQL another process may have added it in the same moment.
            return False
        return True

    async def get(self, recording: RecordingId) -> Recording | None:
        """One recording; None when there is none, or no longer."""
        found = await self._select(Wanted(councils=None, states=frozenset(RecordingState)), recording)
        return found[0] if found else None

    async def find(self, wanted: Wanted) -> list[Recording]:
        """The recordings asked for, newest first."""
        return await self._select(wanted, None)

    async def _select(self, wanted: Wanted, recording: RecordingId | None) -> list[Recording]:
        asked = select(RECORDINGS).where(*conditions(wanted)).order_by(RECORDINGS.c.began.desc(), RECORDINGS.c.id)
        if recording is not None:
            asked = asked.where(RECORDINGS.c.id == recording)
        async with self._reader.connect() as connection:
            rows = (await connection.execute(asked.limit(wanted.most))).mappings().all()
        return [recording_of(dict(row)) for row in rows]

    async def work(self, now: float, most: int) -> list[Recording]:
        """What the worker has to do now, oldest first."""
        due = (
            select(RECORDINGS)
            .where(RECORDINGS.c.state.in_(_WORK), RECORDINGS.c.not_before <= now)
            .order_by(RECORDINGS.c.not_before, RECORDINGS.c.began)
            .limit(most)
        )
        async with self._reader.connect() as connection:
            rows = (await connection.execute(due)).mappings().all()
        return [recording_of(dict(row)) for row in rows]

    async def next_due(self) -> float | None:
        """When there is work next, Unix seconds; None when there is none."""
        due = (
            select(RECORDINGS.c.not_before)
            .where(RECORDINGS.c.state.in_(_WORK))
            .order_by(RECORDINGS.c.not_before)
            .limit(1)
        )
        async with self._reader.connect() as connection:
            found = await connection.scalar(due)
        return None if found is None else float(found)

    async def keep(
        self, recording: RecordingId, sealed: Sealed, figures: Mapping[str, object], not_before: float
    ) -> bool:
        """Say that the vault holds it, and write it into the chain; False when it was not waiting for that."""
        async with self._engine.begin() as connection:
            await take_turn(connection)
            row = (await connection.execute(select(RECORDINGS).where(RECORDINGS.c.id == recording))).mappings().first()
            if row is None or row["state"] != RecordingState.FOUND.value:
                return False
            last = (
                select(RECORDINGS.c.chain_no, RECORDINGS.c.hash)
                .where(RECORDINGS.c.chain_no.is_not(None))
                .order_by(RECORDINGS.c.chain_no.desc())
                .limit(1)
            )
            before = (await connection.execute(last)).first()
            previous = GENESIS if before is None else before.hash
            new = dict(row) | {"sha256": sealed.sha256, "size": sealed.size, "salt": secrets.token_hex(16)}
            content = content_of(new)
            await connection.execute(
                update(RECORDINGS)
                .where(RECORDINGS.c.id == recording)
                .values(
                    state=RecordingState.KEPT.value,
                    sha256=new["sha256"],
                    size=new["size"],
                    salt=new["salt"],
                    figures=json.dumps(dict(figures)),
                    not_before=not_before,
                    attempts=0,
                    why=None,
                    chain_no=1 if before is None else before.chain_no + 1,
                    content=content,
                    prev=previous,
                    hash=link(previous, content),
                )
            )
        return True

    async def filed(self, recording: RecordingId) -> None:
        """Say that the PBX's files are gone and the vault is the only place."""
        await self._move(recording, RecordingState.KEPT, state=RecordingState.FILED.value)

    async def broken(self, recording: RecordingId, why: str) -> None:
        """Say that its files cannot be used, and why."""
        await self._move(recording, RecordingState.FOUND, state=RecordingState.BROKEN.value, why=why[:200])

    async def postpone(self, recording: RecordingId, why: str, not_before: float) -> int:
        """Try it again later; return how often it was tried."""
        async with self._engine.begin() as connection:
            tried = select(RECORDINGS.c.attempts).where(RECORDINGS.c.id == recording)
            count = int(await connection.scalar(tried) or 0) + 1
            await connection.execute(
                update(RECORDINGS)
                .where(RECORDINGS.c.id == recording)
                .values(attempts=count, not_before=not_before, why=why[:200])
            )
        return count

    async def tell_gaps(self, recording: RecordingId, gaps: tuple[Gap, ...]) -> None:
        """Write the gaps of a recording's timeline."""
        await self._move(recording, None, gaps=gaps_text(gaps))

    async def hold(self, recording: RecordingId, reason: str | None, entry: AuditEntry) -> bool:
        """Put a legal hold on it, or take it off with None; False when it is being deleted, or gone."""
        return await self._audited(
            recording, entry, but_not=(RecordingState.ERASING, RecordingState.ERASED), hold=reason and reason[:200]
        )

    async def begin_erasing(self, recording: RecordingId, entry: AuditEntry) -> bool:
        """Begin its deletion; False when it is held, or gone. The worker ends what a kill leaves half done."""
        async with self._engine.begin() as connection:
            done = await connection.execute(
                update(RECORDINGS)
                .where(
                    RECORDINGS.c.id == recording,
                    RECORDINGS.c.hold.is_(None),
                    RECORDINGS.c.state.not_in([RecordingState.ERASING.value, RecordingState.ERASED.value]),
                )
                .values(state=RecordingState.ERASING.value, not_before=0.0)
            )
            if done.rowcount:
                await append_line(connection, entry)
        return bool(done.rowcount)

    async def erased(self, recording: RecordingId, certificate: AuditEntry) -> bool:
        """Forget what it told, with a certificate in the audit log; its place in the chain stays."""
        nothing = dict.fromkeys((*COVERED, *FORGOTTEN))
        async with self._engine.begin() as connection:
            done = await connection.execute(
                update(RECORDINGS)
                .where(RECORDINGS.c.id == recording, RECORDINGS.c.state == RecordingState.ERASING.value)
                .values(state=RecordingState.ERASED.value, **nothing)
            )
            if done.rowcount:
                await append_line(connection, certificate)
        return bool(done.rowcount)

    async def due(self, today: str, most: int = 500) -> list[Recording]:
        """Recordings whose last day is before ``today`` (ISO) and that nothing holds, oldest first."""
        asked = (
            select(RECORDINGS)
            .where(
                RECORDINGS.c.keep_until < today,
                RECORDINGS.c.hold.is_(None),
                RECORDINGS.c.state.not_in([RecordingState.ERASING.value, RecordingState.ERASED.value]),
            )
            .order_by(RECORDINGS.c.keep_until, RECORDINGS.c.id)
            .limit(most)
        )
        async with self._reader.connect() as connection:
            rows = (await connection.execute(asked)).mappings().all()
        return [recording_of(dict(row)) for row in rows]

    async def verify(self, anchor: str | None = None) -> ChainState:
        """Check the whole chain; ``anchor`` is a head noted earlier that must be in it."""
        check = ChainCheck(anchor)
        async for row in self._chained():
            if row["state"] == RecordingState.ERASED.value:
                # What an erased row held cannot be compared any more: its certificate stands for it.
                content = row["content"] if await self._certified(row["id"]) else None
            else:
                content = row["content"] if content_of(row) == row["content"] else None
            if not check.take(row["chain_no"], row["prev"], row["hash"], content):
                break
        return check.state()

    async def _certified(self, recording: str) -> bool:
        asked = select(RECORDING_AUDIT.c.seq).where(
            RECORDING_AUDIT.c.recording == recording, RECORDING_AUDIT.c.action == "erased"
        )
        async with self._reader.connect() as connection:
            return await connection.scalar(asked.limit(1)) is not None

    async def _chained(self) -> AsyncIterator[Mapping[str, Any]]:
        seen = 0
        while True:
            page = select(RECORDINGS).where(RECORDINGS.c.chain_no > seen).order_by(RECORDINGS.c.chain_no).limit(_PAGE)
            async with self._reader.connect() as connection:
                rows = (await connection.execute(page)).mappings().all()
            for row in rows:
                seen = row["chain_no"]
                yield dict(row)
            if len(rows) < _PAGE:
                return

    async def _move(self, recording: RecordingId, only_from: RecordingState | None, **values: object) -> None:
        moved = update(RECORDINGS).where(RECORDINGS.c.id == recording).values(**values)
        if only_from is not None:
            moved = moved.where(RECORDINGS.c.state == only_from.value)
        async with self._engine.begin() as connection:
            await connection.execute(moved)

    async def _audited(
        self, recording: RecordingId, entry: AuditEntry, *, but_not: tuple[RecordingState, ...], **values: object
    ) -> bool:
        async with self._engine.begin() as connection:
            done = await connection.execute(
                update(RECORDINGS)
                .where(RECORDINGS.c.id == recording, RECORDINGS.c.state.not_in([state.value for state in but_not]))
                .values(**values)
            )
            if done.rowcount:
                await append_line(connection, entry)
        return bool(done.rowcount)
