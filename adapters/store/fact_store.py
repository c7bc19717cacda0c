"""The one writer of facts: takes them at once, stores them in batches, loses none while the database is away.

Theory of operation. ``put`` only remembers. ``run`` stores what is remembered every 200 ms or 500 facts, in order, one
transaction a batch. When the database refuses, everything waiting goes to a file beside it (so that a kill of the
engine loses nothing either), and from there to the database once it is back. A commit whose answer was lost is sent
again and found to be there already, by the writer's own count in the table ``writers``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import structlog
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.backlog import Backlog, Item
from adapters.store.fact_history import FactHistory, LastWords
from adapters.store.tables import FACTS, WRITERS
from kernel.errors import GuildhallError
from kernel.facts import Fact, as_line
from kernel.ids import AgentId, QueueId

#: Rows a transaction. 200 to 1000 rows cost the same 12-17 µs a row (docs/libraries.md); one row a commit costs 1 ms.
_BATCH = 500
#: How long a fact may wait for company, seconds.
_GATHER_S = 0.2
#: A transaction that takes longer counts as "database away", seconds.
_PATIENCE_S = 10.0
_FIRST_RETRY_S = 0.2
_LAST_RETRY_S = 5.0
#: Time for the last batches when the engine stops, seconds; then the file takes them.
_FAREWELL_S = 5.0
#: Any fixed number: on PostgreSQL two writers (a failover) take turns, so that the order of ``seq`` is the order of
#: commits and no reader of the outbox passes over a row that is committed late.
_WRITE_LOCK = 0x66616374

log = structlog.get_logger()


class FactStore:
    """Stores facts. One object an engine, used from one event loop; ``run`` must be going for facts to be stored.

    ``on_trouble`` is told a word: ``store_away``, ``store_back``, ``spill_failed``, ``facts_lost``, ``fact_refused``.
    ``spill`` is the file that takes over while the database is away; ``memory_limit`` counts facts kept when that
    fails too. The engine is disposed of by whoever opened it.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        spill: Path = Path("var/facts-spill.jsonl"),
        on_trouble: Callable[[str], None] | None = None,
        memory_limit: int = 200_000,
    ) -> None:
        self._engine = engine
        self._history = FactHistory(engine)
        self._backlog = Backlog(spill, limit=memory_limit)
        self._on_trouble = on_trouble or (lambda _word: None)
        self._writer = uuid4().hex
        self._count = 0
        self._new = asyncio.Event()
        self._full = asyncio.Event()
        #: run() and flush() store in turns.
        self._storing = asyncio.Lock()
        self._away = False
        self._losing = False

    @property
    def away(self) -> bool:
        """Whether the database refused the last batch: facts wait in the file."""
        return self._away

    def put(self, fact: Fact) -> None:
        """Remember a fact for the next batch. Never blocks, never raises. From the event loop's thread only."""
        try:
            body = json.dumps(as_line(fact), default=dict, allow_nan=False)
        except (TypeError, ValueError):
            # A bug of ours; it must not stop the calls.
            log.exception("fact_refused", ev=fact.ev)
            self._on_trouble("fact_refused")
            return
        self._count += 1
        kept = self._backlog.add(Item(self._writer, self._count, body))
        if not kept and not self._losing:
            log.error("facts_lost", reason="neither the database nor the disk takes them, and memory is full")
            self._on_trouble("facts_lost")
        self._losing = not kept
        self._new.set()
        if self._backlog.in_memory >= _BATCH:
            self._full.set()

    async def run(self) -> None:
        """Store facts until cancelled; then store the rest, or leave it in the file for the next start."""
        retry_s = _FIRST_RETRY_S
        try:
            # First what an earlier life has left behind.
            self._new.set()
            while True:
                await self._new.wait()
                # Not wait_for(): in Python 3.11 it swallows a cancellation that meets the event's own setting.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_GATHER_S):
                        await self._full.wait()
                async with self._storing:
                    done = await self._store_all()
                if done:
                    retry_s = _FIRST_RETRY_S
                else:
                    await asyncio.sleep(retry_s)
                    retry_s = min(retry_s * 2, _LAST_RETRY_S)
        finally:
            await self._say_farewell()

    async def flush(self) -> None:
        """Return when everything put so far is in the database. Raises ``GuildhallError`` when it is away."""
        async with self._storing:
            if not await self._store_all():
                raise GuildhallError("store_away", "the database takes no facts now; they are kept and stored later")

    async def since(self, t: float | None) -> AsyncIterator[dict[str, object]]:
        """Yield the facts from the first one at or after ``t`` (Unix seconds; None: all), in order."""
        async for line in self._history.since(t):
            yield line

    async def open_facts(self) -> list[dict[str, object]]:
        """Return every fact of the calls that began and did not end, in order."""
        return await self._history.open_facts()

    async def last_turns(self) -> list[tuple[QueueId, AgentId]]:
        """Return whom each queue's last offer went to."""
        return await self._history.last_turns()

    async def last_words(self, *, before: float | None = None) -> LastWords | None:
        """Return when the last fact (before that time) was and what the engine said last; None for an empty store."""
        return await self._history.last_words(before=before)

    async def export(self, since: float | None, now: float) -> AsyncIterator[str]:
        """Yield the facts export as JSON lines, without line ends; see ``FactHistory.export``."""
        async for line in self._history.export(since, now):
            yield line

    async def _store_all(self) -> bool:
        """Store the whole backlog; False when the database refused and the rest was kept in the file."""
        self._new.clear()
        self._full.clear()
        try:
            while batch := self._backlog.oldest(_BATCH):
                if not await self._store(batch):
                    return False
                self._backlog.stored(batch)
        except OSError as refusal:
            self._new.set()
            self._say_spill_failed(refusal)
            return False
        return True

    async def _store(self, batch: list[Item]) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._engine.begin() as connection:
                await _write(connection, batch)
        except Exception as refusal:  # noqa: BLE001  # whatever the driver throws, the facts must stay
            await self._keep(refusal)
            return False
        self._say_back()
        return True

    async def _keep(self, refusal: Exception) -> None:
        self._new.set()
        if not self._away:
            self._away = True
            # Only the kind: a driver's text may hold the values of the row.
            log.error("store_away", error=type(refusal).__name__)
            self._on_trouble("store_away")
        await self._write_out()

    def _say_back(self) -> None:
        if self._away:
            self._away = False
            log.info("store_back")
            self._on_trouble("store_back")

    def _say_spill_failed(self, refusal: OSError) -> None:
        log.error("spill_failed", errno=refusal.errno)
        self._on_trouble("spill_failed")

    async def _write_out(self) -> None:
        items = self._backlog.waiting()
        if not items:
            return
        writing = asyncio.ensure_future(asyncio.to_thread(self._backlog.write_out, items))
        try:
            # Shielded: when we are cancelled the thread goes on, and the same items must not be written twice.
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await writing
                self._backlog.written_out(items)
            raise
        except OSError as refusal:
            self._say_spill_failed(refusal)
        else:
            self._backlog.written_out(items)

    async def _say_farewell(self) -> None:
        try:
            async with asyncio.timeout(_FAREWELL_S), self._storing:
                await self._store_all()
        except TimeoutError:
            log.warning("facts_left_for_next_start", count=self._backlog.in_memory)
        await self._write_out()


