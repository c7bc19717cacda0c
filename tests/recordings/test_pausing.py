"""Pausing: by key and command, with the queue's rule, a timer, a restart. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kernel.errors import OutcomeUnknown
from kernel.facts import AgentLeft, Fact, RecordingPaused, RecordingResumed
from kernel.ids import AgentId, ContactId, LegId, QueueId
from kernel.recording_rule import Record, RecordingRule
from kernel.seen_recording import LiveCall, PausedRecorder, RecorderKeyPressed
from recordings.pausing import Pausing
from tests.fakes.virtual_time import VirtualClock, run_virtual

pytestmark = pytest.mark.shell

CALL, NIA, TOM = ContactId("c1764000000-12"), AgentId("northmere-a001"), AgentId("northmere-a002")
WASTE, COURT = QueueId("northmere.waste"), QueueId("northmere.court")
UNRECORDED = QueueId("northmere.quiet")
RULES = {WASTE: RecordingRule(longest_pause_s=60.0), COURT: RecordingRule(may_pause=False)}
RULES[UNRECORDED] = RecordingRule(record=Record.NEVER)
LEG = "PJSIP/a001-00000001"


class Bench:
    """The PBX's recorders, the engine's calls and the facts, in memory."""

    def __init__(self, queue: QueueId = WASTE) -> None:
        self.clock = VirtualClock(asyncio.get_running_loop())
        self.call: LiveCall | None = LiveCall(contact=CALL, channel="PJSIP/trunk-1", queue=queue, agent=NIA)
        self.silent: dict[str, PausedRecorder] = {}
        self.answers: list[str] = []
        self.told: list[Fact] = []
        self.away = 0
        self.pausing = Pausing(self, self, RULES, self, self.clock)

    async def pause(self, paused: PausedRecorder) -> None:
        self.silent[paused.channel] = paused

    async def resume(self, channel: str) -> None:
        if self.away:
            self.away -= 1
            raise OutcomeUnknown("ami_lost", "the link was lost")
        self.silent.pop(channel, None)

    def answer_key(self, channel: str, word: str) -> None:
        self.answers.append(f"{channel} {word}")

    def press_for(self, leg: LegId, keys: str) -> None:
        self.answers.append(f"{leg} pressed {keys}")

    async def paused(self) -> list[PausedRecorder]:
        return list(self.silent.values())

    def of_contact(self, contact: ContactId) -> LiveCall | None:
        return self.call if self.call is not None and self.call.contact == contact else None

    def of_agent(self, agent: AgentId) -> LiveCall | None:
        return self.call if self.call is not None and self.call.agent == agent else None

    def now(self) -> list[LiveCall]:
        return [] if self.call is None else [self.call]

    def publish(self, fact: Fact) -> None:
        self.told.append(fact)
        self.pausing.hear(fact)

    def story(self) -> list[tuple[str, str, float]]:
        """(by, word, seconds) of every pause and resume told."""
        told: list[tuple[str, str, float]] = []
        for fact in self.told:
            if isinstance(fact, RecordingPaused):
                told.append((fact.by, "paused", round(fact.until - fact.t)))
            elif isinstance(fact, RecordingResumed):
                told.append((fact.by, "resumed", round(fact.seconds)))
        return told


def played(scenario: Callable[[Bench], Awaitable[None]], queue: QueueId = WASTE) -> Bench:
    async def play() -> Bench:
        bench = Bench(queue)
        await scenario(bench)
        return bench

    return run_virtual(play())


# Issue 6: "paused by agent 4 for card details, 42 s, resumed by timer".
def test_given_a_pause_by_key_when_nobody_resumes_then_the_timer_does() -> None:
    async def scenario(bench: Bench) -> None:
        bench.pausing.key(RecorderKeyPressed(agent=NIA, channel=LEG, do="pause"))
        await asyncio.sleep(59)
        assert bench.silent
        await asyncio.sleep(2)
        assert not bench.silent

    bench = played(scenario)
    assert bench.story() == [(NIA, "paused", 60), ("timer", "resumed", 60)]
    assert bench.answers == [f"{LEG} paused"]


# A second press must not make the silence longer than the rule allows in one piece.
def test_given_a_pause_when_pressed_again_then_it_ends_no_later() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.pausing.pause(CALL, by=NIA, why="card details")
        await asyncio.sleep(50)
        await bench.pausing.pause(CALL, by=NIA, why="card details")
        await asyncio.sleep(11)
        assert not bench.silent

    assert played(scenario).story() == [(NIA, "paused", 60), ("timer", "resumed", 60)]


# C36: "automatic one cannot be stopped by an agent without right". Issue 6: "An agent cannot stop a recording the rule
# requires."
def test_c36_given_a_queue_that_must_record_when_an_agent_pauses_then_refused_and_told() -> None:
    async def scenario(bench: Bench) -> None:
        bench.pausing.key(RecorderKeyPressed(agent=NIA, channel=LEG, do="pause"))
        bench.pausing.key(RecorderKeyPressed(agent=NIA, channel=LEG, do="stop"))
        await asyncio.sleep(1)
        assert (await bench.pausing.pause(CALL, by="operator", why="asked")).code == "must_record"

    bench = played(scenario, COURT)
    assert (bench.story(), bench.silent, bench.answers) == ([], {}, [f"{LEG} refused"] * 2)


# The desk lists by this; whose call it is decides there, so council and agent are told, and no caller's data.
def test_given_calls_under_way_when_shown_then_what_is_recorded_and_paused() -> None:
    async def scenario(bench: Bench) -> None:
        row = {"call": CALL, "council": None, "queue": WASTE, "agent": NIA, "may_pause": True}
        assert bench.pausing.shown().data == [row | {"paused_by": None, "paused_until": None}]
        await bench.pausing.pause(CALL, by=NIA, why="card details")
        assert bench.pausing.shown().data == [row | {"paused_by": NIA, "paused_until": bench.clock.now() + 60}]
        bench.call = LiveCall(contact=CALL, channel="PJSIP/trunk-1", queue=UNRECORDED, agent=NIA)
        assert bench.pausing.shown().data == []

    played(scenario)


def test_given_another_agent_or_no_call_when_a_key_is_pressed_then_refused() -> None:
    async def scenario(bench: Bench) -> None:
        bench.pausing.key(RecorderKeyPressed(agent=TOM, channel="PJSIP/a002-1", do="pause"))
        await asyncio.sleep(1)
        assert (await bench.pausing.resume(CALL, by="operator")).code == "not_paused"
        bench.call = None
        assert (await bench.pausing.pause(CALL, by="operator", why="asked")).code == "not_joined"

    bench = played(scenario)
    assert (bench.story(), bench.answers) == ([], ["PJSIP/a002-1 refused"])


# The next agent's part is recorded, whatever the first one left paused.
def test_given_a_pause_when_the_agent_leaves_then_it_is_over() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.pausing.pause(CALL, by=NIA, why="card details")
        await asyncio.sleep(5)
        bench.publish(AgentLeft(t=bench.clock.now(), call=CALL, agent=NIA, why="agent_hung_up"))
        await asyncio.sleep(1)
        assert not bench.silent

    assert played(scenario).story() == [(NIA, "paused", 60), ("agent_left", "resumed", 5)]


# Law 1: what is paused stands on the channel; an engine that starts anew keeps the timer.
def test_given_a_pause_when_the_engine_starts_anew_then_it_still_ends_in_time() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.pausing.pause(CALL, by=NIA, why="card details")
        await asyncio.sleep(20)
        second = Pausing(bench, bench, RULES, bench, bench.clock)
        bench.pausing._timers[CALL].cancel()
        await second.look()
        await asyncio.sleep(39)
        assert bench.silent
        await asyncio.sleep(2)
        assert not bench.silent

    assert played(scenario).story() == [(NIA, "paused", 60), ("timer", "resumed", 60)]


# A recording must not stay silent because a reply was lost.
def test_given_a_link_that_is_lost_when_the_pause_is_over_then_it_is_tried_again() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.pausing.pause(CALL, by=NIA, why="card details", seconds=10)
        bench.away = 3
        await asyncio.sleep(14)
        assert not bench.silent

    assert played(scenario).story()[-1] == ("timer", "resumed", 13)
