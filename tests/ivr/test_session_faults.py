"""A call that goes wrong: hung up at any moment, prompts lost, a fault of ours, a shutdown; it ends at a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from ivr.flows import FlowBook
from kernel.errors import Refused
from tests.fakes.around_a_call import Facts, Sounds, call, wish
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell


# C44: hang-up at every moment: the session ends quietly and writes nothing more.
@pytest.mark.parametrize("moment", [0.0, 0.5, 4.0, 6.0, 8.0, 9.0, 13.0, 20.0])
async def test_c44_given_a_hang_up_when_at_any_moment_then_the_session_ends_quietly(
    book: FlowBook, facts: Facts, moment: float
) -> None:
    with capture_logs() as logs:
        line = await call(book, FakeCallerLine(hangs_up_at=moment), facts)
    assert line.variables == {}
    assert line.events == []
    assert logs == []


# C45: dead prompt: the flow goes on, and an alarm is logged.
async def test_c45_given_a_dead_menu_prompt_when_played_then_keys_still_count(book: FlowBook, facts: Facts) -> None:
    with capture_logs() as logs:
        line = await call(book, FakeCallerLine(broken=["/northmere/en/menu_main"], keys=[(5.0, "1")]), facts)
    assert line.variables["GH_QUEUE"] == "northmere.waste"
    assert [entry["event"] for entry in logs] == ["ALARM: a prompt cannot be played"]
    assert "/tone" in line.heard


async def test_given_no_sound_at_all_when_called_then_a_person_at_once(book: FlowBook, facts: Facts) -> None:
    line = await call(book, FakeCallerLine(broken="*"), facts)
    assert line.variables["GH_QUEUE"] == "northmere.general"
    assert line.now == 0.0


async def test_c45_given_a_prompt_never_rendered_when_due_then_it_is_an_alarm_and_the_flow_goes_on(
    book: FlowBook, facts: Facts
) -> None:
    with capture_logs() as logs:
        line = await call(book, FakeCallerLine(keys=[(5.0, "1")]), facts, sounds=Sounds("welcome"))
    assert line.heard == ["/tone", "/northmere/en/menu_main"]
    assert line.variables["GH_QUEUE"] == "northmere.waste"
    assert (logs[0]["event"], logs[0]["prompt"]) == ("ALARM: a prompt cannot be played", "welcome")


# Without a council there is no queue to choose: an honest message, and the outcome is named.
async def test_given_an_unknown_council_when_called_then_told_and_rejected(book: FlowBook, facts: Facts) -> None:
    line = await call(book, FakeCallerLine(tenant="nowhere"), facts)
    assert line.heard == ["/nowhere/en/number_unknown"]
    assert line.events == [("GuildhallOutcome", {"Contact": "c1764000000-12", "Why": "rejected"})]
    assert line.variables == {"GH_NEXT": "bye"}


class Deaf(FakeCallerLine):
    """A line whose listening has a fault of ours, with personal data in the error's text."""

    async def listen(self, seconds: float) -> str | None:
        raise RuntimeError(f"caller pressed 8642 after {seconds}")


# Law 5: any unexpected fault goes towards a person; the log has no caller data.
async def test_given_a_fault_of_ours_when_it_strikes_then_a_person_and_no_caller_data_in_the_log(
    book: FlowBook, facts: Facts
) -> None:
    with capture_logs() as logs:
        line = await call(book, Deaf(), facts)
    assert line.variables == wish("northmere.general", skills="general:1")
    assert [(entry["event"], entry["error"]) for entry in logs] == [("flow failed", "RuntimeError")]
    assert "8642" not in repr(logs)


class Mute(FakeCallerLine):
    """A line on which nothing can be written."""

    async def set_variables(self, variables: Mapping[str, str]) -> None:
        raise Refused("agi_refused", f"{len(variables)} variables refused")


# Then GH_NEXT stays empty, and the dialplan goes on to its static fallback by itself.
async def test_given_a_channel_that_takes_nothing_when_rescued_then_the_session_still_ends(
    book: FlowBook, facts: Facts
) -> None:
    line = await call(book, Mute(), facts, typed="1")
    assert line.variables == {}


# A cancelled session (shutdown) is cancelled, not rescued.
async def test_given_a_shutdown_when_a_call_listens_then_the_cancellation_goes_through(
    book: FlowBook, facts: Facts
) -> None:
    listening = asyncio.Event()

    class Slow(FakeCallerLine):
        async def listen(self, seconds: float) -> str | None:
            listening.set()
            await asyncio.Event().wait()
            return str(seconds)

    line = Slow()
    task = asyncio.create_task(call(book, line, facts))
    await listening.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert line.variables == {}
