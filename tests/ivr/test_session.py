"""A whole call on a scripted line: what is heard, what is written on the channel, what the world is told."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.files.dialplans import Dialplans, read_dialplans
from guildhall.flow_book import flow_book
from ivr.core.effects import Effect
from ivr.flows import FlowBook, FlowsInForce, make_book
from ivr.perform import PERFORM
from ivr.ports import Services
from ivr.session import Ivr
from kernel.errors import Refused
from kernel.facts import Fact, FlowStepped
from kernel.hours import Hours, Span
from kernel.located import parse
from kernel.needs import Need
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"


class Sounds:
    """Every prompt has a sound named after it, but those in ``missing``."""

    def __init__(self, *missing: str) -> None:
        self._missing = missing

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        return None if prompt in self._missing else f"/{tenant}/{language}/{prompt}"

    def tone(self) -> str:
        return "/tone"


class Facts(list[Fact]):
    """Collects facts."""

    def publish(self, fact: Fact) -> None:
        self.append(fact)

    @property
    def steps(self) -> list[str]:
        return [fact.step for fact in self if isinstance(fact, FlowStepped)]


class StoppedClock:
    """Always the same second."""

    def now(self) -> float:
        return 1764000000.5


@pytest.fixture(scope="module")
def dialplans() -> Dialplans:
    return read_dialplans(DIALPLANS)


@pytest.fixture
def book(dialplans: Dialplans) -> FlowBook:
    prompts = {tenant.id: dialplans.prompt_ids(tenant.id) for tenant in dialplans.tenants}
    return make_book(tenants=dialplans.tenants, queues=dialplans.queues, trees=dialplans.flows, prompts=prompts)


@pytest.fixture
def facts() -> Facts:
    return Facts()


async def call(
    book: FlowBook, line: FakeCallerLine, facts: Facts, *, sounds: Sounds | None = None, typed: str = ""
) -> FakeCallerLine:
    ivr = Ivr(flows=FlowsInForce(book), sounds=sounds or Sounds(), facts=facts, clock=StoppedClock())
    await ivr.answer(line, typed=typed)
    return line


def wish(queue: str, *, priority: str = "0", skills: str) -> dict[str, str]:
    return {"GH_QUEUE": queue, "GH_PRIORITY": priority, "GH_SKILLS": skills, "GH_LANG": "en", "GH_NEXT": "hold"}


# Each key of the county's menu, and where it leads.
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("1", wish("northmere.waste", skills="waste:1")),
        ("2", wish("northmere.housing", skills="housing:1")),
        ("3", wish("northmere.council_tax", skills="council_tax:2")),
        ("9", wish("northmere.emergency", priority="10", skills="emergency:1")),
        ("0", wish("northmere.general", skills="general:1")),
    ],
)
async def test_given_a_key_in_the_menu_when_pressed_then_the_wish_stands_on_the_channel(
    book: FlowBook, facts: Facts, key: str, expected: Mapping[str, str]
) -> None:
    line = await call(book, FakeCallerLine(keys=[(9.0, key)]), facts)
    assert line.answered
    assert line.heard == ["/northmere/en/welcome", "/northmere/en/menu_main"]
    assert line.variables == expected
    # Until GH_NEXT is written the dialplan takes its own way to a person: it must come last.
    assert list(line.variables)[-1] == "GH_NEXT"


# "agent/seconds", as adapters/asterisk/wish.py reads it: whom the call prefers, and for how long only she may take it.
async def test_given_a_preferred_agent_when_enqueued_then_she_and_her_time_stand_on_the_channel(
    dialplans: Dialplans, facts: Facts
) -> None:
    text = "start: s\nsteps:\n  s: {verb: enqueue, queue: northmere.waste, preferred: northmere-a001}\n"
    northmere = next(tenant.id for tenant in dialplans.tenants if tenant.id == "northmere")
    files = {**dialplans.flows[northmere], "main": parse(text, "main.yaml")}
    plans = dataclasses.replace(dialplans, flows={**dialplans.flows, northmere: files})
    line = await call(flow_book(plans), FakeCallerLine(), facts)
    assert line.variables["GH_PREFERRED"] == "northmere-a001/20"


async def test_given_a_walk_when_steps_are_reached_then_facts_name_them_and_never_the_key(
    book: FlowBook, facts: Facts
) -> None:
    await call(book, FakeCallerLine(keys=[(9.0, "1")]), facts)
    assert facts.steps == ["welcome", "main_menu", "bins"]
    assert {(fact.t, getattr(fact, "call", None)) for fact in facts} == {(1764000000.5, "c1764000000-12")}


# C43: typed ahead, silence three times, wrong key three times.
async def test_c43_given_a_key_typed_in_the_opening_when_the_flow_begins_then_nothing_is_played(
    book: FlowBook, facts: Facts
) -> None:
    line = await call(book, FakeCallerLine(), facts, typed="2")
    assert line.heard == []
    assert line.variables["GH_QUEUE"] == "northmere.housing"


async def test_given_a_key_in_the_greeting_when_interrupted_then_the_menu_is_not_played(
    book: FlowBook, facts: Facts
) -> None:
    line = await call(book, FakeCallerLine(keys=[(1.0, "1")]), facts)
    assert line.heard == ["/northmere/en/welcome"]
    assert line.now == 1.0


async def test_given_silence_when_three_times_then_a_person(book: FlowBook, facts: Facts) -> None:
    line = await call(book, FakeCallerLine(), facts)
    assert line.variables["GH_QUEUE"] == "northmere.general"
    assert [sound.rpartition("/")[2] for sound in line.heard] == [
        "welcome",
        *["menu_main", "sorry_no_input"] * 2,
        "menu_main",
    ]


async def test_given_wrong_keys_when_three_times_then_a_person(book: FlowBook, facts: Facts) -> None:
    line = await call(book, FakeCallerLine(keys=[(9.0, "7"), (18.0, "8"), (27.0, "8")]), facts)
    assert line.variables["GH_QUEUE"] == "northmere.general"
    assert facts.steps == ["welcome", "main_menu", "person"]


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


async def test_given_a_direct_number_when_called_then_straight_to_its_queue(book: FlowBook, facts: Facts) -> None:
    line = await call(book, FakeCallerLine(number="03069990002"), facts)
    assert line.heard == []
    assert line.variables == wish("northmere.waste", skills="waste:1")


async def test_given_an_unknown_number_of_a_council_when_called_then_told_and_to_its_default_queue(
    book: FlowBook, facts: Facts
) -> None:
    line = await call(book, FakeCallerLine(number="03069990099"), facts)
    assert line.heard == ["/northmere/en/number_unknown"]
    assert line.variables["GH_QUEUE"] == "northmere.general"


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


# Calls under way finish on the version they began with.
async def test_given_a_new_book_when_published_in_mid_call_then_the_call_ends_on_the_old_one(
    book: FlowBook, facts: Facts
) -> None:
    flows = FlowsInForce(book)

    class Publishing(FakeCallerLine):
        async def listen(self, seconds: float) -> str | None:
            flows.publish(dataclasses.replace(book, flows={}, queues={}))
            return await super().listen(seconds)

    line = Publishing(keys=[(9.0, "1")])
    await Ivr(flows=flows, sounds=Sounds(), facts=facts, clock=StoppedClock()).answer(line)
    assert line.variables["GH_QUEUE"] == "northmere.waste"


def test_given_the_effects_when_compared_with_the_table_then_each_has_its_function() -> None:
    assert set(PERFORM) == set(Effect.__args__)


# C42 on a whole call: the clock of the house decides which way the flow goes.
@pytest.mark.parametrize(("when", "queue"), [("10:00", "northmere.waste"), ("20:00", "northmere.emergency")])
async def test_c42_given_hours_in_a_flow_when_called_then_the_clock_decides(
    dialplans: Dialplans, facts: Facts, when: str, queue: str
) -> None:
    weekly = {day: (Span(opens=9 * 60, closes=17 * 60),) for day in range(7)}
    tenants = [
        dataclasses.replace(tenant, hours={"office": Hours(name="office", weekly=weekly)})
        for tenant in dialplans.tenants
        if tenant.id == "northmere"
    ]
    text = (
        "start: s\nsteps:\n  s: {verb: hours, of: office, open: a, closed: b}\n"
        "  a: {verb: enqueue, queue: northmere.waste}\n  b: {verb: enqueue, queue: northmere.emergency}\n"
    )
    trees = {tenants[0].id: {"main": parse(text, "main.yaml")}}
    book = make_book(tenants=tenants, queues=dialplans.queues, trees=trees, prompts={})

    class ThatHour(StoppedClock):
        """The hour of the case, on a winter's day."""

        def now(self) -> float:
            return datetime.fromisoformat(f"2026-11-24T{when}+00:00").timestamp()

    line = FakeCallerLine()
    await Ivr(flows=FlowsInForce(book), sounds=Sounds(), facts=facts, clock=ThatHour()).answer(line)
    assert line.variables["GH_QUEUE"] == queue


