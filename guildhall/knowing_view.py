"""The PBX's snapshot together with what the store was already told: so that a restart tells nothing twice."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from adapters.store.fact_history import LastWords
from kernel.facts import ContactEnded, Fact
from kernel.ids import AgentId, ContactId, QueueId
from kernel.seen import EndedCall, PbxSeen

log = structlog.get_logger()

#: The store is asked at the first reconcile; a store that is slow or away must not keep callers waiting.
_STORE_PATIENCE_S = 1.0
#: A store that was away then is asked again so often, and may take so long.
_AGAIN_S, _LATE_PATIENCE_S = 5.0, 10.0
#: Ends remembered: more than calls end between two looks.
_ENDED_KEPT = 20_000


@dataclass(slots=True)
class Told:
    """What the facts of calls without an end say."""

    calls: set[ContactId] = field(default_factory=set)
    arrived: set[ContactId] = field(default_factory=set)
    offers: set[tuple[ContactId, AgentId]] = field(default_factory=set)
    answers: set[tuple[ContactId, AgentId]] = field(default_factory=set)
    answered: set[ContactId] = field(default_factory=set)
    excluded: set[tuple[ContactId, AgentId, float]] = field(default_factory=set)
    bars: dict[tuple[ContactId, str], float] = field(default_factory=dict)
    queues: dict[ContactId, QueueId] = field(default_factory=dict)
    last_agents: dict[ContactId, tuple[AgentId, float]] = field(default_factory=dict)
    said: dict[tuple[ContactId, float], tuple[int | None, float | None, float | None]] = field(default_factory=dict)

    def read(self, fact: Mapping[str, Any]) -> None:
        """Take in the next fact."""
        call, pair = ContactId(fact["call"]), (ContactId(fact["call"]), AgentId(fact.get("agent", "")))
        match fact["ev"]:
            case "call":
                self.calls.add(call)
            case "arrive":
                self.arrived.add(call)
                self.queues[call] = QueueId(fact["queue"])
            case "transfer" if fact.get("queue"):
                self.queues[call] = QueueId(fact["queue"])
            case "offer":
                self.offers.add(pair)
            case "offer_end":
                self.offers.discard(pair)
            case "answer":
                self.offers.discard(pair)
                self.answers.add(pair)
                self.answered.add(call)
            case "leave":
                self.answers.discard(pair)
                self.last_agents.pop(call, None)
                # A phone that died is not waited for.
                if fact.get("why") != "failed":
                    self.last_agents[call] = (pair[1], float(fact["t"]))
            case "may" | "announced" | "scored":
                self._wait(call, fact)

    def _wait(self, call: ContactId, fact: Mapping[str, Any]) -> None:
        if fact["ev"] == "may":
            self._bar(call, fact)
        elif fact["ev"] == "scored":
            self.said.pop((call, fact["said_at"]), None)
        elif fact.keys() & {"position", "low_s"}:
            self.said[call, fact["t"]] = fact.get("position"), fact.get("low_s"), fact.get("high_s")

    def _bar(self, call: ContactId, fact: Mapping[str, Any]) -> None:
        if fact["why"] == "excluded":
            self.excluded.update((call, agent, fact["until"]) for agent in fact.get("not", ()))
        elif "agents" in fact:
            self.bars[call, fact["why"]] = float(fact["until"])


def with_told(
    seen: PbxSeen, facts: Iterable[Mapping[str, Any]], turns: Iterable[tuple[QueueId, AgentId]] = ()
) -> PbxSeen:
    """Add to a snapshot what the facts of open calls say, and whose turn it was in each queue."""
    told = Told()
    for fact in facts:
        told.read(fact)
    return dataclasses.replace(
        seen,
        told_calls=frozenset(told.calls),
        told=frozenset(told.arrived),
        told_offers=frozenset(told.offers),
        told_answers=frozenset(told.answers),
        told_answered=frozenset(told.answered),
        told_excluded=frozenset(told.excluded),
        told_bars=frozenset((call, why, until) for (call, why), until in told.bars.items()),
        told_turns=frozenset(turns),
        told_queues=frozenset(told.queues.items()),
        told_last_agents=frozenset((call, agent, t) for call, (agent, t) in told.last_agents.items()),
        told_said=frozenset((call, at, *what) for (call, at), what in told.said.items()),
    )


class Sight(Protocol):
    """Sees the PBX as it is."""

    async def see(self) -> PbxSeen:
        """Begin a new reign and take a snapshot."""
        ...


class Records(Protocol):
    """The PBX's own record of calls that ended."""

    def new_rows(self) -> tuple[EndedCall, ...]:
        """Return what was added since the last time."""
        ...


