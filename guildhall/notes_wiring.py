"""Notes on contacts in the engine's process: who stands how to which call, where they are kept, and their door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog
from sqlalchemy.exc import SQLAlchemyError

from acd.core.consult import bound
from acd.core.line import ALL_COUNCILS
from acd.core.world import Agent, World
from adapters.store.contact_notes import SqlContactNotes
from desk.after_call import HerCall
from desk.notes import Notes, Stand, StandingCall
from kernel.agent import Occupation
from kernel.commands import Explain, Outcome, ShowNotes, TakeNote
from kernel.ids import AgentId, ContactId, TenantId

log = structlog.get_logger()

#: A caller waits while she reads.
_LIMIT_S = 3.0


class CallsInWorld:
    """Meets ``desk.notes.CallsOfPeople``: by the engine's own view, and by ``last`` for a call that is over."""

    def __init__(self, world: Callable[[], World], last: Callable[[AgentId], HerCall | None]) -> None:
        self._world, self._last = world, last

    def of_agent(self, agent: AgentId) -> StandingCall | None:
        """See the port."""
        return self._now(agent) or self._before(agent)

    def written_by(self, agent: AgentId) -> StandingCall | None:
        """See the port."""
        found = self._now(agent)
        return self._before(agent) if found is None or found.stand is Stand.RINGING else found

    def supervised(self, agent: AgentId, contact: ContactId) -> StandingCall | None:
        """See the port."""
        found, boss = self.under_way(contact), self._agent(agent)
        councils = self.councils(agent)
        if found is None or boss is None or not boss.profile.supervisor:
            return None
        return found if councils is None or found.council in councils else None

    def under_way(self, contact: ContactId) -> StandingCall | None:
        """See the port."""
        found = self._world().contacts.get(contact)
        return None if found is None else StandingCall(call=found.id, council=found.tenant, stand=Stand.SUPERVISING)

    def councils(self, agent: AgentId) -> Collection[TenantId] | None:
        """See the port."""
        found = self._agent(agent)
        councils = frozenset[TenantId]() if found is None else frozenset(found.profile.councils)
        return None if ALL_COUNCILS in councils else councils

    def _agent(self, agent: AgentId) -> Agent | None:
        found = self._world().agents.get(agent)
        return None if found is None or found.removed else found

    def _now(self, agent: AgentId) -> StandingCall | None:
        world = self._world()
        found = world.agents.get(agent)
        contact = None if found is None or found.contact is None else world.contacts.get(found.contact)
        if found is None or contact is None:
            return None
        stand = Stand.RINGING if found.occupation is Occupation.RESERVED else Stand.TALKING
        if stand is Stand.TALKING and bound(world, found) is not None:
            stand = Stand.ASKED
        return StandingCall(call=contact.id, council=contact.tenant, stand=stand)

    def _before(self, agent: AgentId) -> StandingCall | None:
        known = self._last(agent)
        return None if known is None else StandingCall(call=known.call, council=known.council, stand=Stand.AFTER)


class NotesDoor:
    """Answers what is asked about notes; a store that is away is said, and holds up nothing else."""

    def __init__(self, notes: Notes, store: SqlContactNotes, now: Callable[[], float]) -> None:
        self._notes, self._store, self._now = notes, store, now

    async def answer(self, asked: TakeNote | ShowNotes) -> Outcome:
        """The outcome. Raises ``BadInput`` for a text that is none."""
        try:
            async with asyncio.timeout(_LIMIT_S):
                return await (self._notes.take(asked) if isinstance(asked, TakeNote) else self._notes.show(asked))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # Only the kind: a driver's text may hold the row.
            log.warning("notes cannot be kept or read", error=type(error).__name__)
            message = "the database does not answer now: tell the next agent yourself, and try again later"
            return Outcome(ok=False, code="store_away", message=message)

    async def explained(self, asked: Explain, outcome: Outcome) -> Outcome:
        """The explanation of a call, with who noted something on it and when."""
        if not outcome.ok or not isinstance(outcome.data, dict):
            return outcome
        try:
            async with asyncio.timeout(_LIMIT_S):
                heads = await self._store.heads(asked.contact, self._now())
        except (SQLAlchemyError, OSError, TimeoutError):
            # Why a call waits can be told without.
            return outcome
        data = outcome.data | ({"notes": heads} if heads else {})
        return Outcome(ok=True, code=outcome.code, message=outcome.message, data=data)
