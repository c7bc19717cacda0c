"""The distributor's shell in virtual time: inline decisions, one timer, heartbeat, and the look when in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace

import pytest

from acd.core.inputs import PeopleChanged
from acd.engine import Engine
from kernel.agent import Presence
from kernel.commands import Explain, SetPresence, ShowState
from kernel.contact import Wish
from kernel.facts import EngineChanged
from kernel.ids import AgentId, ContactId, LegId
from kernel.seen import AgentMemory, CallBegan, ContactHolding, LegHungUp, SeenCall
from tests.fakes.dialler import FakeDialler, FakeFacts
from tests.fakes.pbx_view import FakePbxView
from tests.fakes.people import WASTE, a_queue, an_agent
from tests.fakes.small_pbx_view import COUNCIL
from tests.fakes.virtual_time import VirtualClock, VirtualTimeLoop, run_virtual

pytestmark = pytest.mark.shell

A1 = AgentId("a1")
CONTACT = ContactId("c1")
LEG = LegId("1.1")
CHANNEL = "PJSIP/trunk-1"
WISH = Wish(contact=CONTACT, channel=CHANNEL, leg=LEG, tenant=COUNCIL, queue=WASTE, arrived=1_000_000.0)
BEGAN = CallBegan(contact=CONTACT, channel=CHANNEL, leg=LEG, tenant=COUNCIL, number="03069990100")
HOLDING = SeenCall(
    contact=CONTACT, channel=CHANNEL, leg=LEG, tenant=COUNCIL, number="03069990100", wish=WISH, holding=True
)


class House:
    """An engine with fakes behind its ports, and one agent who is ready."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        self.loop = loop
        self.dialler, self.facts, self.pbx = FakeDialler(), FakeFacts(), FakePbxView([A1])
        self.pbx.memories.append(
            AgentMemory(
                agent=A1,
                presence=Presence.READY,
                aux_code=None,
                pending=None,
                pending_aux=None,
                wrap_up_until=None,
                idle_since=900_000.0,
            )
        )
        self.engine = Engine(
            dialler=self.dialler, room=self.dialler, pbx=self.pbx, facts=self.facts, clock=VirtualClock(loop)
        )
        self.dialler.on_refused = self.engine.put

    async def open(self) -> None:
        """Start and look for the first time."""
        self.engine.start()
        self.engine.put(PeopleChanged(agents=(an_agent("a1"),), queues=(a_queue(),)))
        self.engine.link_up()
        await asyncio.sleep(0.1)

    def caller_waits(self) -> None:
        """Tell of a caller in ``[hold]``."""
        self.engine.put(BEGAN)
        self.engine.put(ContactHolding(wish=WISH))


def _in_house(scenario: Callable[[House], Coroutine[object, object, None]]) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        house = House(loop)
        await scenario(house)
        await house.engine.stop()

    run_virtual(run())


# No task hop is on the path from the event to the Redirect.
def test_given_an_idle_agent_when_a_caller_is_put_then_the_redirect_is_out_before_put_returns() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.caller_waits()
        assert [(ring.contact, ring.agent) for ring in house.dialler.rung] == [(CONTACT, A1)]

    _in_house(scenario)


# A refusal that comes back inside the call is taken in after the step that caused it.
def test_given_a_pbx_that_refuses_inside_the_call_when_ringing_then_the_agent_is_free_again() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.dialler.gone.add(CONTACT)
        house.caller_waits()
        assert house.facts.words()[-5:] == ["offer", "agent ringing", "offer_end", "may", "agent available"]

    _in_house(scenario)


# A broken port keeps no other effect back.
def test_given_a_dialler_that_breaks_when_an_offer_is_made_then_the_facts_are_told_and_its_deadline_stays() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.dialler.broken = True
        house.caller_waits()
        assert house.facts.words()[-2:] == ["offer", "agent ringing"]
        await asyncio.sleep(20.1)
        assert len(house.dialler.withdrawn) == 1

    _in_house(scenario)


# The timer follows next_deadline: ring time 15 s and 5 s more, then withdrawn, then a look.
def test_given_an_offer_nothing_is_heard_of_when_time_goes_on_then_withdrawn_at_20_s_and_a_look_at_23_s() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.caller_waits()
        await asyncio.sleep(19.9)
        assert not house.dialler.withdrawn
        await asyncio.sleep(0.2)
        assert len(house.dialler.withdrawn) == 1
        assert house.pbx.looks == 1
        await asyncio.sleep(3.0)
        assert house.pbx.looks == 2

    _in_house(scenario)


# The heartbeat beats every second, from the loop that decides, and only while it decides.
def test_given_an_engine_that_decides_when_five_seconds_pass_then_one_a_second_and_none_without_the_link() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        await asyncio.sleep(5.0)
        assert house.dialler.beats == [1] * 6  # one at once after the look, then every second
        house.engine.link_down()
        await asyncio.sleep(5.0)
        assert len(house.dialler.beats) == 6
        assert house.facts.words()[-1] == "engine reconciling"

    _in_house(scenario)


