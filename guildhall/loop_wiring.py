"""The loop around steering in the engine's process: needs, reasons, notes, words kept by rule, the review."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Collection

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.engine import Engine
from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.store.contact_notes import SqlContactNotes
from adapters.store.needs import SqlNeeds
from adapters.store.steered_words import SqlSteeredWords
from adapters.store.subjects import SqlSubjects
from adapters.vault.directory import MasterKeys
from adapters.vault.notes import open_note, seal_note
from desk.after_call import AfterCall, HerCall, no_call
from desk.notes import Notes
from guildhall.callers_needs import CallersNeeds, set_by_agent
from guildhall.drift_watch import DriftWatch
from guildhall.flow_notes import NotesOfFlows
from guildhall.kept_notes import days_of, notes_store
from guildhall.kept_words import CouncilWords
from guildhall.notes_wiring import CallsInWorld, NotesDoor
from guildhall.pausing_wiring import EngineCalls, Inner
from guildhall.recordings_keys import recording_keys
from guildhall.settings import Settings
from ivr.flows import FlowsInForce
from ivr.ports import Services
from kernel.commands import AfterCallCommand, Explain, GiveReason, Outcome, SetNeed, ShowNotes, ShowState, TakeNote
from kernel.errors import GuildhallError
from kernel.ids import AgentId, ContactId, TenantId
from kernel.needs import Need
from kernel.steering import SteeringBook

log = structlog.get_logger()

#: How often what is past its end is deleted; it does not hold any more from its end on.
_PRUNE_EVERY_S = 3600.0
#: An agent's phone waits for it in silence.
_NEED_LIMIT_S = 3.0

Answers = Callable[[Inner | AfterCallCommand], Awaitable[Outcome]]


class SteeringLoop:
    """What closes the loop; ``run`` it beside the engine."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        settings: Settings,
        database: AsyncEngine,
        engine: Engine,
        subjects: SqlSubjects,
        flows: FlowsInForce,
        facts: MemoryBus,
        clock: SteadyClock,
    ) -> None:
        self._subjects, self._flows, self._calls = subjects, flows, EngineCalls(engine)
        self._needs: CallersNeeds | None = None
        self._words: SqlSteeredWords | None = None
        self._notes_store: SqlContactNotes | None = None
        self._needs_store, self._clock = SqlNeeds(database), clock
        self._keys = _keys(settings)
        if (keys := self._keys) is not None:
            self._needs = CallersNeeds(self._needs_store, keys.subject, clock.now)
            self._words = SqlSteeredWords(
                database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t)
            )
            self._notes_store = notes_store(database, keys)
        self._watch = DriftWatch(facts, clock)
        self._after = AfterCall(now_in=self._talking, book=self._steering, facts=facts, clock=clock)
        facts.subscribe(self._after.hear)
        self._notes = self._noted(engine, facts)
        self._flow_notes = self._noted_by_flows(facts)

    def _noted(self, engine: Engine, facts: MemoryBus) -> NotesDoor | None:
        if self._notes_store is None:
            return None
        calls = CallsInWorld(lambda: engine.world, self._after.call_of)
        notes = Notes(
            book=self._notes_store,
            calls=calls,
            subject=self._subject,
            needs=self._needs_of,
            days=self._note_days,
            facts=facts,
            clock=self._clock,
        )
        facts.subscribe(notes.hear)
        return NotesDoor(notes, self._notes_store, self._clock.now)

    def _noted_by_flows(self, facts: MemoryBus) -> NotesOfFlows | None:
        if self._notes_store is None or self._keys is None:
            return None
        return NotesOfFlows(self._notes_store, self._note_days, self._keys.subject, facts, self._clock)

    def _note_days(self, council: TenantId) -> int:
        return days_of(self._flows.book.tenant(council))

    def services(self, services: Services) -> Services:
        """The same services with callers' needs, and their words where a council keeps them."""
        if self._keys is None or self._words is None:
            return services
        words = CouncilWords(self._words, self._steering, self._keys.subject, self._clock.now)
        return dataclasses.replace(services, needs=self._needs, words=words, notes=self._flow_notes)

    def door(self, ask: Callable[[Inner], Awaitable[Outcome]]) -> Answers:
        """Answer what is asked of a call after it here; hand every other command on."""

        async def answer(command: Inner | AfterCallCommand) -> Outcome:
            if isinstance(command, GiveReason):
                return self._after.give_reason(command)
            if isinstance(command, SetNeed):
                return await self._set_need(command)
            if isinstance(command, TakeNote | ShowNotes):
                return await self._notes.answer(command) if self._notes is not None else _no_key()
            outcome = await ask(command)
            if isinstance(command, Explain) and self._notes is not None:
                return await self._notes.explained(command, outcome)
            if isinstance(command, ShowState) and isinstance(outcome.data, dict) and self._watch.standing:
                return dataclasses.replace(outcome, data=outcome.data | {"steering": dict(self._watch.standing)})
            return outcome

        return answer

    async def run(self) -> None:
        """Write what waits, and delete what is past its end, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._prune())
            tasks.create_task(self._watch.run())
            if self._words is not None:
                tasks.create_task(self._words.run())

    async def _prune(self) -> None:
        while True:
            try:
                await self._needs_store.prune(self._clock.now())
                if self._words is not None:
                    await self._words.prune(self._clock.now())
                if self._notes_store is not None:
                    await self._notes_store.prune(self._clock.now())
            except Exception as error:  # noqa: BLE001 - what is past its end does not hold meanwhile; the next round tries again
                log.warning("what is past its end cannot be deleted yet", error=type(error).__name__)
            await asyncio.sleep(_PRUNE_EVERY_S)

    async def _set_need(self, asked: SetNeed) -> Outcome:
        mine = self._after.call_of(asked.agent)
        if mine is None or self._needs is None:
            return no_call()
        try:
            async with asyncio.timeout(_NEED_LIMIT_S):
                return await set_by_agent(self._needs, self._subject, asked, mine.call, mine.council)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("a need cannot be kept", error=type(error).__name__)
            return Outcome(ok=False, code="store_away", message="the database takes nothing now: try again later")

    async def _needs_of(self, call: ContactId, council: TenantId) -> Collection[Need]:
        subject = await self._subject(call)
        return () if subject is None else await self._needs_store.of(subject, council, self._clock.now())

    async def _subject(self, call: ContactId) -> str | None:
        # Whose call it is may wait for its write.
        await self._subjects.flush()
        return await self._subjects.of(call)

    def _talking(self, agent: AgentId) -> HerCall | None:
        found = self._calls.of_agent(agent)
        return None if found is None or found.council is None else HerCall(call=found.contact, council=found.council)

    def _steering(self, council: TenantId) -> SteeringBook | None:
        known = self._flows.book.tenant(council)
        return None if known is None else known.steering


def _no_key() -> Outcome:
    message = (
        "nothing can be noted without the master key: 'guildhall doctor' and the recordings' log say what is wrong"
    )
    return Outcome(ok=False, code="no_key", message=message)


def _keys(settings: Settings) -> MasterKeys | None:
    try:
        return recording_keys(settings)
    except (GuildhallError, OSError) as error:
        log.error("callers' needs cannot be known: no master key", kind=type(error).__name__)  # noqa: TRY400 - the recordings' worker says why
        return None
