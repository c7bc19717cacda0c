"""Promises to ring back: who may be promised, never two, a seat or no promise, and a lost seat set again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.promises import CallbackDesk, Promise
from kernel.errors import Refused
from kernel.facts import AlarmRaised, ContactEnded, EngineChanged
from kernel.facts_services import CallbackPromised
from kernel.ids import ContactId, QueueId, TenantId
from kernel.outbound import OutsideGate, OutsidePolicy
from tests.fakes.around_a_call import Facts, StoppedClock
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

WASTE = QueueId("northmere.waste")
NUMBER = "01632960123"


class World:
    """The book in memory, and a PBX that seats or does not."""

    def __init__(self, *, seats: bool = True) -> None:
        self.kept: dict[ContactId, Promise] = {}
        self.seated: list[ContactId] = []
        self._seats = seats

    async def add(self, promise: Promise) -> bool:
        if any((one.tenant, one.number) == (promise.tenant, promise.number) for one in self.kept.values()):
            return False
        self.kept[promise.contact] = promise
        return True

    async def open(self) -> list[Promise]:
        return list(self.kept.values())

    async def renamed(self, before: ContactId, after: ContactId) -> None:
        self.kept[after] = replace(self.kept.pop(before), contact=after)

    async def over(self, contact: ContactId) -> None:
        self.kept.pop(contact, None)

    async def seat(self, promise: Promise) -> None:
        if not self._seats:
            raise Refused("no_seat", "the PBX refused")
        self.seated.append(promise.contact)


def desk(world: World, facts: Facts) -> CallbackDesk:
    return CallbackDesk(
        gate=OutsideGate(policies={TenantId("northmere"): OutsidePolicy()}),
        book=world,
        seats=world,
        waiting=lambda contact: contact in world.seated,
        facts=facts,
        clock=StoppedClock(),
    )


# C24: "number confirmed by the caller; premium/abroad refused": what may be offered to her at all.
@pytest.mark.parametrize(
    ("caller", "typed", "offered"),
    [
        (NUMBER, "", NUMBER),
        ("+441632960123", "", NUMBER),
        ("00441632960123", "", NUMBER),
        ("anonymous", "", None),
        ("anonymous", NUMBER, NUMBER),
        (NUMBER, "070", None),
        ("", "", None),
        ("sip:x@evil", "", None),
        ("300&PJSIP/x", "", None),
    ],
)
async def test_c24_given_a_caller_when_a_call_back_is_offered_then_only_a_number_that_may_be_rung(
    caller: str, typed: str, offered: str | None
) -> None:
    assert await desk(World(), Facts()).offer(FakeCallerLine(caller=caller), typed) == offered


async def test_c24_given_a_dear_or_foreign_number_when_asked_for_then_refused_with_an_alarm() -> None:
    facts = Facts()
    for number in ("090" + "1" * 8, "+33" + "1" * 9):
        assert await desk(World(), facts).offer(FakeCallerLine(caller=number), "") is None
    assert [fact.what for fact in facts if isinstance(fact, AlarmRaised)] == ["callback_refused"] * 2
    assert "1111" not in repr(facts)


async def test_c24_given_an_agreed_number_when_booked_twice_then_one_seat_and_the_caller_may_go() -> None:
    world, facts, line = World(), Facts(), FakeCallerLine()
    ours = desk(world, facts)
    assert await ours.book(line, WASTE, "cy", NUMBER)
    assert world.seated == [line.contact]
    assert line.variables["GH_ROLE"] == "promised"
    (told,) = [fact for fact in facts if isinstance(fact, CallbackPromised)]
    assert told.due == told.t
    again = FakeCallerLine(contact="c1764000009-14")
    assert await ours.book(again, WASTE, "en", NUMBER)
    assert world.seated == [line.contact]
    assert [fields["Why"] for _, fields in again.events] == ["callback"]
    # The number is in no fact.
    assert NUMBER not in repr(facts)


def test_c24_given_a_pbx_that_gives_no_seat_when_booked_then_there_is_no_promise_and_she_is_a_caller_again() -> None:
    world, line = World(seats=False), FakeCallerLine()
    assert not run_virtual(desk(world, Facts()).book(line, WASTE, "en", NUMBER))
    assert world.kept == {}
    assert line.variables["GH_ROLE"] == "caller"


# "Law 1: durable": a PBX that died took the seat along; the promise gets another, at the place of its arrival.
def test_c24_given_a_seat_that_died_with_its_pbx_when_the_engine_decides_again_then_it_has_one_again() -> None:
    async def story() -> None:
        world, facts, line = World(), Facts(), FakeCallerLine()
        ours = desk(world, facts)
        assert await ours.book(line, WASTE, "en", NUMBER)
        arrived = world.kept[ContactId(line.contact)].arrived
        world.seated.clear()
        ours.hear(ContactEnded(t=1.0, call=ContactId(line.contact), why="failed"))
        ours.hear(EngineChanged(t=2.0, state="up"))
        await ours.drain()
        (promise,) = world.kept.values()
        assert promise.contact == f"{line.contact}_1"
        assert promise.arrived == arrived
        # Kept at last: forgotten.
        ours.hear(ContactEnded(t=3.0, call=promise.contact, why="completed"))
        await ours.drain()
        assert world.kept == {}

    run_virtual(story())
