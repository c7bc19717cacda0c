"""The PBX's snapshot together with what the store was already told: so that a restart tells nothing twice."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.asterisk.ami_view import AmiView
from adapters.store.fact_store import FactStore
from kernel.ids import AgentId, ContactId, QueueId
from kernel.seen import PbxSeen

log = structlog.get_logger()

#: The store is asked at the first reconcile; a store that is slow or away must not keep callers waiting.
_STORE_PATIENCE_S = 1.0


@dataclass(slots=True)
class Told:
    """What the facts of calls without an end say."""

    calls: set[ContactId] = field(default_factory=set)
    arrived: set[ContactId] = field(default_factory=set)
    offers: set[tuple[ContactId, AgentId]] = field(default_factory=set)
    answers: set[tuple[ContactId, AgentId]] = field(default_factory=set)
    answered: set[ContactId] = field(default_factory=set)
    excluded: set[tuple[ContactId, AgentId, float]] = field(default_factory=set)

    def read(self, fact: Mapping[str, Any]) -> None:
        """Take in the next fact."""
        call, pair = ContactId(fact["call"]), (ContactId(fact["call"]), AgentId(fact.get("agent", "")))
        match fact["ev"]:
            case "call":
                self.calls.add(call)
            case "arrive":
                self.arrived.add(call)
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
    )


class KnowingView:
    """The PBX's snapshot, and at the first one of this process what the store was already told."""

    def __init__(self, view: AmiView, store: FactStore) -> None:
        self._view = view
        self._store = store
        self._first = True

    async def see(self) -> PbxSeen:
        """Take a snapshot. Raises as ``AmiView.see``."""
        seen = await self._view.see()
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
