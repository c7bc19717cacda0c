"""The PBX's snapshot together with what the store was already told: so that a restart tells nothing twice."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

import structlog

from adapters.asterisk.ami_view import AmiView
from adapters.store.fact_store import FactStore
from kernel.ids import ContactId
from kernel.seen import PbxSeen

log = structlog.get_logger()

#: The store is asked at the first reconcile; a store that is slow or away must not keep callers waiting.
_STORE_PATIENCE_S = 1.0


class KnowingView:
    """The PBX's snapshot, and what the store has already been told of the calls in it."""

    def __init__(self, view: AmiView, store: FactStore, publish_end: Callable[[ContactId, str], None]) -> None:
        self._view = view
        self._store = store
        self._publish_end = publish_end
        self._first = True

    async def see(self) -> PbxSeen:
        """Take a snapshot; at the first one of this process, end the calls that ended while nobody looked."""
        seen = await self._view.see()
        if not self._first:
            return seen
        try:
            async with asyncio.timeout(_STORE_PATIENCE_S):
                known = await self._store.open_calls()
        except Exception:
            # Without the store a call's `arrive` may be told twice; better than callers who are not served.
            log.exception("the store cannot be read: going on without it")
            return seen
        self._first = False
        there = {call.contact for call in seen.calls}
        for call in known:
            if call.call not in there:
                self._publish_end(call.call, "completed" if call.state == "joined" else "abandoned")
        return dataclasses.replace(
            seen,
            told_calls=frozenset(call.call for call in known),
            told=frozenset(call.call for call in known if call.state != "ivr"),
        )
