"""Pauses a call's recording for card details and lets it go on: by key, by command, by timer. Stopping is no one's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping

import structlog

from kernel.commands import Outcome
from kernel.errors import GuildhallError
from kernel.facts import AgentLeft, ContactEnded, Fact, RecordingPaused, RecordingResumed
from kernel.ids import ContactId, QueueId
from kernel.recording_rule import Record, RecordingRule
from kernel.seen_recording import LiveCall, PausedRecorder, RecorderKeyPressed
from recordings.live_ports import LiveCalls, Recorders
from recordings.ports import Clock, FactSink

log = structlog.get_logger()

#: A timer that cannot reach the PBX tries again: a recording must not stay silent because a packet was lost.
_AGAIN_S = 1.0
#: What a pause by key is for.
_CARD = "card details"
_KEYS = {"pause", "resume"}
#: Who lets a recording go on when nobody does: a pause that is over, a caller who has keyed it all in.
_TIMER, _INPUT = "timer", "secret_input"


class Pausing:
    """One an engine; all methods belong to its event loop."""

    def __init__(
        self,
        recorders: Recorders,
        calls: LiveCalls,
        rules: Mapping[QueueId, RecordingRule],
        facts: FactSink,
        clock: Clock,
    ) -> None:
        self._recorders, self._calls, self._rules = recorders, calls, rules
        self._facts, self._clock = facts, clock
        self._paused: dict[ContactId, PausedRecorder] = {}
        self._timers: dict[ContactId, asyncio.TimerHandle] = {}
        #: Callers who key in something secret: nothing but the end of that lets their recordings go on.
        self._inputs: set[ContactId] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def pause(
        self, contact: ContactId, *, by: str, why: str, seconds: float | None = None, input_s: float | None = None
    ) -> Outcome:
        """Silence the recording of a joined call; for ``seconds``, at the longest what the queue's rule says.

        ``input_s``: for the time in which the caller keys in something secret, so long at the most.
        """
        call = self._calls.of_contact(contact)
        if call is None:
            return _refused("not_joined", "no such call is joined now")
        rule = self.rule(call)
        if not rule.may_pause:
            # C36: the queue's rule requires the whole call.
            return _refused("must_record", "the queue's rule requires the whole call: it cannot be paused")
        now = self._clock.now()
        longest = rule.longest_pause_s if seconds is None else min(max(1.0, seconds), rule.longest_pause_s)
        longest = longest if input_s is None else input_s
        before = self._paused.get(contact)
        paused = PausedRecorder(
            contact=contact,
            channel=call.channel,
            since=before.since if before else now,
            # A second press does not make it longer than the rule allows in one piece.
            until=before.until if before and input_s is None else now + longest,
            by=before.by if before else by,
        )
        try:
            await self._recorders.pause(paused)
        except GuildhallError as error:
            return _refused(error.code, "the recorder did not answer: take it that it still records")
        if input_s is not None:
            self._inputs.add(contact)
        if before is None:
            self._facts.publish(RecordingPaused(t=now, call=contact, by=by, why=why, until=paused.until))
            log.info("recording paused", call=contact, by=by, seconds=longest)
        self._remember(paused)
        return Outcome(ok=True, code="paused", message=f"paused; it goes on by itself in {paused.until - now:.0f} s")

    async def resume(self, contact: ContactId, *, by: str) -> Outcome:
        """Let the recording go on."""
        paused = self._paused.get(contact)
        if paused is None:
            return _refused("not_paused", "the recording of this call is not paused")
        if contact in self._inputs and by != _TIMER:
            return _refused("secret_input", "the caller is keying in something secret: it goes on when that is over")
        try:
            await self._recorders.resume(paused.channel)
        except GuildhallError as error:
            return _refused(error.code, "the recorder did not answer; it is tried again when the pause is over")
        self._forget(contact, by)
        return Outcome(ok=True, code="resumed", message="the recording goes on")

    async def input_over(self, contact: ContactId) -> None:
        """The secret digits are in: let the recording go on. One that cannot be reached is left to the timer."""
        if contact in self._inputs:
            self._inputs.discard(contact)
            outcome = await self.resume(contact, by=_INPUT)
            if not outcome.ok and contact in self._paused:
                self._arm(contact, _AGAIN_S)

    def shown(self) -> Outcome:
        """The joined calls that their rule has recorded, for ``ShowRecorders``: no caller's data; Unix seconds."""
        rows = []
        for call in self._calls.now():
            rule, paused = self.rule(call), self._paused.get(call.contact)
            if rule.record is Record.NEVER:
                continue
            rows.append(
                {
                    "call": call.contact,
                    "council": call.council,
                    "queue": call.queue,
                    "agent": call.agent,
                    "may_pause": rule.may_pause,
                    "paused_by": paused.by if paused else None,
                    "paused_until": paused.until if paused else None,
                }
            )
        return Outcome(ok=True, code="recorders", message=f"{len(rows)} calls", data=rows)

    def rule(self, call: LiveCall) -> RecordingRule:
        """The rule of a call's queue."""
        return self._rules.get(call.queue, RecordingRule()) if call.queue is not None else RecordingRule()

    def key(self, pressed: RecorderKeyPressed) -> None:
        """An agent's key: only for the call she is in. She hears what became of it."""
        self._soon(self._key(pressed))

    async def _key(self, pressed: RecorderKeyPressed) -> None:
        call = self._calls.of_agent(pressed.agent)
        if call is None or pressed.do not in _KEYS:
            outcome = _refused("not_joined", "she is in no call")
        elif pressed.do == "pause":
            outcome = await self.pause(call.contact, by=pressed.agent, why=_CARD)
        else:
            outcome = await self.resume(call.contact, by=pressed.agent)
        try:
            self._recorders.answer_key(pressed.channel, outcome.code if outcome.ok else "refused")
        except GuildhallError:
            # No word to her leg: the dialplan says "not possible" by itself after two seconds.
            log.warning("an agent's key could not be answered", agent=pressed.agent)

    def hear(self, fact: Fact) -> None:
        """A pause ends with the talk it was for: the next agent's part is recorded."""
        if isinstance(fact, ContactEnded):
            self._inputs.discard(fact.call)
        elif isinstance(fact, AgentLeft) and fact.call in self._inputs:
            # She hung up while her caller still keys in: the recorder must not begin to listen now.
            return
        if isinstance(fact, AgentLeft | ContactEnded) and (paused := self._paused.get(fact.call)) is not None:
            self._forget(fact.call, "agent_left", at=fact.t)
            self._soon(self._let_go(paused.channel))

    async def _let_go(self, channel: str) -> None:
        try:
            await self._recorders.resume(channel)
        except GuildhallError:
            # The channel is gone, with its recorder; or the next join's recorder begins unmuted anyway.
            return

    async def look(self) -> None:
        """After a (re)start or a lost link: take over what the channels say is paused."""
        try:
            found = await self._recorders.paused()
        except GuildhallError as error:
            log.warning("paused recordings cannot be seen", code=error.code)
            return
        for paused in found:
            if paused.contact in self._paused:
                continue
            self._remember(paused)
            if paused.input is not None:
                self._inputs.add(paused.contact)
            if paused.input is False:
                # They are together again since; nobody was there to hear it.
                await self.input_over(paused.contact)

    def _remember(self, paused: PausedRecorder) -> None:
        self._paused[paused.contact] = paused
        self._arm(paused.contact, max(0.0, paused.until - self._clock.now()))

    def _arm(self, contact: ContactId, seconds: float) -> None:
        if (before := self._timers.pop(contact, None)) is not None:
            before.cancel()
        self._timers[contact] = asyncio.get_running_loop().call_later(seconds, self._over, contact)

    def _over(self, contact: ContactId) -> None:
        self._soon(self._timed_out(contact))

    async def _timed_out(self, contact: ContactId) -> None:
        if contact not in self._paused:
            return
        outcome = await self.resume(contact, by=_TIMER)
        if not outcome.ok and contact in self._paused:
            log.error("ALARM: a paused recording does not go on", call=contact, code=outcome.code)
            self._arm(contact, _AGAIN_S)

    def _forget(self, contact: ContactId, by: str, at: float | None = None) -> None:
        paused = self._paused.pop(contact, None)
        if (timer := self._timers.pop(contact, None)) is not None:
            timer.cancel()
        if paused is None:
            return
        now = self._clock.now() if at is None else at
        seconds = round(max(0.0, now - paused.since), 3)
        self._facts.publish(RecordingResumed(t=now, call=contact, by=by, seconds=seconds))
        log.info("recording resumed", call=contact, by=by, seconds=seconds)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _refused(code: str, message: str) -> Outcome:
    return Outcome(ok=False, code=code, message=message)
