"""The engine's process: everything that decides, wired together in the order a reader expects."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.core.inputs import PeopleChanged
from acd.engine import Engine
from acd.glancing import Glancing
from adapters import log as logging_setup
from adapters.asterisk.agi_channel import AgiLine, leaving
from adapters.asterisk.agi_server import AgiServer
from adapters.asterisk.agi_session import AgiSession
from adapters.asterisk.ami_link import AmiLink
from adapters.asterisk.ami_meaning import Event, Meaning
from adapters.asterisk.ami_view import AmiView
from adapters.asterisk.leg_probe import LegProbe
from adapters.asterisk.lost_hangups import LostHangups
from adapters.asterisk.pbx_conf import PbxSettings
from adapters.asterisk.queue_log import QueueLog
from adapters.asterisk.readiness import Readiness
from adapters.asterisk.waiting_room import AmiWaitingRoom
from adapters.bus.memory import MemoryBus
from adapters.bus.mqtt import MqttPublisher
from adapters.clock import SteadyClock
from adapters.control.server import ControlServer
from adapters.files.audio_folder import DirectoryOfAudio
from adapters.store.engine import open_engine
from adapters.store.fact_history import LastWords
from adapters.store.fact_store import FactStore
from adapters.store.outbox import SqlOutbox
from guildhall.alarm_wiring import sound_alarm
from guildhall.directory import Directory
from guildhall.free_ports import load_ports
from guildhall.hours_wiring import HoursLines
from guildhall.knowing_view import KnowingView
from guildhall.links import ami_settings, mqtt_settings
from guildhall.loop_wiring import SteeringLoop
from guildhall.outside_wiring import CarefulDialler, OutsideDoor
from guildhall.pausing_wiring import RecordingCare
from guildhall.pbx import pbx_settings
from guildhall.prompts import pbx_prompts
from guildhall.secure_wiring import take_secret_input
from guildhall.services_wiring import QUIET, CallServices, answer_survey
from guildhall.settings import Settings
from guildhall.speech_wiring import Speech
from guildhall.star_wiring import answer_star, do_kept_stars
from guildhall.steering_wiring import with_understanding
from guildhall.store_at_start import last_words, prepare, prepare_later
from guildhall.versions_in_force import Taken, VersionsInForce, take
from guildhall.watchdog import show_life
from ivr.flows import FlowsInForce
from ivr.session import Ivr
from kernel.commands import Asked, Outcome, TakeVersions
from kernel.errors import BadInput, GuildhallError
from kernel.facts import EngineChanged
from kernel.seen import OrderRefused, RedirectRefused
from kernel.seen_phone import LegSilent
from recordings.recorder import Recorder

log = structlog.get_logger()


class Service:
    """One running engine with its outside."""

    def __init__(
        self, settings: Settings, taken: Taken, pbx: PbxSettings, database: AsyncEngine, words: LastWords | None
    ) -> None:
        self.settings, self.pbx, self.database, self._taken = settings, pbx, database, taken
        self.directory = Directory()
        agents, queues = self.directory.agents, self.directory.queues
        self.bus = MemoryBus()
        self.store = FactStore(database, spill=settings.var / "facts-spill.jsonl")
        self.bus.subscribe(self.store.put)
        self.link = AmiLink(ami_settings(pbx), on_event=self._event, on_up=self._link_up, on_down=self._link_down)
        self.hangups = LostHangups(self.link)
        # Facts stay in order even when the machine's clock was set back between two starts.
        self.clock = SteadyClock(at_least=words.t if words else None)
        if words is not None and words.engine != "down":
            # The last engine was killed: say when it stopped deciding, or its absence would look like idling.
            self.bus.publish(EngineChanged(t=words.t, state="down"))
        self.meaning = Meaning(agents, queues, self.clock.now)
        readiness = Readiness(self.settings.fallback_after_s)
        self.sight = AmiView(self.link, agents, queues, readiness)
        records = QueueLog(settings.queue_log, agents)
        self.view = KnowingView(self.sight, self.store, records, self.clock.now())
        self.bus.subscribe(self.view.hear)
        self.engine = Engine(
            dialler=self._dialler(readiness),
            room=AmiWaitingRoom(self.link, self._put, self._sound),
            pbx=self.view,
            facts=self.bus,
            clock=self.clock,
        )
        self.recorder = Recorder(DirectoryOfAudio(settings.recordings), self.bus, self.clock)
        self.bus.subscribe(self.recorder.hear)
        self.care = self._care()
        self.bus.subscribe(self.care.hear)
        self.prompts = pbx_prompts(settings)
        self.flows = FlowsInForce(taken.book, taken.staged)
        self.versions = VersionsInForce(settings, self.flows, self._follow)
        self.services, self.speech, self.ivr = self._answering(taken)
        self.agi = AgiServer("127.0.0.1", pbx.agi_port, pbx.agi_token, self._answers())
        self.door = self.loop.door(self.care.door(self._out().door(self.engine.ask)))
        self.control = ControlServer(settings.control, self._ask)

    def _dialler(self, readiness: Readiness) -> CarefulDialler:
        probe = LegProbe(self.link, self._put, self.settings.phone_gone_s)
        return CarefulDialler(self._out, self.link, self.directory.sip_users, self._put, readiness, probe)

    def _out(self) -> OutsideDoor:
        return OutsideDoor(lambda: self.engine.world, self.services.gate, self.bus, self.clock)

    def _answers(self) -> dict[str, Callable[[AgiSession], Awaitable[None]]]:
        """Who answers which FastAGI request of the dialplan."""
        return {
            "call": self._call,
            "star": self._star,
            "exit": self._exit,
            "hours": self._hours,
            "survey": answer_survey(self.ivr),
            "secure": take_secret_input(self.ivr, self.care.secure, lambda: self.prompts),
        }

    async def _ask(self, asked: Asked) -> Outcome:
        return await (self.versions.ask() if isinstance(asked, TakeVersions) else self.door(asked))

    def _follow(self, taken: Taken) -> None:
        """People, queues and shared prompts of the version in force; calls under way keep the flow they began with."""
        self.directory.take(taken.plans)
        self.prompts = pbx_prompts(self.settings)
        self.care.take(taken.plans.queues)
        self.services.take(taken.plans)
        self.hours_lines.take(taken.plans)
        tenants = taken.plans.tenants if self.settings.trunk_out else ()
        outside = {tenant.id: tenant.transfer_to for tenant in tenants}
        self.engine.put(PeopleChanged(agents=taken.plans.agents, queues=taken.plans.queues, outside=outside))

    def _answering(self, taken: Taken) -> tuple[CallServices, Speech, Ivr]:
        speech, facts, clock = Speech(self.settings, self.link), self.bus, self.clock
        services = CallServices(self.settings, taken.plans, self.engine, facts, clock)
        self.hours_lines = HoursLines(self.settings, services.board, services.say)
        services.ring_back(self.database, self.link, lambda: self.prompts)
        heard = speech.services(services.for_flows)
        asked, self.understanding = with_understanding(heard, self.settings, lambda: self.flows.book)
        subjects = self.care.subjects
        self.loop = SteeringLoop(self.settings, self.database, self.engine, subjects, self.flows, facts, clock)
        asked = self.loop.services(asked)
        return services, speech, Ivr(flows=self.flows, sounds=self.prompts, facts=facts, clock=clock, services=asked)

    def _care(self) -> RecordingCare:
        return RecordingCare(
            settings=self.settings,
            engine=self.engine,
            link=self.link,
            queues=self._taken.plans.queues,
            agents=self.directory.agents,
            facts=self.bus,
            clock=self.clock,
            database=self.database,
            recorder=self.recorder,
        )

    def _link_up(self) -> None:
        self.engine.link_up()
        self.care.link_up()

    def _link_down(self, _reason: str) -> None:
        self.engine.link_down()

    def _sound(self, tenant: str, language: str, prompt: str) -> str | None:
        return self.prompts.path(tenant, language, prompt)

    def _put(self, seen: RedirectRefused | OrderRefused | LegSilent) -> None:
        self.engine.put(seen)

    def _event(self, event: Event) -> None:
        self.care.event(event)
        self.hangups.hear(event)
        try:
            meant = self.meaning.read(event)
        except BadInput as error:
            log.warning("an event cannot be read", code=error.code, reason=error.message)
            return
        if meant is not None:
            self.engine.put(meant)

    async def _call(self, session: AgiSession) -> None:
        line = AgiLine(session, self.prompts.seconds, QUIET)
        await self.ivr.answer(line, typed=line.typed)

    async def _exit(self, session: AgiSession) -> None:
        line = AgiLine(session, self.prompts.seconds, QUIET)
        why, queue, language = leaving(session.args)
        await self.ivr.leave(line, queue=queue, why=why, language=language)

    async def _hours(self, session: AgiSession) -> None:
        await self.hours_lines.answer(session, self.prompts.seconds)

    async def _star(self, session: AgiSession) -> None:
        await answer_star(session, self.prompts, self.directory.agents, self._ask, self.engine.put)

    async def run(self, ended: asyncio.Event, *more: Coroutine[None, None, None]) -> None:
        """Serve until told to end; ``more`` runs beside it."""
        tasks = [self.store.run(), self.link.run(), self.care.subjects.run(), self.loop.run(), *more]
        tasks.append(self.services.messages.keep_swept())
        tasks += [Glancing(self.engine, self.sight).run(), self.hangups.run(), show_life(self.settings.sign_of_life)]
        tasks += [self.view.catch_up(self.engine.doubt), do_kept_stars(self.link, self.directory, self._ask)]
        tasks += [self.understanding.keep()] if self.understanding is not None else []
        mqtt = mqtt_settings(self.settings)
        if mqtt is not None:
            tasks.append(MqttPublisher(mqtt, SqlOutbox(self.database)).run())
        self.bus.subscribe(sound_alarm)
        self.engine.start()
        self._follow(self._taken)
        await self.speech.start()
        await self.agi.start()
        running = [asyncio.create_task(task) for task in tasks]
        await self.control.start()
        log.info("serving", agi=self.agi.port, ami=self.pbx.ami_port)
        await ended.wait()
        await self._close(running)

    async def _close(self, running: list[asyncio.Task[None]]) -> None:
        """Stop deciding first, storing last: waiting callers stay where they are, on the PBX."""
        for step in (self.control.stop, self.agi.close, self.speech.stop, self.engine.stop):
            await step()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await self.recorder.drain()
        for task in reversed(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def serve(settings: Settings) -> None:
    """Run the engine until SIGTERM."""
    ports = load_ports(settings.run / "ports.json")
    if ports is None:
        raise GuildhallError("no_ports", "no ports were chosen yet: start with 'guildhall up'")
    prepared = await prepare(settings.store_url)
    database = open_engine(settings.store_url)
    words = await last_words(database)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        service = Service(settings, take(settings), pbx_settings(settings, ports), database, words)
        await service.run(ended, *([] if prepared else [prepare_later(settings.store_url)]))
    finally:
        await database.dispose()


def main() -> None:
    """Start the engine."""
    import uvloop  # noqa: PLC0415 - Linux only; the other modules stay importable without it

    settings = Settings()
    logging_setup.configure(settings.logs / "engine.jsonl", settings.log_level, show_pii=settings.show_pii)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