class Registered:
    """Meets ``ivr.ports.Needs``; ``mood``: fine, late or broken."""

    def __init__(self, *needs: Need, mood: str = "fine") -> None:
        self.needs, self.mood = frozenset(needs), mood
        self.asked: list[tuple[str, str]] = []

    async def of(self, tenant: str, caller: str) -> frozenset[Need]:
        self.asked.append((tenant, caller))
        if self.mood == "late":
            await asyncio.Event().wait()
        if self.mood == "broken":
            raise RuntimeError(f"{caller} broke it")
        return self.needs


async def called(flows: FlowsInForce, needs: Registered, *, typed: str = "") -> FakeCallerLine:
    line = FakeCallerLine()
    services = Services(needs=needs)
    ivr = Ivr(flows=flows, sounds=Sounds(), facts=Facts(), clock=StoppedClock(), services=services)
    await ivr.answer(line, typed=typed)
    return line


# "Welsh callers get Welsh prompts and keys": also those who said so before.
async def test_given_welsh_is_registered_when_she_rings_then_welsh_from_the_first_prompt_on(book: FlowBook) -> None:
    flows = FlowsInForce(book)
    needs = Registered(Need.WELSH)
    line = await called(flows, needs)
    assert needs.asked == [("northmere", "01632960123")]
    assert {sound.split("/")[2] for sound in line.heard} == {"cy"}
    assert line.variables["GH_LANG"] == "cy"


# Law 5: "store away → call goes on", and the log says nothing of whose call it was.
@pytest.mark.parametrize("mood", ["late", "broken"])
def test_given_a_store_that_is_away_when_she_rings_then_the_call_goes_on(book: FlowBook, mood: str) -> None:
    with capture_logs() as logs:
        line = run_virtual(called(FlowsInForce(book), Registered(mood=mood)))
    assert line.variables["GH_NEXT"] == "hold"
    assert [entry["service"] for entry in logs if "service" in entry] == ["needs"]
    assert "960123" not in repr(logs)
