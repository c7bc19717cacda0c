"""While they talk: late, missing, one-sided and stalled recorders are alarms in time. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

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
    RecordingPaused,
    RecordingResumed,
)
from kernel.ids import AgentId, ContactId
from kernel.seen_recording import RunningRecorder
from recordings.recorder import Recorder
from tests.fakes.audio_tape import AudioTape
from tests.fakes.virtual_time import VirtualClock, run_virtual

pytestmark = pytest.mark.shell

CALL, NIA, TOM = ContactId("c1764000000-12"), AgentId("northmere-a001"), AgentId("northmere-a002")
SIDES = ("", "-caller", "-agent")
#: Bytes a second of a side.
RATE = 16000


class Bench:
    """A recorder, the files the PBX writes beside it, and the alarms with their time."""

    def __init__(self) -> None:
        self.tape = AudioTape()
        self.clock = VirtualClock(asyncio.get_running_loop())
        self.alarms: list[tuple[float, str, str | None]] = []
        self.stalls: list[RecorderStalled] = []
        self.recorder = Recorder(self.tape, self, self.clock)
        self.began = self.clock.now()

    def publish(self, fact: Fact) -> None:
        if isinstance(fact, AlarmRaised):
            self.alarms.append((fact.t - self.began, fact.what, fact.detail))
        elif isinstance(fact, RecorderStalled):
            self.stalls.append(fact)

    def said(self) -> list[tuple[str, str | None]]:
        return [(what, detail) for _t, what, detail in self.alarms]

    def answer(self, agent: AgentId = NIA) -> None:
        self.recorder.hear(ContactAnswered(t=1.0, call=CALL, agent=agent))

    async def write(self, seconds: float, join: int = 1, *, loud: str = "-caller-agent", without: str = "-") -> None:
        """Let the PBX write for so long, 2 s at a time as it does."""
        for _ in range(int(seconds / 2)):
            await asyncio.sleep(2)
            for side in SIDES:
                if side == without:
                    continue
                name = f"{CALL}-{join}{side}.wav"
                self.tape.files.setdefault(name, None)
                self.tape.writing[name] = self.tape.writing.get(name, 0) + 2 * RATE
                self.tape.times[name] = self.clock.now()
                if side and side in loud:
                    self.tape.loud.add(name)


Scenario = Callable[[Bench], Awaitable[None]]


def played(scenario: Scenario) -> Bench:
    async def play() -> Bench:
        bench = Bench()
        await scenario(bench)
        bench.recorder.hear(ContactEnded(t=2.0, call=CALL, why="completed"))
        return bench

    return run_virtual(play())


def test_p05_given_both_voices_when_they_talk_for_an_hour_then_no_alarm() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(3600)

    assert played(scenario).alarms == []


# P5: "silent on one side … an alarm <= 10 s".
@pytest.mark.parametrize("side", ["caller", "agent"])
def test_p05_given_a_side_without_a_voice_when_they_talk_then_one_alarm_within_ten_seconds(side: str) -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(60, loud="-agent" if side == "caller" else "-caller")

    bench = played(scenario)
    assert bench.said() == [("silent_side", side)]
    assert bench.alarms[0][0] <= 10


@pytest.mark.parametrize("side", ["caller", "agent"])
def test_p05_given_a_side_without_a_file_when_they_talk_then_one_alarm_within_ten_seconds(side: str) -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(60, without=f"-{side}")

    bench = played(scenario)
    assert bench.said() == [("missing_side", side)]
    assert bench.alarms[0][0] <= 10


def test_p05_given_a_recorder_that_stops_in_the_middle_when_they_talk_on_then_an_alarm_within_ten_seconds() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(40)
        await asyncio.sleep(30)

    bench = played(scenario)
    assert bench.said() == [("recorder_stalled", None)]
    assert 40 < bench.alarms[0][0] <= 50
    [stall] = bench.stalls
    assert (stall.join, stall.why, stall.since - bench.began, stall.seconds) == (1, "stalled", 40.0, 30.0)


# Issue 6: "each gap with its reason and length": a disk that was full for a while, twice.
def test_given_a_recorder_that_stood_still_twice_when_it_goes_on_then_each_gap_is_told_with_its_length() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(20)
        await asyncio.sleep(30)
        await bench.write(20)
        await asyncio.sleep(15)
        await bench.write(20)

    bench = played(scenario)
    assert bench.said() == [("recorder_stalled", None)] * 2
    assert [(one.since - bench.began, one.seconds, one.join) for one in bench.stalls] == [(20, 30, 1), (70, 15, 1)]


def test_given_a_recorder_that_began_late_when_it_writes_then_told_from_the_join_to_its_first_sound() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await asyncio.sleep(20)
        await bench.write(20)

    bench = played(scenario)
    assert bench.said() == [("recorder_late", None)]
    assert [(one.why, one.since - bench.began, one.seconds, one.join) for one in bench.stalls] == [("late", 0, 20, 1)]


def test_given_a_second_join_without_any_file_when_it_ends_then_the_firsts_files_are_not_its_own() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(10)
        await asyncio.sleep(0.5)
        bench.recorder.hear(AgentLeft(t=1.0, call=CALL, agent=NIA, why="transferred"))
        bench.answer(TOM)
        await asyncio.sleep(20)

    bench = played(scenario)
    assert bench.said() == [("recorder_late", None)]
    assert [(one.why, one.since - bench.began, one.seconds, one.join) for one in bench.stalls] == [
        ("late", 10.5, 20, 0)
    ]


# P5 after a restart: the new engine looks after the calls it finds, and knows from the files since when nothing came.
def test_p05_given_a_call_taken_over_when_its_recorder_stands_still_then_an_alarm_within_ten_seconds() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.write(20)
        await asyncio.sleep(5)
        bench.recorder.take_over(RunningRecorder(contact=CALL, muted=False, parted=False), NIA)
        await asyncio.sleep(10)
        # Once more, as after a lost link: it is looked after already.
        bench.recorder.take_over(RunningRecorder(contact=CALL, muted=False, parted=False), NIA)
        await asyncio.sleep(5)
        await bench.write(10)

    bench = played(scenario)
    assert bench.said() == [("recorder_stalled", None)]
    assert 25 < bench.alarms[0][0] <= 35
    assert [(one.why, one.since - bench.began, one.seconds) for one in bench.stalls] == [("stalled", 20, 20)]


def test_given_a_consult_or_a_pause_when_taken_over_then_no_alarm_until_it_is_over() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.write(10)
        bench.recorder.take_over(RunningRecorder(contact=CALL, muted=False, parted=True), NIA)
        await asyncio.sleep(60)
        assert bench.alarms == []
        bench.recorder.hear(ConsultEnded(t=1.0, call=CALL, agent=NIA, why="cancelled", seconds=60.0))
        await bench.write(20, join=2, without="-agent")

    assert played(scenario).said() == [("missing_side", "agent")]


# A word in the agent's ear takes her out of the call for 2 s, in which nothing is written.
def test_given_a_short_standstill_when_they_talk_on_then_no_alarm() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        for _ in range(10):
            await bench.write(6)
            await asyncio.sleep(2)

    assert played(scenario).alarms == []


# What is silent by right is no alarm: a pause from the first second on, a consult, a rule, another agent's ring.
def test_given_a_pause_from_the_beginning_when_it_is_over_then_only_from_there_on_a_voice_is_missed() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        bench.recorder.hear(RecordingPaused(t=1.0, call=CALL, by=NIA, why="card details", until=60.0))
        await asyncio.sleep(20)
        await bench.write(20, loud="")
        bench.recorder.hear(RecordingResumed(t=1.0, call=CALL, by=NIA, seconds=40.0))
        await bench.write(20, loud="-caller")

    bench = played(scenario)
    assert bench.said() == [("silent_side", "agent")]
    assert 44 <= bench.alarms[0][0] <= 52


def test_given_a_consult_when_they_are_apart_then_no_alarm_and_the_new_files_are_looked_at() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(10)
        bench.recorder.hear(ConsultBegan(t=1.0, call=CALL, agent=NIA, to=TOM))
        await asyncio.sleep(60)
        bench.recorder.hear(ConsultEnded(t=1.0, call=CALL, agent=NIA, why="cancelled", seconds=60.0))
        await bench.write(20, join=2, loud="-caller")

    bench = played(scenario)
    assert bench.said() == [("silent_side", "agent")]
    assert 70 < bench.alarms[0][0] <= 80


def test_given_a_second_agent_when_the_first_one_leaves_behind_her_then_the_second_is_looked_after() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(10)
        bench.answer(TOM)
        bench.recorder.hear(AgentLeft(t=1.0, call=CALL, agent=NIA, why="transferred"))
        await bench.write(20, join=2, without="-agent")

    assert played(scenario).said() == [("missing_side", "agent")]


def test_given_a_queue_on_demand_when_it_is_demanded_and_nothing_comes_then_an_alarm() -> None:
    async def scenario(bench: Bench) -> None:
        bench.recorder.hear(CallUnrecorded(t=1.0, call=CALL, why="on_demand"))
        bench.answer()
        await asyncio.sleep(30)
        assert bench.alarms == []
        bench.recorder.hear(RecordingDemanded(t=1.0, call=CALL))
        await asyncio.sleep(30)

    bench = played(scenario)
    assert bench.said() == [("recorder_late", None)]
    assert 30 < bench.alarms[0][0] <= 40


def test_given_a_disk_that_cannot_be_read_when_they_talk_then_an_alarm_once() -> None:
    async def scenario(bench: Bench) -> None:
        bench.answer()
        await bench.write(4)
        bench.tape.trouble = OSError("input/output error")
        await bench.write(30)
        assert bench.said() == [("unreadable", None)]

    played(scenario)