# docs/asterisk.md rule 8: after a gap of more than 2 s send nothing, reconcile, take a new epoch, then decide.
def test_given_an_engine_frozen_for_20_s_when_a_buffered_event_comes_then_nothing_is_sent_before_a_look() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.loop.freeze(20.0)
        house.caller_waits()
        assert not house.dialler.rung
        assert house.facts.words()[-1] == "engine reconciling"
        house.pbx.calls.append(HOLDING)
        await asyncio.sleep(0.1)
        assert [ring.epoch for ring in house.dialler.rung] == [2]

    _in_house(scenario)


# I4: a loop that comes late to what is due says so with its true time; an ordinary second has nothing to say.
@pytest.mark.parametrize(("late_s", "told"), [(0.3, []), (1.5, [1_000_020.1]), (20.0, [1_000_020.1])])
def test_given_a_loop_that_stands_still_when_something_was_due_then_it_says_since_when(
    late_s: float, told: list[float]
) -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.caller_waits()
        await asyncio.sleep(19.9)
        house.loop.freeze(0.1 + late_s)
        await asyncio.sleep(0.1)
        since = [fact.since for fact in house.facts.facts if isinstance(fact, EngineChanged) and fact.since is not None]
        assert since == [pytest.approx(one, abs=0.01) for one in told]

    _in_house(scenario)


def test_given_a_freeze_without_events_when_the_beat_comes_then_it_looks() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.loop.freeze(20.0)
        await asyncio.sleep(0.1)
        assert house.pbx.looks == 2

    _in_house(scenario)


# Snapshot first, then what was told meanwhile: a hang-up wins over the snapshot that still shows the caller.
def test_given_a_look_under_way_when_the_caller_hangs_up_then_the_contact_ends_and_nobody_is_rung() -> None:
    async def scenario(house: House) -> None:
        house.pbx.calls.append(HOLDING)
        house.engine.start()
        house.engine.put(PeopleChanged(agents=(an_agent("a1"),), queues=(a_queue(),)))
        house.engine.link_up()
        await asyncio.sleep(0.01)
        house.engine.put(LegHungUp(leg=LEG))
        await asyncio.sleep(0.1)
        assert not house.dialler.rung
        assert house.facts.words()[-2:] == ["end", "engine up"]

    _in_house(scenario)


def test_given_a_pbx_that_cannot_be_seen_when_it_answers_the_third_time_then_up() -> None:
    async def scenario(house: House) -> None:
        house.pbx.fails = 2
        await house.open()
        await asyncio.sleep(1.0)
        assert house.pbx.looks == 3
        assert house.facts.words()[-1] == "engine up"

    _in_house(scenario)


def test_given_a_look_under_way_when_the_link_is_lost_and_back_then_only_the_new_look_counts() -> None:
    async def scenario(house: House) -> None:
        house.pbx.takes_s = 1.0
        await house.open()
        house.engine.put(BEGAN)
        house.engine.link_down()
        house.engine.link_up()
        await asyncio.sleep(1.1)
        assert house.engine.world.epoch == 2
        assert not house.engine.world.contacts

    _in_house(scenario)


# An event of a link that is lost is older than the next snapshot.
def test_given_no_link_when_an_event_comes_then_it_is_dropped_and_a_presence_is_taken() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.engine.link_down()
        house.caller_waits()
        assert not house.engine.world.contacts
        outcome = await house.engine.ask(SetPresence(agent=A1, presence=Presence.NOT_READY))
        assert (outcome.ok, outcome.code) == (True, "done")
        house.engine.link_up()
        await asyncio.sleep(0.1)
        assert house.dialler.memories[-1].presence is Presence.NOT_READY

    _in_house(scenario)


# A doubt that stays costs one look a second, not a storm.
def test_given_a_doubt_that_stays_when_ten_seconds_pass_then_about_ten_looks() -> None:
    async def scenario(house: House) -> None:
        await house.open()

        async def doubt() -> None:
            while True:
                house.engine.world.needs_reconcile = True
                house.engine.put(LegHungUp(leg=LegId("1.99")))
                await asyncio.sleep(0.01)

        doubting = asyncio.create_task(doubt())
        await asyncio.sleep(10.0)
        doubting.cancel()
        assert 8 <= house.pbx.looks <= 12

    _in_house(scenario)


# A core that breaks must not take the event stream with it: it looks again.
def test_given_a_core_that_raises_when_an_input_is_put_then_it_looks_and_goes_on() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        house.caller_waits()
        house.engine.world.legs.clear()
        house.engine.world.contacts[CONTACT] = replace(house.engine.world.contacts[CONTACT], offer=None)
        house.engine.put(ContactHolding(wish=replace(WISH, priority=1)))
        house.pbx.calls.append(HOLDING)
        await asyncio.sleep(2.0)
        assert house.pbx.looks == 2
        assert house.facts.words()[-1] == "agent ringing"

    _in_house(scenario)


def test_given_the_state_when_shown_then_plain_data_and_stop_says_down() -> None:
    async def scenario(house: House) -> None:
        await house.open()
        outcome = await house.engine.ask(ShowState())
        assert outcome.ok
        assert isinstance(outcome.data, dict)
        assert outcome.data["agents"][0]["word"] == "available"
        unknown = await house.engine.ask(Explain(contact=ContactId("nobody")))
        assert (unknown.ok, unknown.code) == (False, "not_waiting")
        await house.engine.stop()
        assert house.facts.words()[-1] == "engine down"

    _in_house(scenario)
