"""The distributor's shell: one consumer without a lock, one timer, a heartbeat, and a look at the PBX when in doubt."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque

import structlog

from acd.core.explain import explain
from acd.core.inputs import (
    DeadlinePassed,
    Input,
    LinkLost,
    MoveAsked,
    PbxSeen,
    PeopleChanged,
    PresenceAsked,
    Reconciled,
    SuperviseAsked,
    WrapUpAsked,
)
from acd.core.snapshot import show
from acd.core.step import next_deadline, step
from acd.core.world import World
from acd.perform import Hands, perform
from acd.ports import Clock, Dialler, FactSink, PbxView, WaitingRoom
from kernel.commands import (
    Command,
    Explain,
    MoveCall,
    Outcome,
    SetPresence,
    SetWrapUp,
    ShowState,
    Supervise,
)
from kernel.errors import GuildhallError
from kernel.facts import EngineChanged

log = structlog.get_logger()

BEAT_S = 1.0
#: A longer gap between two beats means that the process was frozen: others may have decided meanwhile
#: (docs/asterisk.md rule 8).
FROZEN_AFTER_S = 2.0
#: What was due so long ago was late by nobody's decision: the process stood still, and the facts say so (I4).
LATE_S = 0.5
ASK_TIMEOUT_S = 2.0
SEE_TIMEOUT_S = 10.0
#: Waiting time after a snapshot that failed: doubled each time, up to the last.
RETRY_S = (0.2, 5.0)
#: Least time from one snapshot to the next, so that a doubt that stays costs one look a second.
RECONCILE_GAP_S = 1.0

#: Two clocks never agree to the last bit: a timer that fires a hair too early must not spin.
TIMER_LEAST_S = 0.001

#: What people and the configuration say needs no PBX, so it is not held back while a snapshot is taken.
_NEVER_HELD = (PresenceAsked, WrapUpAsked, MoveAsked, SuperviseAsked, PeopleChanged, LinkLost, DeadlinePassed)


def _input_of(command: SetPresence | SetWrapUp | MoveCall | Supervise, ask: int) -> Input:
    if isinstance(command, SetWrapUp):
        return WrapUpAsked(agent=command.agent, seconds=command.seconds, ask=ask)
    if isinstance(command, SetPresence):
        return PresenceAsked(agent=command.agent, presence=command.presence, aux_code=command.aux_code, ask=ask)
    fields = {one.name: getattr(command, one.name) for one in dataclasses.fields(command)}
    return MoveAsked(**fields, ask=ask) if isinstance(command, MoveCall) else SuperviseAsked(**fields, ask=ask)


class Engine:
    """Feeds the core and carries out what it says. All methods belong to one event loop."""

    def __init__(self, *, dialler: Dialler, room: WaitingRoom, pbx: PbxView, facts: FactSink, clock: Clock) -> None:
        self.world = World()
        self._dialler, self._pbx, self._facts, self._clock = dialler, pbx, facts, clock
        self._hands = Hands(dialler=dialler, room=room, facts=facts, answer=self._answer)
        self._inbox: deque[Input] = deque()
        self._stepping = False
        #: Inputs that arrive while a snapshot is being taken; None when none is.
        self._held: list[Input] | None = None
        self._asks: dict[int, asyncio.Future[Outcome]] = {}
        self._last_ask = 0
        self._timer: asyncio.TimerHandle | None = None
        #: When the timer should fire, on the monotonic clock.
        self._due_at: float | None = None
        self._beat_timer: asyncio.TimerHandle | None = None
        self._look_timer: asyncio.TimerHandle | None = None
        self._beaten_at: float | None = None
        self._link = False
        self._reconciling: asyncio.Task[None] | None = None
        self._reconciled_at: float | None = None

    def start(self) -> None:
        """Begin to beat. Call inside the running loop, then ``put(PeopleChanged)`` and, with the PBX, ``link_up``."""
        self._on_beat()

    async def stop(self) -> None:
        """Stop deciding and say so."""
        self.link_down()
        for timer in (self._timer, self._beat_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._beat_timer = None
        self._facts.publish(EngineChanged(t=self._clock.now(), state="down"))

    def link_up(self) -> None:
        """The PBX can be reached, for the first time or again: look before anything is decided."""
        self._link = True
        self._reconcile()

    def link_down(self) -> None:
        """The PBX's events no longer reach us."""
        self._link = False
        self._stop_looking()
        # Older than any snapshot to come.
        self._held = None
        self._decide(LinkLost())

    def put(self, item: Input) -> None:
        """Take in what happened and act on it before returning; no task hop lies between an event and its effect."""
        self._tell_if_late()
        if self._was_frozen():
            self._reconcile()
        if self._held is not None and not isinstance(item, _NEVER_HELD):
            self._held.append(item)
            return
        if not self._link and not isinstance(item, _NEVER_HELD):
            # An event of a link that is lost: the next snapshot knows better.
            return
        self._decide(item)

    def doubt(self) -> None:
        """Somebody saw that the PBX is not as we think: look, soon."""
        self.world.needs_reconcile = True
        self._look_soon()

    async def ask(self, command: Command) -> Outcome:
        """Carry out a command; answers with code ``timeout`` after two seconds."""
        if isinstance(command, Explain):
            return self._explain(command)
        if isinstance(command, ShowState):
            return Outcome(ok=True, code="done", message="the engine's view", data=show(self.world, self._clock.now()))
        self._last_ask += 1
        ask = self._last_ask
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._asks[ask] = answer
        try:
            self.put(_input_of(command, ask))
            async with asyncio.timeout(ASK_TIMEOUT_S):
                return await answer
        except TimeoutError:
            return Outcome(ok=False, code="timeout", message="the engine did not answer within two seconds")
        finally:
            del self._asks[ask]

    def _explain(self, command: Explain) -> Outcome:
        data = explain(self.world, command.contact, self._clock.now())
        if data is None:
            return Outcome(ok=False, code="not_waiting", message="no such call is in a queue now")
        return Outcome(ok=True, code="done", message="why it waits", data=data)

    def _answer(self, ask: int, outcome: Outcome) -> None:
        answer = self._asks.get(ask)
        if answer is not None and not answer.done():
            answer.set_result(outcome)

    def _decide(self, item: Input) -> None:
        """Step the core, inline; what a performer puts meanwhile waits its turn in the inbox."""
        self._inbox.append(item)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._inbox:
                self._step(self._inbox.popleft())
        finally:
            self._stepping = False
        self._arm_timer()
        if self.world.needs_reconcile:
            self._look_soon()

    def _look_soon(self) -> None:
        """The core is in doubt: look, but not more often than once in a while, and go on deciding until then."""
        if not self._link or self._reconciling is not None or self._look_timer is not None:
            return
        wait = 0.0
        if self._reconciled_at is not None:
            wait = max(0.0, self._reconciled_at + RECONCILE_GAP_S - self._clock.monotonic())
        self._look_timer = asyncio.get_running_loop().call_later(wait, self._reconcile)

    def _step(self, item: Input) -> None:
        try:
            effects = step(self.world, item, self._clock.now())
        except Exception:
            # The core refused or broke: its view is in doubt, the PBX is the truth. Calls must go on either way.
            log.exception("the core could not take an input", kind=type(item).__name__)
            self.world.needs_reconcile = True
            effects, self.world.effects = self.world.effects, []
        for effect in effects:
            try:
                perform(self._hands, effect)
            except Exception:
                # One broken port must not keep the other effects back; an offer's deadline sees to the rest.
                log.exception("an effect could not be carried out", kind=type(effect).__name__)

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._due_at = None
        due = next_deadline(self.world)
        if due is not None:
            wait = max(TIMER_LEAST_S, due - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(wait, self._on_timer)
            self._due_at = self._clock.monotonic() + wait

    def _tell_if_late(self) -> None:
        """Something is long due: an agent may have idled beside a caller meanwhile, and whoever checks must know."""
        late = 0.0 if self._due_at is None else self._clock.monotonic() - self._due_at
        if late <= LATE_S or not self.world.deciding:
            return
        self._due_at = None
        now = self._clock.now()
        log.warning("the engine's loop was late", seconds=round(late, 3))
        self._facts.publish(EngineChanged(t=now, state="up", since=round(now - late, 6)))

    def _on_timer(self) -> None:
        self._timer = None
        self.put(DeadlinePassed())

    def _on_beat(self) -> None:
        self._tell_if_late()
        if self._was_frozen():
            self._reconcile()
        self._beaten_at = self._clock.monotonic()
        self._beat()
        self._beat_timer = asyncio.get_running_loop().call_later(BEAT_S, self._on_beat)

    def _beat(self) -> None:
        if self.world.deciding and self._link:
            self._dialler.beat(self.world.epoch)

    def _was_frozen(self) -> bool:
        if self._beaten_at is None or self._clock.monotonic() - self._beaten_at <= FROZEN_AFTER_S:
            return False
        log.warning("the engine's loop stood still: looking at the PBX before deciding again")
        # Noticed once: what follows is decided on a fresh snapshot.
        self._beaten_at = self._clock.monotonic()
        return True

    def _reconcile(self) -> None:
        """Decide nothing until a snapshot is in. A look that is under way already is begun anew."""
        self._stop_looking()
        if self._link:
            # First, so that a doubt of the core does not ask for a second look.
            self._held = self._held or []
            self._reconciling = asyncio.get_running_loop().create_task(self._see())
        self._decide(LinkLost())

    def _stop_looking(self) -> None:
        if self._look_timer is not None:
            self._look_timer.cancel()
            self._look_timer = None
        if self._reconciling is not None:
            self._reconciling.cancel()
            self._reconciling = None

    async def _see(self) -> None:
        wait, longest = RETRY_S
        while True:
            try:
                async with asyncio.timeout(SEE_TIMEOUT_S):
                    seen = await self._pbx.see()
                break
            except (GuildhallError, TimeoutError, OSError) as error:
                log.warning("the PBX could not be seen", error=type(error).__name__, again_in_s=wait)
            except Exception:
                # Whatever it was: an engine that stopped looking would never decide again.
                log.exception("the PBX could not be read", again_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, longest)
        self._take_over(seen)

    def _take_over(self, seen: PbxSeen) -> None:
        """The snapshot first, then what was told while it was taken: the later word wins."""
        held, self._held = self._held or [], None
        self._reconciling = None
        self._reconciled_at = self._clock.monotonic()
        self._decide(Reconciled(seen=seen, held=tuple(held)))
        # At once: until the first beat the dialplan takes the engine for silent and keeps new callers from the menu.
        self._beat()