class Store(Protocol):
    """What was told before."""

    async def flush(self) -> None:
        """Return when everything told so far is stored, also by an earlier process."""
        ...

    async def open_facts(self) -> list[dict[str, object]]:
        """Return every fact of the calls that began and did not end, in order."""
        ...

    async def last_turns(self) -> list[tuple[QueueId, AgentId]]:
        """Return whom each queue's last offer went to."""
        ...

    async def last_words(self, *, before: float | None = None) -> LastWords | None:
        """Return when the last fact before that time was (Unix seconds); None when there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the store said. ``since``: time of the last fact an earlier process told; None: there was none."""

    facts: list[dict[str, object]]
    turns: list[tuple[QueueId, AgentId]]
    since: float | None


class KnowingView:
    """The PBX's snapshot, and once in the life of this process what the store was already told.

    At the first snapshot if the store can be read then. Otherwise callers are served without it, and ``catch_up`` asks
    for one more snapshot when the store is back: calls that ended meanwhile are closed by that one.
    """

    def __init__(self, view: Sight, store: Store, records: Records | None = None, started: float | None = None) -> None:
        """``started``: when this process began to tell facts (Unix seconds, on the facts' clock)."""
        self._view, self._store, self._records, self._started = view, store, records, started
        #: Calls whose end was told by this process, the last ones.
        self._ended: OrderedDict[ContactId, None] = OrderedDict()
        self._tried = self._told = self._reborn = False
        self._late: _Read | None = None
        #: Rows of the PBX's record that nobody could judge yet, and the time from which rows are news.
        self._kept: deque[EndedCall] = deque(maxlen=_ENDED_KEPT)
        self._since = 0.0

    def hear(self, fact: Fact) -> None:
        """Note whose end was told: Asterisk's record of it is no news."""
        if isinstance(fact, ContactEnded):
            self._ended[fact.call] = None
            if len(self._ended) > _ENDED_KEPT:
                self._ended.popitem(last=False)

    async def see(self) -> PbxSeen:
        """Take a snapshot. Raises as ``AmiView.see``."""
        seen = await self._view.see()
        # After the snapshot: whoever is not in it and ended before it is in the record.
        self._kept.extend(self._records.new_rows() if self._records is not None else ())
        if self._told:
            return dataclasses.replace(seen, ended=self._news())
        if not self._tried:
            self._tried, self._reborn = True, seen.reborn
            await self._read(_STORE_PATIENCE_S)
        read, self._late = self._late, None
        if read is None:
            return seen
        self._told = True
        if read.since is None:
            # A first start: what was told before is not known, so nothing is added.
            self._kept.clear()
        self._since = read.since or 0.0
        facts = (fact for fact in read.facts if fact.get("call") not in self._ended)
        return dataclasses.replace(
            with_told(seen, facts, read.turns), ended=self._news(), told_reborn=self._reborn and not seen.reborn
        )

    async def catch_up(self, look: Callable[[], None]) -> None:
        """Return when the store has been read; ask for a snapshot if that was later than the first one."""
        while True:
            await asyncio.sleep(_AGAIN_S)
            if self._told:
                return
            if self._tried and self._late is None and await self._read(_LATE_PATIENCE_S):
                log.info("the store can be read: closing the calls that ended meanwhile")
                look()

    def _news(self) -> tuple[EndedCall, ...]:
        """What Asterisk wrote down and nobody told."""
        rows = tuple(row for row in self._kept if row.ended_at > self._since and row.contact not in self._ended)
        self._kept.clear()
        return rows

    async def _read(self, patience_s: float) -> bool:
        """Read the store into ``_late``; whether that could be done."""
        try:
            async with asyncio.timeout(patience_s):
                # What an earlier process could not store waits in a file, and belongs to what was told.
                await self._store.flush()
                words = await self._store.last_words(before=self._started)
                facts, turns = await self._store.open_facts(), await self._store.last_turns()
        except Exception as error:  # noqa: BLE001 - whatever it is, callers are served without it
            # A call's `arrive` may then be told twice: better than callers who are not served.
            log.warning("the store cannot be read: going on without it", error=type(error).__name__)
            return False
        self._late = _Read(facts=facts, turns=turns, since=None if words is None else words.t)
        return True