async def _write(connection: AsyncConnection, batch: list[Item]) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"))
    names = {item.writer for item in batch}
    found = await connection.execute(select(WRITERS).where(WRITERS.c.writer.in_(names)))
    through: dict[str, int] = {row.writer: row.stored_through for row in found}
    rows = [_row(item.body) for item in batch if item.n > through.get(item.writer, 0)]
    if not rows:
        return
    await connection.execute(insert(FACTS), rows)
    for name in names:
        last = max(item.n for item in batch if item.writer == name)
        if name not in through:
            await connection.execute(insert(WRITERS).values(writer=name, stored_through=last))
        elif last > through[name]:
            await connection.execute(update(WRITERS).where(WRITERS.c.writer == name).values(stored_through=last))


def _row(body: str) -> dict[str, object]:
    line: dict[str, object] = json.loads(body)
    return {
        "t": line["t"],
        "ev": line["ev"],
        "call": _indexed(line.get("call"), 64),
        "agent": _indexed(line.get("agent"), 64),
        "src": _indexed(line.get("src"), 32),
        "body": body,
    }


def _indexed(value: object, longest: int) -> str | None:
    """Make text fit for a column: PostgreSQL refuses NUL and over-long text, and one bad row would hold up all."""
    if value is None:
        return None
    shown = str(value)
    return (shown if shown.isascii() and shown.isprintable() else ascii(shown))[:longest]
