"""A fact store in memory: the port that ``adapters.store.FactStore`` meets, for tests of what puts and reads facts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from adapters.store.fact_history import LastWords
from kernel.facts import Fact, as_line
from kernel.ids import AgentId, QueueId
from tests.fakes.small_pbx_view import Told


class FactLog:
    """Keeps every fact at once; ``lines`` may be looked at any time."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    @property
    def lines(self) -> list[dict[str, object]]:
        """The facts as the export writes them."""
        return [json.loads(json.dumps(as_line(fact), default=dict)) for fact in self.facts]

    def put(self, fact: Fact) -> None:
        """Keep a fact."""
        self.facts.append(fact)

    async def run(self) -> None:
        """Nothing to do until cancelled."""
        await asyncio.Event().wait()

    async def flush(self) -> None:
        """Nothing to wait for."""

    async def since(self, t: float | None) -> AsyncIterator[dict[str, object]]:
        """Yield the facts from the first one at or after ``t``."""
        begun = t is None
        for line in self.lines:
            begun = begun or (t is not None and float(str(line["t"])) >= t)
            if begun:
                yield line

    async def open_facts(self) -> list[dict[str, object]]:
        """Return every fact of the calls that began and did not end."""
        began = {line["call"] for line in self.lines if line["ev"] in {"call", "arrive"}}
        ended = {line["call"] for line in self.lines if line["ev"] == "end"}
        return [line for line in self.lines if line.get("call") in began - ended]

    async def last_turns(self) -> list[tuple[QueueId, AgentId]]:
        """Return whom each queue's last offer went to, as the small PBX of the core's tests reads it."""
        return list(Told(self.lines).turns.items())

    async def last_words(self, *, before: float | None = None) -> LastWords | None:
        """Return the end of the log, or of what was told before that time."""
        lines = [line for line in self.lines if before is None or float(str(line["t"])) < before]
        if not lines:
            return None
        said = [str(line["state"]) for line in lines if line["ev"] == "engine"]
        return LastWords(t=float(str(lines[-1]["t"])), engine=said[-1] if said else None)
