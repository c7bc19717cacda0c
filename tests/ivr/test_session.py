"""A whole call on a scripted line: what is heard, what is written on the channel, what the world is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

import pytest

from adapters.files.dialplans import Dialplans
from guildhall.flow_book import flow_book
from ivr.core.effects import Effect
from ivr.flows import FlowBook, FlowsInForce, make_book
from ivr.perform import PERFORM
from ivr.ports import CallerLine, Services
from ivr.session import Ivr
from kernel.hours import Hours, Span
from kernel.located import parse
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock, call, wish
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell


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


class Pad:
    """Keeps what a flow notes."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str]] = []

    def note(self, line: CallerLine, text: str) -> None:
        self.noted.append((line.contact, text))


# C32: what the caller chose or keyed in goes along as a note; where a value is not known nothing is noted.
@pytest.mark.parametrize(
    ("note", "noted"), [("pressed 1 of {council}", ["pressed 1 of northmere"]), ("about {area}", [])]
)
async def test_c32_given_a_flow_that_notes_when_the_caller_waits_then_noted_beside_the_channel(
    dialplans: Dialplans, facts: Facts, note: str, noted: list[str]
) -> None:
    # `area` is set where this caller does not come by.
    text = f"start: s\nsteps:\n  s: {{verb: enqueue, queue: northmere.waste, note: '{note}'}}\n"
    if not noted:
        text = text.replace("start: s", "start: b") + (
            "  a: {verb: set, values: {area: \"'x'\"}, next: s}\n"
            "  b: {verb: branch, cases: {\"council = 'x'\": a}, otherwise: s}\n"
        )
    northmere = next(tenant.id for tenant in dialplans.tenants if tenant.id == "northmere")
    files = {**dialplans.flows[northmere], "main": parse(text, "main.yaml")}
    book = flow_book(dataclasses.replace(dialplans, flows={**dialplans.flows, northmere: files}))
    pad, line = Pad(), FakeCallerLine()
    ivr = Ivr(
        flows=FlowsInForce(book),
        sounds=Sounds(),
        facts=facts,
        clock=StoppedClock(),
        services=Services(notes=pad),
    )
    await ivr.answer(line, typed="")
    assert pad.noted == [(line.contact, one) for one in noted]
    assert line.variables["GH_NEXT"] == "hold"
    # The channel's variables are in every event of the PBX: no note is among them.
    assert not [name for name, value in line.variables.items() if "pressed" in value]


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
