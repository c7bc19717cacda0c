"""One call in the IVR, from the moment we have the line until the call waits for a person or ends."""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import replace

import structlog

from ivr.asking import known_needs
from ivr.core.effects import Enqueue as EnqueueEffect
from ivr.core.effects import HangUp, Play
from ivr.core.flow import Flow
from ivr.flows import FlowBook, FlowsInForce
from ivr.leaving import leave_queue
from ivr.perform import Outside, perform
from ivr.ports import CallerLine, Clock, FactSink, Services, SoundPaths
from ivr.securing import take_secret
from ivr.surveying import WithoutSteps, survey_caller
from ivr.walking import walk_flow
from kernel.errors import LineGone
from kernel.needs import first_language
from kernel.queues import Queue
from kernel.tenant import Tenant

log = structlog.get_logger()

NUMBER_UNKNOWN = "number_unknown"


class Ivr:
    """Answers calls by the flows in force."""

    def __init__(
        self,
        *,
        flows: FlowsInForce,
        sounds: SoundPaths,
        facts: FactSink,
        clock: Clock,
        services: Services | None = None,
    ) -> None:
        self._flows = flows
        self._sounds = sounds
        self._facts = facts
        self._clock = clock
        self._services = services or Services()

    async def answer(self, line: CallerLine, *, typed: str = "") -> None:
        """Run one call. Never raises but for cancellation: whatever fails, the call goes towards a person (law 5).

        ``typed``: keys pressed before we had the line, during the opening that the dialplan plays by itself.
        """
        book = self._flows.for_call(line.number, line.contact)
        sounds = book.sounds or self._sounds
        outside = Outside(line=line, sounds=sounds, facts=self._facts, clock=self._clock, services=self._services)
        try:
            await line.answer()
            await _run(outside, book, typed)
        except LineGone:
            return
        except Exception as error:  # noqa: BLE001 - no fault of ours may cost the caller the call
            # Type and place only: the error's text may hold what the caller typed.
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = {"error": type(error).__name__, "at": f"{where.name}:{where.lineno}"}
            log.error("flow failed", contact=line.contact, **fault)  # noqa: TRY400 - a traceback repeats that text
            await _rescue(outside, book)

    async def leave(self, line: CallerLine, *, queue: str, why: str, language: str) -> None:
        """Run the way out of a queue. Never raises but for cancellation: whatever fails, the call waits on."""
        book = self._flows.for_call(line.number, line.contact)
        sounds = book.sounds or self._sounds
        outside = Outside(line=line, sounds=sounds, facts=self._facts, clock=self._clock, services=self._services)
        await leave_queue(outside, book, queue=queue, why=why, language=language)

    async def survey(self, line: CallerLine, *, flow: str, language: str) -> None:
        """Ask the caller after her talk. Never raises but for cancellation."""
        book = self._flows.for_call(line.number, line.contact)
        sounds = book.sounds or self._sounds
        outside = Outside(line=line, sounds=sounds, facts=self._facts, clock=self._clock, services=self._services)
        await survey_caller(replace(outside, facts=WithoutSteps(outside)), book, flow=flow, language=language)

    async def secure(self, line: CallerLine, *, flow: str, language: str, seconds: float) -> None:
        """Take secret digits in a talk; the dialplan joins both again. Never raises but for cancellation."""
        book = self._flows.for_call(line.number, line.contact)
        sounds = book.sounds or self._sounds
        outside = Outside(line=line, sounds=sounds, facts=self._facts, clock=self._clock, services=self._services)
        result = await take_secret(outside, book, flow=flow, language=language, seconds=seconds)
        if result is not None:
            with contextlib.suppress(LineGone):
                await line.set_variables({"GH_SECURED": result})


async def _run(outside: Outside, book: FlowBook, typed: str) -> None:
    line = outside.line
    tenant = book.tenant(line.tenant)
    if tenant is None:
        await _refuse(outside)
        return
    target = book.answering(tenant, line.number)
    if isinstance(target, Flow):
        needs = await known_needs(outside)
        language = first_language(tenant.languages, needs)
        await walk_flow(outside, target, language=language, typed=typed, needs=needs)
    elif target is not None:
        await perform(_wish(target, tenant), outside)
    else:
        log.error("number unknown", tenant=tenant.id, pii_number=line.number)
        await perform(_unknown_number(tenant.languages[0]), outside)
        await perform(_wish(book.queues[tenant.default_queue], tenant), outside)


async def _refuse(outside: Outside) -> None:
    """No council answers here, so no queue can be chosen: an honest message, and the end."""
    log.error("council unknown", pii_number=outside.line.number)
    await perform(_unknown_number("en"), outside)
    await perform(HangUp(why="rejected"), outside)


async def _rescue(outside: Outside, book: FlowBook) -> None:
    """Leave the call waiting for a person; when not even that can be said, the dialplan's own fallback does it."""
    tenant = book.tenant(outside.line.tenant)
    if tenant is None:
        return
    try:
        await perform(_wish(book.queues[tenant.default_queue], tenant), outside)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        log.warning("rescue failed", contact=outside.line.contact, error=type(error).__name__)


def _unknown_number(language: str) -> Play:
    return Play(prompts=(NUMBER_UNKNOWN,), language=language, interruptible=False)


def _wish(queue: Queue, tenant: Tenant) -> EnqueueEffect:
    return EnqueueEffect(queue=queue.id, priority=queue.priority, skills=queue.skills, language=tenant.languages[0])
