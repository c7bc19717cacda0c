"""What a flow may ask of the outside, wired to what does it: speech, the floor, surveys and more (``ivr/ports.py``)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.standing import staff_of, waiting_in
from acd.engine import Engine
from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.agi_session import AgiSession
from adapters.asterisk.ami_link import AmiLink
from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.files.dialplans import Dialplans
from adapters.files.message_folder import MessageFolder
from adapters.files.notice_board import NoticeBoard
from adapters.lookup.http_services import HttpLookups, HttpService, LookupLimits
from adapters.speech import quiet
from adapters.speech.on_demand import SpokenTexts
from adapters.speech.prompt_files import Manifest
from guildhall.callbacks_wiring import callback_desk
from guildhall.hours_board import notice_board
from guildhall.settings import PBX_SOUNDS, Settings
from ivr.messages import MessageBoxes
from ivr.outward import OutsideCalls
from ivr.ports import Services
from ivr.session import Ivr
from kernel.errors import BadInput
from kernel.facts import SurveyAnswered
from kernel.hours import Override
from kernel.ids import QueueId, TenantId, checked_id
from kernel.notices import overrides_of
from kernel.outbound import OutsideGate

log = structlog.get_logger()

#: The sound of an open line, as the PBX sees it, and its seconds.
TONE = str(PurePosixPath(PBX_SOUNDS) / quiet.FOLDER / "tone")
QUIET = (str(PurePosixPath(PBX_SOUNDS) / quiet.FOLDER / quiet.QUIET), float(quiet.QUIET_S))


def answer_survey(ivr: Ivr) -> Callable[[AgiSession], Coroutine[None, None, None]]:
    """Who answers the dialplan's `[after-talk]`: flow and language stand behind a line's five arguments."""

    async def answer(session: AgiSession) -> None:
        flow, language = (*session.args[5:7], "", "")[:2]
        line = AgiLine(session, quiet=QUIET)
        await ivr.survey(line, flow=checked_id(flow, "a flow"), language=checked_id(language or "en", "a language"))

    return answer


class EngineFloor:
    """How the queues stand, read from the engine's own view of this moment."""

    def __init__(self, engine: Engine, board: NoticeBoard) -> None:
        self._engine, self._board = engine, board

    def waiting(self, queue: QueueId) -> int | None:
        """Callers who wait; None while the engine does not know the PBX."""
        return waiting_in(self._engine.world, queue) if self._engine.world.deciding else None

    def staff(self, queue: QueueId) -> int | None:
        """Agents at work for it; None while the engine does not know the PBX."""
        return staff_of(self._engine.world, queue) if self._engine.world.deciding else None

    def notices(self, tenant: str) -> dict[str, tuple[Override, ...]]:
        """Changes of hours at short notice that are not over."""
        try:
            return overrides_of(self._board.notices(), TenantId(tenant), datetime.now(UTC))
        except BadInput as error:
            # The hours of the files hold: better than a caller for whom nothing is known.
            log.error("the notices cannot be read", code=error.code, reason=error.message)  # noqa: TRY400 - the reason says all
            return {}


class FactAnswers:
    """Keeps answers to surveys as facts, without the caller."""

    def __init__(self, facts: MemoryBus, clock: SteadyClock) -> None:
        self._facts, self._clock = facts, clock

    async def note(self, tenant: str, survey: str, answer: str) -> bool:
        """Keep one answer."""
        self._facts.publish(SurveyAnswered(t=self._clock.now(), council=TenantId(tenant), survey=survey, answer=answer))
        return True


class CallServices:
    """Everything of the outside that calls in flows use."""

    def __init__(
        self, settings: Settings, plans: Dialplans, engine: Engine, facts: MemoryBus, clock: SteadyClock
    ) -> None:
        #: One for the house: whatever dials out asks it.
        self.gate = OutsideGate(policies={})
        self.board = notice_board(settings)
        self._speech = SpokenTexts(settings.sounds, PBX_SOUNDS)
        self._lookups = HttpLookups({}, LookupLimits(networks=settings.lookup_networks))
        self.messages = MessageFolder(messages_folder(settings))
        if settings.trunk_out is None:
            log.warning("no outgoing trunk (GUILDHALL_TRUNK_OUT): nothing is transferred out, nobody is rung back")
        self.take(plans)
        self._outgoing = settings.trunk_out is not None
        self._engine, self._facts, self._clock = engine, facts, clock
        self.for_flows = Services(
            speech=self._speech,
            floor=EngineFloor(engine, self.board),
            lookups=self._lookups,
            answers=FactAnswers(facts, clock),
            messages=MessageBoxes(self.messages, facts, clock, TONE),
            transfers=OutsideCalls(self.gate, facts, clock) if settings.trunk_out else None,
        )

    def ring_back(self, database: AsyncEngine, link: AmiLink, prompts: Callable[[], Manifest]) -> None:
        """Promises need a store, a PBX and a line out."""
        if self._outgoing:
            desk = callback_desk(
                gate=self.gate,
                database=database,
                link=link,
                engine=self._engine,
                facts=self._facts,
                clock=self._clock,
                sound=lambda council, language, prompt: prompts().path(council, language, prompt),
            )
            self.for_flows = replace(self.for_flows, callbacks=desk)

    async def say(self, text: str) -> str | None:
        """A sentence in English, as the PBX sees it."""
        return await self._speech.path("_shared", "en", text)

    def take(self, plans: Dialplans) -> None:
        """A version came into force: its prompts' texts, and whom its councils may ring."""
        self._speech.texts = plans.prompts
        self._lookups.services = {
            key: HttpService(url=one.url, timeout_s=one.timeout) for key, one in plans.services.items()
        }
        self.gate.policies = {one.id: one.outside for one in plans.tenants}


def messages_folder(settings: Settings) -> Path:
    """Where callers' messages are, on this machine."""
    return settings.var / "pbx" / "spool" / "voicemail"
