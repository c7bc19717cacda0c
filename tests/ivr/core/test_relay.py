"""Relay UK: an assistant speaks for a caller who types. No speech steering, and no silence counts against her."""

from __future__ import annotations

import dataclasses

import pytest

from ivr.core.bind import bind_all
from ivr.core.effects import Listen, Play
from ivr.core.flow import Flow
from ivr.core.inputs import Began, NoKey, Played
from ivr.core.load import Surroundings
from ivr.core.step import begin, step
from ivr.core.walk import RELAY_SILENCES
from kernel.ids import QueueId, TenantId
from kernel.located import parse
from kernel.needs import Need
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.tenant import CouncilNumber, Tenant

pytestmark = pytest.mark.unit

COUNCIL = TenantId("northmere")
QUEUES = {
    QueueId(f"northmere.{name}"): Queue(id=QueueId(f"northmere.{name}"), tenant=COUNCIL, name=name)
    for name in ("waste", "general")
}

STEERED = """
start: ask
steps:
  ask: {verb: steer, prompts: [welcome], intents: {bins: waste}, no_input: menu, no_match: menu, tries: 2}
  menu: {verb: menu, prompts: [menu_main], keys: {1: waste}, no_input: person, no_match: person, tries: 2, timeout: 3s}
  waste: {verb: enqueue, queue: northmere.waste}
  person: {verb: enqueue, queue: northmere.general}
"""


def flow_of(text: str) -> Flow:
    number = CouncilNumber(number=Dialled("03069990001"), tenant=COUNCIL, flow="main")
    tenant = Tenant(
        id=COUNCIL,
        name="Northmere",
        languages=("en",),
        numbers=(number,),
        default_queue=QueueId("northmere.general"),
    )
    prompts = ("welcome", "menu_main", "sorry_no_input", "sorry_no_match")
    bound, wrong = bind_all(
        {"main": parse(text, "main.yaml")}, Surroundings(tenant=tenant, queues=QUEUES, prompts=prompts)
    )
    assert not wrong
    return bound["main"]


# docs (Relay UK): relay calls skip steering and are never timed out for silence.
def test_given_a_relay_call_when_it_begins_then_the_menu_and_not_the_speech() -> None:
    walk, effects = begin(flow_of(STEERED), Began(), language="en", relay=True)
    assert walk.at == "menu"
    assert effects[-1] == Play(prompts=("menu_main",), language="en", interruptible=True)


def test_given_a_relay_call_when_nothing_is_pressed_then_the_choices_come_again_and_again() -> None:
    walk, _ = begin(flow_of(STEERED), Began(), language="en", relay=True)
    for _ in range(RELAY_SILENCES - 1):
        walk, effects = step(walk, Played())
        assert effects == (Listen(seconds=30.0),)
        walk, effects = step(walk, NoKey())
        assert walk.at == "menu"
    walk, _ = step(step(walk, Played())[0], NoKey())
    # Half an hour of nothing: even then it is a person, and no hang-up.
    assert walk.at == "person"


def test_given_any_other_call_when_nothing_is_pressed_then_the_flows_own_limit_holds() -> None:
    walk, _ = begin(flow_of(STEERED), Began(typed="1"), language="en")
    assert walk.tired(2, 2)
    assert not walk.tired(1, 2)
    assert not dataclasses.replace(walk, relay=True).tired(2, 2)


# Issue 5: "explicit flags (… registered number …) give longer time-outs"; twice is kernel's word for it.
def test_given_more_time_is_registered_when_a_menu_listens_then_twice_as_long() -> None:
    waits = []
    for needs in (frozenset[Need](), frozenset({Need.MORE_TIME})):
        walk, _ = begin(flow_of(STEERED), Began(typed="5", needs=needs), language="en")
        waits += [one for one in step(walk, Played())[1] if isinstance(one, Listen)]
    assert [one.seconds for one in waits] == [3.0, 6.0]


# "Relay UK calls skip steering": also those who ring without 18001, when that is registered.
def test_given_relay_is_registered_when_it_begins_then_the_menu_and_not_the_speech() -> None:
    walk, _ = begin(flow_of(STEERED), Began(needs=frozenset({Need.RELAY})), language="en")
    assert (walk.at, walk.relay) == ("menu", True)
