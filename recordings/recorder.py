"""Files the audio of a call when it ends: measures it, tells of it, sweeps empty files; alarms when it is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from kernel.facts import (
    AgentLeft,
    AlarmRaised,
    CallUnrecorded,
    ConsultBegan,
    ConsultEnded,
    ContactAnswered,
    ContactEnded,
    Fact,
    RecorderStalled,
    RecordingDemanded,
    RecordingFiled,
    RecordingPaused,
    RecordingResumed,
)
from kernel.ids import AgentId, ContactId
from kernel.seen_recording import RunningRecorder
from recordings.core.naming import CONSULT, MIX, read_name
from recordings.ports import AudioFolder, Clock, FactSink
from recordings.watching import Stall, Watch

log = structlog.get_logger()

#: The PBX finishes a file behind the hang-up, on the recorder's own thread. An answered call without audio by then is
#: an alarm (P5: within ten seconds).
_WAIT_S = 8.0
_POLL_S = 0.1
#: A talk shorter than this leaves a file or none (docs/decisions/0057): nobody has said a word.
_NO_TALK_S = 0.3
#: Each look lists the folder, which grows: a call whose audio does not come is looked for ever less often.
_LONGEST_POLL_S = 1.0


@dataclass(slots=True)
class _Heard:
    """What the facts told of a contact under way."""

    #: Answers whose talk is to be recorded.
    joins: int = 0
    #: The next answer begins without a recorder.
    unrecorded: bool = False
    #: Seconds of pauses, by answer (0 before the first).
    muted: dict[int, float] = field(default_factory=dict)
    #: Whom she talks to without a recorder.
    agent: AgentId | None = None
    #: When the last talk that is to be recorded began (Unix seconds), and how many were too short to leave a file.
    met_at: float | None = None
    short: int = 0


class Recorder:
    """Listens to facts; knows which contacts were answered; files each once."""

    def __init__(self, folder: AudioFolder, facts: FactSink, clock: Clock) -> None:
        self._folder = folder
        self._facts = facts
        self._clock = clock
        self._heard: dict[ContactId, _Heard] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch = Watch(folder, self._alarm, self._stalled, clock)

    def hear(self, fact: Fact) -> None:
        """Take note of a fact; a call that ended is filed in the background."""
        if isinstance(fact, CallUnrecorded):
            self._of(fact.call).unrecorded = True
        elif isinstance(fact, ContactAnswered):
            self._answered(fact)
        elif isinstance(fact, RecordingDemanded):
            self._demanded(fact.call)
        elif isinstance(fact, RecordingPaused):
            self._watch.muted(fact.call, now=True)
        elif isinstance(fact, RecordingResumed):
            self._watch.muted(fact.call, now=False)
            self._silent(fact.call, fact.seconds)
        elif isinstance(fact, ConsultBegan):
            self._watch.parted(fact.call)
        elif isinstance(fact, ConsultEnded):
            # After a consult the talk goes on in a new file; the time in between belongs to none.
            self._watch.rejoined(fact.call)
            self._silent(fact.call, fact.seconds)
        elif isinstance(fact, AgentLeft):
            self._left(fact)
        elif isinstance(fact, ContactEnded):
            self._ended(fact.call)

    def take_over(self, running: RunningRecorder, agent: AgentId) -> None:
        """A joined call whose recorder ran before this engine did: look after it from now on, once."""
        contact = running.contact
        if self._watch.has(contact):
            return
        heard = self._of(contact)
        heard.agent = agent
        try:
            held = {name: self._folder.held(name) for name in self._folder.of(contact)}
        except OSError:
            held = {}
        # Those that were answered before have their files; her own may be late.
        heard.joins = max(1, heard.joins, len(_mixes(held, "call")))
        self._watch.taken_over(contact, agent, muted=running.muted, parted=running.parted)
        log.info("a recorder is looked after again", call=contact)

    async def drain(self) -> None:
        """Wait until everything that ended is filed."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _of(self, contact: ContactId) -> _Heard:
        return self._heard.setdefault(contact, _Heard())

    def _silent(self, contact: ContactId, seconds: float) -> None:
        muted, join = self._of(contact).muted, self._of(contact).joins
        muted[join] = muted.get(join, 0.0) + seconds

    def _answered(self, fact: ContactAnswered) -> None:
        heard = self._of(fact.call)
        heard.agent = fact.agent
        if heard.unrecorded:
            heard.unrecorded, heard.met_at = False, None
            self._watch.ended(fact.call)
            return
        heard.joins += 1
        heard.met_at = fact.t
        self._watch.joined(fact.call, fact.agent)

    def _left(self, fact: AgentLeft) -> None:
        self._watch.left(fact.call, fact.agent)
        heard = self._of(fact.call)
        if heard.met_at is not None and fact.t - heard.met_at < _NO_TALK_S:
            heard.short += 1
        heard.met_at = None

    def _demanded(self, contact: ContactId) -> None:
        """From here on there is a recorder, and a file to come."""
        heard = self._of(contact)
        if heard.agent is not None:
            heard.joins += 1
            self._watch.joined(contact, heard.agent)

    def _ended(self, contact: ContactId) -> None:
        self._watch.forget(contact)
        heard = self._of(contact)
        del self._heard[contact]
        task = asyncio.get_running_loop().create_task(self._file(contact, heard))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _alarm(self, what: str, contact: ContactId, detail: str | None = None) -> None:
        log.error("ALARM: something is wrong with a recording", what=what, call=contact, detail=detail)
        self._facts.publish(AlarmRaised(t=self._clock.now(), what=what, contact=contact, detail=detail))

    def _stalled(self, stall: Stall) -> None:
        fact = RecorderStalled(
            t=self._clock.now(),
            call=stall.contact,
            join=stall.join,
            why=stall.why,
            since=round(stall.since, 3),
            seconds=round(stall.until - stall.since, 3),
        )
        self._facts.publish(fact)

    async def _file(self, contact: ContactId, heard: _Heard) -> None:
        try:
            filed, consults = await self._measure(contact, heard.joins - heard.short)
        except OSError:
            self._alarm("unreadable", contact)
            return
        for nth, seconds in enumerate(filed, 1):
            self._facts.publish(
                RecordingFiled(
                    t=self._clock.now(),
                    call=contact,
                    seconds=round(seconds, 3),
                    muted=round(heard.muted.get(nth, 0.0), 3),
                )
            )
        for seconds in consults:
            now = self._clock.now()
            self._facts.publish(RecordingFiled(t=now, call=contact, seconds=round(seconds, 3), kind=CONSULT))
        if len(filed) < heard.joins - heard.short:
            self._alarm("no_recording", contact)

    async def _measure(self, contact: ContactId, joins: int) -> tuple[list[float], list[float]]:
        """Lengths of joins' mixes and of consults, once all are finished; empty files (unanswered) are deleted."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _WAIT_S
        before: dict[str, float | None] = {}
        pause = _POLL_S
        while True:
            names = list(self._folder.of(contact))
            lengths = {name: self._folder.seconds(name) for name in names}
            mixes = _mixes(lengths, "call")
            # Twice the same: a file that still grows is not finished, whatever its header says.
            unfinished = lengths != before or None in lengths.values() or len(mixes) < joins
            before = lengths
            if not unfinished or loop.time() > deadline:
                for name, length in lengths.items():
                    if length == 0:
                        self._folder.delete(name)
                return mixes, _mixes(lengths, CONSULT)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_POLL_S)


def _mixes(lengths: Mapping[str, float | int | None], kind: str) -> list[float]:
    named = ((read_name(name), length) for name, length in lengths.items() if length)
    return [length for segment, length in named if segment and segment.side == MIX and segment.kind == kind and length]
