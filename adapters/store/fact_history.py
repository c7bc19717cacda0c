"""Reading the facts back: in order, the calls still open, and the facts export. Needs no writer to be running."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store import fact_snapshot
from adapters.store.engine import reading
from adapters.store.tables import FACTS
from kernel.ids import AgentId, QueueId

#: Rows a page. Reading 71,000 rows at once blocks the event loop 63-280 ms; 500 at a time 4-25 ms (docs/libraries.md).
_PAGE = 500
#: Offers looked back for the turns of a round robin: a day of a quiet queue beside a busy one.
_TURNS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWords:
    """The end of the store: time of its last fact (Unix seconds) and the last state the engine gave of itself."""

    t: float
    engine: str | None


class FactHistory:
    """Reads facts. The engine is disposed of by whoever opened it; SQLAlchemy's errors pass through."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)

    async def since(self, t: float | None) -> AsyncIterator[dict[str, object]]:
        """Yield the facts from the first one at or after ``t`` (Unix seconds; None: all) to the last one now."""
        first, last = await self._span(t)
        async for body in self._bodies(first, last):
            yield json.loads(body)

    async def open_facts(self, *, before: int | None = None) -> list[dict[str, object]]:
        """Return every fact of the calls that began and did not end, in order; ``before`` is a ``seq`` to stop at."""
        async with self._engine.connect() as connection:
            bodies = await connection.scalars(fact_snapshot.of_open_calls(before))
            return [json.loads(body) for body in bodies]

    async def last_turns(self) -> list[tuple[QueueId, AgentId]]:
        """Return whom each queue's last offer went to, of the last 5,000 offers: where a round robin stands.

        An offer that an agent or a supervisor chose (``by``) is nobody's turn.
        """
        recent = select(FACTS.c.seq, FACTS.c.call, FACTS.c.agent, FACTS.c.body).where(FACTS.c.ev == "offer")
        recent = recent.order_by(FACTS.c.seq.desc()).limit(_TURNS)
        async with self._engine.connect() as connection:
            offers = (await connection.execute(recent)).all()
            came = select(FACTS.c.seq, FACTS.c.call, FACTS.c.body).where(
                FACTS.c.ev.in_(("arrive", "transfer")), FACTS.c.call.in_({row.call for row in offers})
            )
            entered = (await connection.execute(came.order_by(FACTS.c.seq.desc()))).all()
        # Where a call waited when it was offered is where it came last before that: an overflow is a transfer.
        stays: dict[str, list[tuple[int, str]]] = {}
        for row in entered:
            if queue := json.loads(row.body).get("queue"):
                stays.setdefault(row.call, []).append((row.seq, queue))
        turns: dict[QueueId, AgentId] = {}
        for seq, call, agent, body in offers:
            # Newest first: the first one seen of a queue is its last.
            queue = next((name for since, name in stays.get(call, ()) if since < seq), None)
            if queue is not None and "by" not in json.loads(body):
                turns.setdefault(QueueId(queue), AgentId(agent))
        return list(turns.items())

    async def last_words(self, *, before: float | None = None) -> LastWords | None:
        """Return the end of the store; None when it is empty. A start after a crash needs it to say ``down``.

        ``before``: the end of what was told before that time (Unix seconds).
        """
        asked = select(FACTS.c.t, FACTS.c.seq).order_by(FACTS.c.seq.desc()).limit(1)
        async with self._engine.connect() as connection:
            last = (await connection.execute(asked if before is None else asked.where(FACTS.c.t < before))).first()
            if last is None:
                return None
            t, seq = last
            engine = await fact_snapshot.engine_state(connection, seq + 1)
        return LastWords(t=t, engine=None if engine is None else str(engine["state"]))

    async def export(self, since: float | None, now: float) -> AsyncIterator[str]:
        """Yield the facts export (contract: facts.md) as JSON lines without line ends.

        First the ``export`` line: ``from``, ``to``, ``open`` (ids) and ``agents`` (one object an agent, with the fields
        of an ``agent`` fact) as they were at ``from``; then the policies and the engine state in force at ``from``;
        then the facts. ``since`` and ``now`` are Unix seconds; ``since`` None means all.
        """
        first, last = await self._span(since)
        start = since
        async with self._engine.connect() as connection:
            if start is None:
                start = await connection.scalar(select(func.min(FACTS.c.t)))
            start = now if start is None else start
            agents = await fact_snapshot.agents(connection, first)
            in_force = await fact_snapshot.policies(connection, first)
            engine = await fact_snapshot.engine_state(connection, first)
        calls = dict.fromkeys(fact["call"] for fact in await self.open_facts(before=first))
        head = {"t": start, "ev": "export", "from": start, "to": now}
        yield json.dumps(head | {"open": list(calls), "agents": agents})
        for line in [*in_force, *([] if engine is None else [engine])]:
            yield json.dumps(line | {"t": start})
        async for body in self._bodies(first, last):
            yield body

    async def _span(self, t: float | None) -> tuple[int, int]:
        """Return the first ``seq`` at or after ``t`` and the last one there is."""
        async with self._engine.connect() as connection:
            last = await connection.scalar(select(func.max(FACTS.c.seq))) or 0
            if t is None:
                return 0, last
            first = await connection.scalar(select(func.min(FACTS.c.seq)).where(FACTS.c.t >= t))
        return (last + 1 if first is None else first), last

    async def _bodies(self, first: int, last: int) -> AsyncIterator[str]:
        """Yield lines page by page, a short transaction each: no long reader stands in the way of the writer."""
        seen = first - 1
        while seen < last:
            page = (
                select(FACTS.c.seq, FACTS.c.body)
                .where(FACTS.c.seq > seen, FACTS.c.seq <= last)
                .order_by(FACTS.c.seq)
                .limit(_PAGE)
            )
            async with self._engine.connect() as connection:
                rows = (await connection.execute(page)).all()
            for row in rows:
                seen = row.seq
                yield row.body
            if not rows:
                return
