"""What callers mean, on live calls: each council's steering, asked off the loop; its models have own processes."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping

import structlog

from adapters.speech.sentence_workers import SentenceWorkers
from guildhall.own_command import run_own
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.steering_models import Models, learned_at, taught, version
from ivr.core.verbs.steer import Steer
from ivr.flows import FlowBook
from ivr.ports import Services
from ivr.steering.understand import MOST_READINGS, Understanding, meant
from kernel.hearing import Heard
from kernel.ids import TenantId
from kernel.meaning import Meaning
from kernel.steering import SteeringBook

log = structlog.get_logger()

#: Seconds for learning in a process of its own; ten are usual.
_LEARN_LIMIT_S = 300.0
#: A council's file that was published is in force for steering within this.
_LOOK_AGAIN_S = 5.0


class CouncilsUnderstanding:
    """Meets ``ivr.ports.Understander``. Until a council's steering is loaded, only the phrases of its flows count."""

    def __init__(self, settings: Settings, book: Callable[[], FlowBook]) -> None:
        self._settings, self._book = settings, book
        self._ready: dict[str, tuple[SteeringBook, Understanding]] = {}
        self._workers = SentenceWorkers(model_files(settings))
        self._models: Models | None = None
        self._loading: asyncio.Task[None] | None = None

    def knows(self, tenant: str, intents: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the council's steering is loaded, or the step has phrases of its own."""
        return tenant in self._ready or any(intents.values())

    async def understand(
        self, tenant: str, said: Heard, language: str, intents: Mapping[str, tuple[str, ...]]
    ) -> Meaning:
        """What is meant, by all readings together."""
        known = self._book().tenant(tenant)
        book = (known.steering if known is not None else None) or SteeringBook(intents={})
        ready = self._ready.get(tenant)
        understood = ready[1] if ready is not None else None
        readings = [said.text, *said.alternatives[: MOST_READINGS - 1]]
        # In a thread: the runtime lets go of the lock, and the loop carries calls meanwhile.
        return await asyncio.to_thread(meant, book, lambda: understood, readings, language, intents)

    async def keep(self) -> None:
        """Load at the start, and after each publishing; end the models' processes with us."""
        try:
            while True:
                self.look()
                await asyncio.sleep(_LOOK_AGAIN_S)
        finally:
            if self._loading is not None:
                self._loading.cancel()
            await self._workers.stop()

    def look(self) -> None:
        """Begin to load what is not loaded, or what was published since."""
        if self._loading is None or self._loading.done():
            wanted = self._wanted()
            if any(self._ready.get(tenant, (None,))[0] is not book for tenant, book in wanted.items()):
                self._loading = asyncio.create_task(self._load(wanted))

    def _wanted(self) -> dict[TenantId, SteeringBook]:
        """Councils with a flow that listens."""
        book = self._book()
        listening = {
            tenant for (tenant, _), flow in book.flows.items() if any(isinstance(v, Steer) for v in flow.steps.values())
        }
        return {
            one.id: one.steering for one in book.tenants.values() if one.steering is not None and one.id in listening
        }

    async def _load(self, wanted: Mapping[TenantId, SteeringBook]) -> None:
        try:
            if self._models is None:
                found, missing = await self._workers.start()
                self._models = Models(found=found, missing=tuple(missing))
            models = self._models
            for sentence in models.missing:
                log.error("steering understands less", reason=sentence)
            for tenant, book in wanted.items():
                if not learned_at(self._settings, version(book, models)).exists():
                    await self._learn()
                made = await asyncio.to_thread(taught, self._settings, tenant, book, models, lambda _: None)
                self._ready[tenant] = (book, made)
                log.info("steering is ready", council=tenant, version=version(book, models))
        except Exception:
            log.exception("steering cannot be loaded: callers get the menu")

    async def _learn(self) -> None:
        """In a process of its own: ten seconds of one core must not sit beside the loop that carries calls."""
        # Callers get the menu until it is done.
        await run_own("steer", "train", within_s=_LEARN_LIMIT_S, hurry=True)


def with_understanding(
    services: Services, settings: Settings, book: Callable[[], FlowBook]
) -> tuple[Services, CouncilsUnderstanding | None]:
    """The same services, with somebody who understands; nobody where nobody listens."""
    if services.ears is None or settings.speech_workers == 0:
        return services, None
    understanding = CouncilsUnderstanding(settings, book)
    return dataclasses.replace(services, understanding=understanding), understanding
