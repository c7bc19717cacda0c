"""Transfers through the gate, messages into files: what is asked of the line, what is told, what is kept."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from ivr.messages import MessageBoxes
from ivr.outward import OutsideCalls
from kernel.errors import LineGone
from kernel.facts import AlarmRaised, MessageLeft
from kernel.ids import TenantId
from kernel.number import Dialled
from kernel.outbound import OutsideGate, OutsidePolicy
from tests.fakes.around_a_call import Facts, StoppedClock
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell


class Files:
    """Every message is so long."""

    def __init__(self, seconds: float | None) -> None:
        self.length = seconds
        self.removed: list[str] = []

    def seconds(self, name: str) -> float | None:
        assert name
        return self.length

    def remove(self, name: str) -> None:
        self.removed.append(name)


def outside_calls(facts: Facts, **policy: int) -> OutsideCalls:
    gate = OutsideGate(policies={TenantId("northmere"): OutsidePolicy(**policy)})  # type: ignore[arg-type]  # per_hour only
    return OutsideCalls(gate, facts, StoppedClock())


# C24/P22: "alarm on the first refused attempt"; the number is in neither log nor fact.
async def test_p22_given_a_premium_number_when_a_flow_transfers_to_it_then_refused_and_an_alarm_at_once() -> None:
    facts, line = Facts(), FakeCallerLine()
    with capture_logs() as logs:
        assert not await outside_calls(facts).join(line, Dialled("0900"), 30.0)
    assert line.reached == []
    assert [fact.what for fact in facts if isinstance(fact, AlarmRaised)] == ["outside_refused"]
    assert "ALARM" in logs[0]["event"]
    assert "0900" not in str(logs) + str(facts)


async def test_given_an_outside_number_that_does_not_answer_when_rung_then_the_flow_goes_on() -> None:
    facts, line = Facts(), FakeCallerLine()
    assert not await outside_calls(facts).join(line, Dialled("03069990098"), 30.0)
    # The council's number is shown, not the resident's.
    assert line.reached == [("03069990098", "03069990001")]
    assert not facts


async def test_given_a_message_when_it_was_spoken_then_kept_with_a_fact_and_the_call_ends_by_it() -> None:
    facts, line = Facts(), FakeCallerLine(keys=[(10.0, "#")])
    assert await MessageBoxes(Files(6.0), facts, StoppedClock(), "/tone").record(line, "night", 60.0)
    (told,) = facts
    assert isinstance(told, MessageLeft)
    assert (told.box, told.seconds, [told.name]) == ("night", 6.0, line.recorded)
    assert [fields["Why"] for _, fields in line.events] == ["voicemail"]


@pytest.mark.parametrize("seconds", [None, 0.4])
async def test_given_a_message_without_a_word_when_it_ends_then_nothing_is_kept(seconds: float | None) -> None:
    facts, line, files = Facts(), FakeCallerLine(), Files(seconds)
    assert not await MessageBoxes(files, facts, StoppedClock(), "/tone").record(line, "night", 60.0)
    assert not facts
    assert files.removed == line.recorded
    # The call goes on, and how it ends is open again.
    assert [fields["Why"] for _, fields in line.events] == ["voicemail", "none"]


# C44: the caller hangs up while she speaks: what she said is a message all the same.
async def test_c44_given_a_caller_who_hangs_up_when_speaking_then_her_message_is_kept() -> None:
    facts, line = Facts(), FakeCallerLine(hangs_up_at=12.0)
    with pytest.raises(LineGone):
        await MessageBoxes(Files(8.0), facts, StoppedClock(), "/tone").record(line, "night", 60.0)
    assert [type(fact) for fact in facts] == [MessageLeft]
