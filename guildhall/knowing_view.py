"""The PBX's snapshot together with what the store was already told: so that a restart tells nothing twice."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.asterisk.ami_view import AmiView
from adapters.asterisk.queue_log import QueueLog
from adapters.store.fact_store import FactStore
from kernel.facts import ContactEnded, Fact
from kernel.ids import AgentId, ContactId, QueueId
from kernel.seen import EndedCall, PbxSeen

log = structlog.get_logger()

#: The store is asked at the first reconcile; a store that is slow or away must not keep callers waiting.
_STORE_PATIENCE_S = 1.0
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
    queues: dict[ContactId, QueueId] = field(default_factory=dict)
    last_agents: dict[ContactId, tuple[AgentId, float]] = field(default_factory=dict)

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
            case "may" if fact.get("why") == "excluded":
                self.excluded.update((call, agent, fact["until"]) for agent in fact.get("not", ()))


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
        told_turns=frozenset(turns),
        told_queues=frozenset(told.queues.items()),
        told_last_agents=frozenset((call, agent, t) for call, (agent, t) in told.last_agents.items()),
    )


class KnowingView:
    """The PBX's snapshot, and at the first one of this process what the store was already told."""

    def __init__(
        self, view: AmiView, store: FactStore, records: QueueLog | None = None, last_words: float | None = None
    ) -> None:
        """``last_words``: time of the last fact an earlier process told (Unix seconds); None when there is none."""
        self._view = view
        self._store = store
        self._records = records
        self._last_words = last_words
        #: Calls whose end was told by this process, the last ones.
        self._ended: OrderedDict[ContactId, None] = OrderedDict()
        self._first = True

    def hear(self, fact: Fact) -> None:
        """Note whose end was told: Asterisk's record of it is no news."""
        if isinstance(fact, ContactEnded):
            self._ended[fact.call] = None
            if len(self._ended) > _ENDED_KEPT:
                self._ended.popitem(last=False)

    def _unseen(self) -> tuple[EndedCall, ...]:
        """What Asterisk wrote down since the last look and nobody told. Without last words there was nobody before."""
        if self._records is None:
            return ()
        rows = self._records.new_rows()
        since = self._last_words
        if since is None:
            # A store that cannot be read, or a first start: what was told before is not known, so nothing is added.
            self._last_words = 0.0
            return ()
        return tuple(row for row in rows if row.ended_at > since and row.contact not in self._ended)

    async def see(self) -> PbxSeen:
        """Take a snapshot. Raises as ``AmiView.see``."""
        seen = await self._view.see()
        # After the snapshot: whoever is not in it and ended before it is in the record.
        seen = dataclasses.replace(seen, ended=self._unseen())
        if not self._first:
            return seen
        self._first = False
        try:
            async with asyncio.timeout(_STORE_PATIENCE_S):
                return with_told(seen, await self._store.open_facts(), await self._store.last_turns())
        except Exception:
            # A call's `arrive` may then be told twice: better than callers who are not served.
            log.exception("the store cannot be read: going on without it")
            return seen
