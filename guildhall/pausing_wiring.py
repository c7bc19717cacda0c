"""Recording as the engine's process looks after it: keys and commands, what callers were told, whose call it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.contact_law import ContactState
from acd.core.world import queue_of
from acd.engine import Engine
from adapters.asterisk.ami_meaning import Event
from adapters.asterisk.link_port import Link
from adapters.asterisk.recorder_events import read_recorder_event
from adapters.asterisk.recorder_mute import AmiRecorders
from adapters.store.subjects import SqlSubjects
from adapters.vault.directory import MasterKeys
from guildhall.recordings_keys import recording_keys
from guildhall.settings import Settings
from guildhall.taking_over import TakingOver
from kernel.commands import (
    Command,
    Outcome,
    PauseRecording,
    RecorderCommand,
    ResumeRecording,
    ShowRecorders,
    TakeSecret,
)
from kernel.errors import BadInput, GuildhallError
from kernel.facts import AlarmRaised, CallerTold, CallUnrecorded, Fact, RecordingDemanded
from kernel.ids import AgentId, ContactId, LegId
from kernel.queues import Queue
from kernel.recording_rule import Told
from kernel.seen_recording import (
    CallerKnown,
    CallerToldSeen,
    DemandedSeen,
    LiveCall,
    RecorderKeyPressed,
    SecureInputAsked,
    SecureInputOver,
)
from recordings.core.subject import subject_number
from recordings.pausing import Pausing
from recordings.ports import Clock, FactSink
from recordings.recorder import Recorder
from recordings.secure_input import SecureInput

log = structlog.get_logger()

Inner = Command | RecorderCommand


class EngineCalls:
    """The joined calls as the engine's world has them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_contact(self, contact: ContactId) -> LiveCall | None:
        """This contact's."""
        found = self._engine.world.contacts.get(contact)
        if found is None or found.state is not ContactState.JOINED:
            return None
        if found.wish is None:
            return LiveCall(contact=contact, channel=found.channel, queue=None, agent=found.agent)
        queue = queue_of(self._engine.world, found.wish)
        return LiveCall(
            contact=contact,
            channel=found.channel,
            queue=found.wish.queue,
            agent=found.agent,
            council=queue.tenant,
            agent_leg=self._leg(found.agent),
        )

    def _leg(self, agent: AgentId | None) -> LegId | None:
        """Her leg in the call: the one that was dialled for it."""
        found = self._engine.world.agents.get(agent) if agent is not None else None
        return None if found is None else next((leg for leg, own in found.legs.items() if not own), None)

    def of_agent(self, agent: AgentId) -> LiveCall | None:
        """The one this agent is in."""
        found = self._engine.world.agents.get(agent)
        return None if found is None or found.contact is None else self.of_contact(found.contact)

    def now(self) -> list[LiveCall]:
        """All of them."""
        found = map(self.of_contact, self._engine.world.contacts)
        return [call for call in found if call is not None]


class RecordingCare:
    """Everything about recording in the engine's process but the measuring of files."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        settings: Settings,
        engine: Engine,
        link: Link,
        queues: Sequence[Queue],
        agents: Mapping[str, AgentId],
        facts: FactSink,
        clock: Clock,
        database: AsyncEngine,
        recorder: Recorder,
    ) -> None:
        self._agents, self._facts, self._clock = agents, facts, clock
        self._rules = {queue.id: queue.recording for queue in queues}
        recorders, calls = AmiRecorders(link), EngineCalls(engine)
        self.pausing = Pausing(recorders, calls, self._rules, facts, clock)
        self.secure = SecureInput(self.pausing, recorders, calls, self.pausing.rule, facts, clock)
        self.subjects = SqlSubjects(database)
        self._keys = _keys(settings)
        self.taking_over = TakingOver(recorders, calls, recorder, self._note_subject)
        self._looking: asyncio.Task[None] | None = None

    def take(self, queues: Sequence[Queue]) -> None:
        """Another version's rules. Those of queues that are gone stay for the calls that are not."""
        self._rules.update({queue.id: queue.recording for queue in queues})

    def hear(self, fact: Fact) -> None:
        """What ends a pause, and a secret input; when there is something to take over."""
        self.pausing.hear(fact)
        self.secure.hear(fact)
        self.taking_over.hear(fact)

    def link_up(self) -> None:
        """The PBX can be reached (again): see what is paused."""
        self._looking = asyncio.get_running_loop().create_task(self.pausing.look())

    def event(self, event: Event) -> None:
        """Hear an event of the PBX. Never raises: calls go on whatever recording does."""
        try:
            seen = read_recorder_event(event, self._agents)
        except BadInput as error:
            log.warning("an event of the recorder cannot be read", code=error.code)
            return
        now = self._clock.now()
        if isinstance(seen, RecorderKeyPressed | SecureInputAsked | SecureInputOver):
            self._pause(seen)
        elif isinstance(seen, CallerToldSeen):
            self._facts.publish(CallerTold(t=now, call=seen.contact, told=seen.told.value))
            if seen.told is Told.UNHEARD:
                log.error("ALARM: a caller could not be told of recording", call=seen.contact)
                self._facts.publish(AlarmRaised(t=now, what="notice_unheard", contact=seen.contact))
        elif isinstance(seen, CallerKnown):
            self._note_subject(seen)
        elif isinstance(seen, DemandedSeen):
            self._facts.publish(RecordingDemanded(t=now, call=seen.contact))
        elif seen is not None:
            self._facts.publish(CallUnrecorded(t=now, call=seen.contact, why=seen.why))

    def _note_subject(self, seen: CallerKnown) -> None:
        number = subject_number(seen.number)
        if number is None or self._keys is None:
            return
        try:
            self.subjects.put(seen.contact, self._keys.subject(number))
        except OSError as error:
            # A key device that is away takes no call away.
            log.error("ALARM: a call cannot be found by number later", call=seen.contact, kind=type(error).__name__)  # noqa: TRY400 - told whole

    def _pause(self, seen: RecorderKeyPressed | SecureInputAsked | SecureInputOver) -> None:
        if isinstance(seen, SecureInputAsked):
            self.secure.asked(seen)
        elif isinstance(seen, SecureInputOver):
            self.secure.over(seen)
        else:
            (self.secure.told if seen.do == "secured" else self.pausing.key)(seen)

    def door(self, ask: Callable[[Command], Awaitable[Outcome]]) -> Callable[[Inner], Awaitable[Outcome]]:
        """Answer the recorder's commands here; hand every other on."""

        async def answer(command: Inner) -> Outcome:
            if isinstance(command, PauseRecording):
                return await self.pausing.pause(
                    command.contact, by=command.by, why=command.why, seconds=command.seconds
                )
            if isinstance(command, ResumeRecording):
                return await self.pausing.resume(command.contact, by=command.by)
            if isinstance(command, TakeSecret):
                return self.secure.begin(command.agent)
            if isinstance(command, ShowRecorders):
                return self.pausing.shown()
            return await ask(command)

        return answer


def _keys(settings: Settings) -> MasterKeys | None:
    try:
        return recording_keys(settings)
    except (GuildhallError, OSError) as error:
        log.error("ALARM: calls cannot be found by number later", kind=type(error).__name__)  # noqa: TRY400 - the worker says why
        return None
