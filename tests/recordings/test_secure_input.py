"""Secret digits in a talk: silence before the word of leave, and no recorder that listens while they go in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kernel.errors import OutcomeUnknown
from kernel.facts import AgentLeft, ContactEnded, Fact, RecordingPaused, RecordingResumed, SecretTaken
from kernel.ids import AgentId, ContactId, LegId, QueueId
from kernel.recording_rule import RecordingRule
from kernel.seen_recording import (
    LiveCall,
    PausedRecorder,
    RecorderKeyPressed,
    SecureInputAsked,
    SecureInputOver,
)
from recordings.pausing import Pausing
from recordings.secure_input import SecureInput
from tests.fakes.virtual_time import VirtualClock, run_virtual

pytestmark = pytest.mark.shell

CALL, NIA = ContactId("c1764000000-12"), AgentId("northmere-a001")
TAX, WASTE = QueueId("northmere.council_tax"), QueueId("northmere.waste")
RULES = {TAX: RecordingRule(longest_pause_s=30.0, secure_input="card_details")}
CALLER, LEG = "PJSIP/trunk-1", LegId("1764000001.7")


class Bench:
    """The PBX, the engine's calls and the facts, in memory; ``log`` holds what was done, in its order."""

    def __init__(self, queue: QueueId = TAX) -> None:
        self.clock = VirtualClock(asyncio.get_running_loop())
        self.call: LiveCall | None = LiveCall(contact=CALL, channel=CALLER, queue=queue, agent=NIA, agent_leg=LEG)
        self.log: list[str] = []
        self.silent: PausedRecorder | None = None
        self.told: list[Fact] = []
        self.deaf = False
        self.pausing = Pausing(self, self, RULES, self, self.clock)
        self.secure = SecureInput(self.pausing, self, self, self.pausing.rule, self, self.clock)

    async def pause(self, paused: PausedRecorder) -> None:
        if self.deaf:
            raise OutcomeUnknown("ami_lost", "the link was lost")
        self.silent = paused
        self.log.append("silent")

    async def resume(self, channel: str) -> None:
        assert channel == CALLER
        self.silent = None
        self.log.append("records")

    def answer_key(self, channel: str, word: str) -> None:
        self.log.append(f"{channel} {word}")

    def press_for(self, leg: LegId, keys: str) -> None:
        self.log.append(f"{leg} {keys}")

    async def paused(self) -> list[PausedRecorder]:
        return [] if self.silent is None else [self.silent]

    def of_contact(self, contact: ContactId) -> LiveCall | None:
        return self.call if contact == CALL else None

    def of_agent(self, agent: AgentId) -> LiveCall | None:
        return self.call if agent == NIA else None

    def now(self) -> list[LiveCall]:
        return [] if self.call is None else [self.call]

    def publish(self, fact: Fact) -> None:
        self.told.append(fact)
        self.pausing.hear(fact)
        self.secure.hear(fact)

    async def ask(self, *, channel: str = CALLER, recorded: bool = True) -> None:
        self.secure.asked(SecureInputAsked(contact=CALL, channel=channel, recorded=recorded))
        await asyncio.sleep(0.1)

    async def over(self, result: str = "done") -> None:
        self.secure.over(SecureInputOver(contact=CALL, result=result))
        await asyncio.sleep(0.1)


def played(scenario: Callable[[Bench], Awaitable[None]], queue: QueueId = TAX) -> Bench:
    async def play() -> Bench:
        bench = Bench(queue)
        await scenario(bench)
        return bench

    return run_virtual(play())


