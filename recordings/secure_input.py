"""Secret digits in the middle of a talk: the recording is paused first, then the caller keys them in to a machine.

Theory of operation. The caller's channel leaves the bridge by a feature of Asterisk (secure.conf) and asks for leave;
``asked`` pauses the recorder and only then says yes; the flow is walked on that channel (``ivr/securing.py``) while the
agent hears music; ``over`` lets the recording go on. The pause ends later than the flow can, so no timer of ours makes
a recorder listen to digits; and it ends by itself when nobody tells us that they are back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import structlog

from kernel.commands import Outcome
from kernel.errors import GuildhallError
from kernel.facts import ContactEnded, Fact, SecretTaken
from kernel.ids import AgentId, ContactId, LegId
from kernel.recording_rule import RecordingRule
from kernel.seen_recording import LiveCall, RecorderKeyPressed, SecureInputAsked, SecureInputOver
from recordings.live_ports import LiveCalls, Recorders
from recordings.pausing import Pausing
from recordings.ports import Clock, FactSink

log = structlog.get_logger()

#: What the timeline says it was for.
WHY = "secret input"
#: The flow looks at its time between two verbs, and a verb may take so long (a prompt, 30 s of listening).
_LONGEST_VERB_S = 60.0
#: Keys of features.conf.
_BEGIN_KEYS, _TOLD_KEYS = "*54", "*55"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A caller who is keying in something secret."""

    agent: AgentId | None
    agent_leg: LegId | None
    flow: str
    #: How long the flow may take.
    longest_s: float
    began: float


class SecureInput:
    """One an engine; all methods belong to its event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        pausing: Pausing,
        recorders: Recorders,
        calls: LiveCalls,
        rule: Callable[[LiveCall], RecordingRule],
        facts: FactSink,
        clock: Clock,
    ) -> None:
        self._pausing, self._recorders, self._calls, self._rule = pausing, recorders, calls, rule
        self._facts, self._clock = facts, clock
        self._now: dict[ContactId, UnderWay] = {}
        #: How it ended, until the agent has been told.
        self._results: dict[AgentId, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, agent: AgentId) -> Outcome:
        """Press the key for an agent: what follows is the same as if she had."""
        call = self._calls.of_agent(agent)
        if call is None or call.agent_leg is None:
            return Outcome(ok=False, code="not_joined", message="she is in no call")
        if not self._rule(call).secure_input:
            message = "her queue names no flow for it: 'secure_input:' in 'recording:' of queues.yaml"
            return Outcome(ok=False, code="no_secure_input", message=message)
        if call.contact in self._now:
            return Outcome(ok=False, code="under_way", message="her caller is keying in already")
        try:
            self._recorders.press_for(call.agent_leg, _BEGIN_KEYS)
        except GuildhallError as error:
            return Outcome(ok=False, code=error.code, message="the PBX cannot be reached")
        return Outcome(ok=True, code="asked", message="her caller is asked now; she hears music meanwhile")

    def under_way(self, contact: ContactId) -> UnderWay | None:
        """What this caller may key in now; None when nobody asked her to."""
        return self._now.get(contact)

    def asked(self, seen: SecureInputAsked) -> None:
        """A caller's channel asks for leave."""
        self._soon(self._asked(seen))

    async def _asked(self, seen: SecureInputAsked) -> None:
        call = self._calls.of_contact(seen.contact)
        rule = self._rule(call) if call is not None else RecordingRule()
        may = call is not None and call.channel == seen.channel and bool(rule.secure_input)
        if call is not None and may and seen.contact not in self._now:
            self._now[seen.contact] = UnderWay(
                agent=call.agent,
                agent_leg=call.agent_leg,
                flow=rule.secure_input,
                longest_s=rule.longest_pause_s,
                began=self._clock.now(),
            )
            if seen.recorded:
                may = await self._paused(call, rule)
        else:
            may = False
        if not may:
            self._now.pop(seen.contact, None)
        log.info("secret input", call=seen.contact, begins=may)
        try:
            self._recorders.answer_key(seen.channel, "secure" if may else "refused")
        except GuildhallError:
            # No word: the dialplan takes her back to her agent by itself.
            log.warning("a caller's channel could not be answered", call=seen.contact)

    async def _paused(self, call: LiveCall, rule: RecordingRule) -> bool:
        longest = rule.longest_pause_s + _LONGEST_VERB_S
        outcome = await self._pausing.pause(call.contact, by=call.agent or "agent", why=WHY, input_s=longest)
        return outcome.ok

    def over(self, seen: SecureInputOver) -> None:
        """They are together again: the recording goes on, and the agent is told."""
        found = self._now.pop(seen.contact, None)
        if found is None:
            # Asked by an engine that is no more.
            self._soon(self._pausing.input_over(seen.contact))
            return
        now = self._clock.now()
        result = seen.result or "failed"
        seconds = round(max(0.0, now - found.began), 3)
        self._facts.publish(SecretTaken(t=now, call=seen.contact, agent=found.agent, result=result, seconds=seconds))
        self._soon(self._told(seen.contact, found, result))

    async def _told(self, contact: ContactId, found: UnderWay, result: str) -> None:
        await self._pausing.input_over(contact)
        if found.agent is None or found.agent_leg is None:
            return
        self._results[found.agent] = result
        try:
            self._recorders.press_for(found.agent_leg, _TOLD_KEYS)
        except GuildhallError:
            log.warning("an agent could not be told", agent=found.agent)

    def told(self, pressed: RecorderKeyPressed) -> None:
        """An agent's leg asks how it ended."""
        result = self._results.pop(pressed.agent, None)
        word = "refused" if result is None else "secured" if result == "done" else "unsecured"
        try:
            self._recorders.answer_key(pressed.channel, word)
        except GuildhallError:
            log.warning("an agent's key could not be answered", agent=pressed.agent)

    def hear(self, fact: Fact) -> None:
        """Forget callers who are gone."""
        if isinstance(fact, ContactEnded):
            self._now.pop(fact.call, None)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
