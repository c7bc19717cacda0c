"""The recorder: what ends is filed once, empty files go, and a call without its audio is an alarm. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from kernel.facts import AgentLeft, AlarmRaised, ContactAnswered, ContactEnded, Fact, RecordingFiled
from kernel.ids import AgentId, ContactId
from recordings.recorder import Recorder
from tests.fakes.audio_tape import AudioTape
from tests.fakes.virtual_time import VirtualClock, run_virtual

pytestmark = pytest.mark.shell

NIA = AgentId("northmere-a001")
K1, K2 = ContactId("c1764000000-12"), ContactId("c1764000000-120")


class Bench:
    """A recorder with its folder, what it told, and what it raised alarm about."""

    def __init__(self) -> None:
        self.tape = AudioTape()
        self.told: list[Fact] = []
        self.recorder = Recorder(self.tape, self, VirtualClock(asyncio.get_running_loop()))

    def publish(self, fact: Fact) -> None:
        self.told.append(fact)
        self.recorder.hear(fact)

    def answered(self, call: ContactId = K1) -> None:
        self.recorder.hear(ContactAnswered(t=1.0, call=call, agent=NIA))

    def ended(self, call: ContactId = K1) -> None:
        self.recorder.hear(ContactEnded(t=2.0, call=call, why="completed"))

    def alarms(self) -> list[str]:
        return [fact.what for fact in self.told if isinstance(fact, AlarmRaised)]

    def filed(self) -> list[tuple[str, float]]:
        return [(fact.call, fact.seconds) for fact in self.told if isinstance(fact, RecordingFiled)]


Scenario = Callable[[Bench], Awaitable[None]]


def run(scenario: Scenario) -> tuple[Bench, list[str]]:
    """Play a scenario until everything is filed; return the bench and the alarms."""

    async def play() -> Bench:
        bench = Bench()
        await scenario(bench)
        await bench.recorder.drain()
        return bench

    with capture_logs() as said:
        bench = run_virtual(play())
    assert len([line for line in said if "ALARM" in line["event"]]) == len(bench.alarms())
    return bench, bench.alarms()


# Contract: "a recording segment was filed (may follow `end`)"; the two sides are no segments of their own.
def test_given_an_answered_call_when_it_ends_then_its_mix_is_filed_once() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 12.3456, f"{K1}-1-caller.wav": 12.3456, f"{K1}-1-agent.wav": 12.3456}
        bench.answered()
        bench.ended()

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms, bench.tape.deleted) == ([(K1, 12.346)], [], [])


# docs/asterisk.md rule 16: "Empty files of failed offers are deleted."
def test_given_two_ring_outs_before_the_answer_when_filed_then_their_empty_files_are_gone() -> None:
    async def scenario(bench: Bench) -> None:
        for join, seconds in ((1, 0.0), (2, 0.0), (3, 5.0)):
            for side in ("", "-caller", "-agent"):
                bench.tape.files[f"{K1}-{join}{side}.wav"] = seconds
        bench.answered()
        bench.ended()

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms) == ([(K1, 5.0)], [])
    assert sorted(bench.tape.files) == [f"{K1}-3-agent.wav", f"{K1}-3-caller.wav", f"{K1}-3.wav"]


# docs/decisions/0057: a phone that hung up as it answered leaves no sound, which is no alarm; the talk after it counts.
@pytest.mark.parametrize(("seconds", "alarms"), [((5.0,), []), ((), ["no_recording"]), ((0.02, 5.0), [])])
def test_given_a_phone_gone_at_once_when_the_next_talk_is_filed_then_only_that_one_must_be_there(
    seconds: tuple[float, ...], alarms: list[str]
) -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-{join}.wav": length for join, length in enumerate(seconds, 1)}
        for answered, left in ((1.0, 1.004), (2.0, 9.0)):
            bench.recorder.hear(ContactAnswered(t=answered, call=K1, agent=NIA))
            bench.recorder.hear(AgentLeft(t=left, call=K1, agent=NIA, why="agent_hung_up"))
        bench.ended()

    bench, told = run(scenario)
    assert ([length for _, length in bench.filed()], told) == (list(seconds), alarms)


def test_given_a_caller_who_gave_up_when_it_ends_then_nothing_filed_and_no_alarm() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 0.0}
        bench.ended()

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms, bench.tape.files) == ([], [], {})


# MixMonitor writes behind the hang-up, on its own thread.
def test_given_a_file_still_written_when_it_ends_then_filed_at_its_full_length() -> None:
    async def scenario(bench: Bench) -> None:
        name = f"{K1}-1.wav"
        bench.answered()
        bench.ended()
        await asyncio.sleep(0.25)
        for seconds in (None, 1.0, 2.0, 3.0):
            bench.tape.files[name] = seconds
            await asyncio.sleep(0.09)

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms) == ([(K1, 3.0)], [])


# P5: "an answered call without audio is an alarm within ten seconds".
@pytest.mark.parametrize("files", [{}, {f"{K1}-1.wav": 0.0}, {f"{K1}-1.wav": None}, {f"{K1}-1-caller.wav": 9.0}])
def test_given_an_answered_call_without_audio_when_it_ends_then_an_alarm_within_ten_seconds(
    files: dict[str, float | None],
) -> None:
    took: list[float] = []

    async def scenario(bench: Bench) -> None:
        bench.tape.files = dict(files)
        bench.answered()
        bench.ended()
        await bench.recorder.drain()
        took.append(asyncio.get_running_loop().time())

    bench, alarms = run(scenario)
    assert bench.filed() == []
    assert alarms == ["no_recording"]
    assert took[0] <= 10.0


def test_given_two_joins_and_one_mix_when_it_ends_then_that_one_filed_and_an_alarm() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 4.0}
        bench.answered()
        bench.answered()
        bench.ended()

    bench, alarms = run(scenario)
    assert (bench.filed(), len(alarms)) == ([(K1, 4.0)], 1)


def test_given_a_disk_that_cannot_be_read_when_it_ends_then_an_alarm_and_the_next_call_is_filed() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 4.0, f"{K2}-1.wav": 5.0}
        bench.tape.trouble = OSError("input/output error")
        bench.answered(K1)
        bench.ended(K1)
        await bench.recorder.drain()
        bench.tape.trouble = None
        bench.answered(K2)
        bench.ended(K2)

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms) == ([(K2, 5.0)], ["unreadable"])


# Two calls whose ids begin alike: each gets its own.
def test_given_calls_that_end_together_when_filed_then_each_its_own() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 4.0, f"{K2}-1.wav": 5.0}
        for call in (K1, K2):
            bench.answered(call)
        for call in (K2, K1):
            bench.ended(call)

    bench, alarms = run(scenario)
    assert (sorted(bench.filed()), alarms) == ([(K1, 4.0), (K2, 5.0)], [])


# A call answered before the engine was restarted: its joins are not known any more, its audio is.
def test_given_a_call_answered_before_a_restart_when_it_ends_then_filed_all_the_same() -> None:
    async def scenario(bench: Bench) -> None:
        bench.tape.files = {f"{K1}-1.wav": 4.0}
        bench.ended()

    bench, alarms = run(scenario)
    assert (bench.filed(), alarms) == ([(K1, 4.0)], [])