# P21, V16: "recording stopped, DTMF suppressed to agent"; issue 6: "automatically around secret input".
def test_p21_given_an_agent_who_asks_when_the_caller_keys_in_then_silent_first_and_together_again_afterwards() -> None:
    async def scenario(bench: Bench) -> None:
        assert bench.secure.begin(NIA).ok
        await bench.ask()
        found = bench.secure.under_way(CALL)
        assert found is not None
        assert (found.flow, found.longest_s) == ("card_details", 30.0)
        await asyncio.sleep(20)
        await bench.over()
        assert bench.secure.under_way(CALL) is None
        bench.secure.told(RecorderKeyPressed(agent=NIA, channel="PJSIP/a001-1", do="secured"))

    bench = played(scenario)
    assert bench.log == [
        f"{LEG} *54",
        "silent",
        f"{CALLER} secure",
        "records",
        f"{LEG} *55",
        "PJSIP/a001-1 secured",
    ]
    told = [fact for fact in bench.told if isinstance(fact, RecordingPaused | RecordingResumed | SecretTaken)]
    assert [fact.ev for fact in told] == ["rec_pause", "secret_input", "rec_resume"]
    assert isinstance(told[0], RecordingPaused)
    assert (told[0].by, told[0].why) == (NIA, "secret input")
    assert isinstance(told[2], RecordingResumed)
    assert (told[2].by, round(told[2].seconds)) == ("secret_input", 20)


# The flow ends at its limit and may overrun it by one verb: the timer comes behind that, and comes.
def test_given_nobody_who_tells_the_end_when_the_longest_verb_is_over_then_the_timer_lets_it_go_on() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.ask()
        await asyncio.sleep(30 + 59)
        assert bench.silent is not None
        await asyncio.sleep(2)
        assert bench.silent is None

    played(scenario)


# Neither her own key nor a pause's timer nor her hanging up may let a recorder hear the digits.
def test_p21_given_a_caller_who_keys_in_when_resumed_or_left_by_the_agent_then_still_silent() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.pausing.pause(CALL, by=NIA, why="card details", seconds=10)
        await bench.ask()
        assert not (await bench.pausing.resume(CALL, by=NIA)).ok
        await asyncio.sleep(15)
        bench.publish(AgentLeft(t=bench.clock.now(), call=CALL, agent=NIA, why="agent_hung_up"))
        await asyncio.sleep(5)
        assert bench.silent is not None
        bench.publish(ContactEnded(t=bench.clock.now(), call=CALL, why="completed"))
        assert bench.secure.under_way(CALL) is None

    played(scenario)


@pytest.mark.parametrize("why", ["no flow", "another's channel", "no call", "a deaf recorder", "twice"])
def test_given_no_right_or_no_silence_when_asked_then_refused_and_nothing_is_taken(why: str) -> None:
    async def scenario(bench: Bench) -> None:
        if why == "no call":
            bench.call = None
        bench.deaf = why == "a deaf recorder"
        if why == "twice":
            await bench.ask()
            assert not bench.secure.begin(NIA).ok
        channel = "PJSIP/trunk-2" if why == "another's channel" else CALLER
        await bench.ask(channel=channel)
        assert bench.log[-1] == f"{channel} refused"
        assert bench.secure.under_way(CALL) is None or why == "twice"

    played(scenario, WASTE if why == "no flow" else TAX)


def test_given_a_call_without_a_recorder_when_asked_then_taken_all_the_same() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.ask(recorded=False)
        await bench.over("refused")

    bench = played(scenario)
    assert bench.log == [f"{CALLER} secure", f"{LEG} *55"]
    assert [fact.result for fact in bench.told if isinstance(fact, SecretTaken)] == ["refused"]


# Law 1: it stands on the channel whether they are together again.
@pytest.mark.parametrize("still", [True, False])
def test_given_an_engine_that_died_meanwhile_when_it_looks_again_then_it_goes_on_once_they_are_together(
    *, still: bool
) -> None:
    async def scenario(bench: Bench) -> None:
        now = bench.clock.now()
        bench.silent = PausedRecorder(contact=CALL, channel=CALLER, since=now, until=now + 90, by=NIA, input=still)
        await bench.pausing.look()
        assert (bench.silent is not None) == still
        await bench.over()
        assert bench.silent is None

    played(scenario)


def test_given_nobody_to_ask_when_begun_by_command_then_a_reason_each() -> None:
    async def scenario(bench: Bench) -> None:
        assert bench.secure.begin(AgentId("northmere-a002")).code == "not_joined"
        bench.call = None
        assert bench.secure.begin(NIA).code == "not_joined"

    played(scenario)

    async def without(bench: Bench) -> None:
        assert bench.secure.begin(NIA).code == "no_secure_input"

    played(without, WASTE)
