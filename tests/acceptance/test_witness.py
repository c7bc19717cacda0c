"""Two accounts of the same calls: pyst2, listening beside the engine, tells what our facts tell, in the same order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lab.behaviour import Answer, LetRing
from lab.town import Town
from tests.fakes.pyst2_witness import Heard, Pyst2Witness
from tests.fakes.service import EMERGENCY, MAREK, NIA, PRIYA, WASTE, Service, eventually

pytestmark = pytest.mark.acceptance

#: What the witness may say of a call, and what we say: began, entered the queue, rang her, joined, came back, ended.
Word = tuple[str, str]


def of_ours(facts: list[dict[str, Any]]) -> list[Word]:
    told = {
        "call": "began",
        "arrive": "arrived",
        "offer": "rung",
        "answer": "joined",
        "offer_end": "back",
        "end": "ended",
    }
    return [(str(fact["call"]), told[fact["ev"]]) for fact in facts if fact["ev"] in told]


def of_theirs(heard: list[Heard]) -> list[Word]:
    """Fold raw AMI events, by rules of this test and not by any code of ours."""
    words: list[Word] = []
    contacts: dict[str, str] = {}
    waited: set[str] = set()
    bridges: dict[str, set[str]] = {}
    for event in heard:
        name, leg = event["Event"], event.get("Uniqueid", "")
        if name == "UserEvent" and event["UserEvent"] == "GuildhallCall":
            contacts[leg] = event["Contact"]
            words.append((contacts[leg], "began"))
        elif name == "UserEvent" and event["UserEvent"] == "GuildhallHolding" and leg not in waited:
            waited.add(leg)
            words.append((contacts[leg], "arrived"))
        elif name == "UserEvent" and event["UserEvent"] == "GuildhallBack":
            words.append((contacts[leg], "back"))
        elif name == "DialBegin" and leg in contacts:
            words.append((contacts[leg], "rung"))
        elif name == "BridgeEnter":
            inside = bridges.setdefault(event["BridgeUniqueid"], set())
            inside.add(leg)
            if len(inside) == 2:
                [caller] = inside & contacts.keys()
                words.append((contacts[caller], "joined"))
        elif name == "Hangup" and leg in contacts:
            words.append((contacts.pop(leg), "ended"))
    return words


def of_call(words: list[Word], call: str) -> list[str]:
    return [word for one, word in words if one == call]


def first(words: list[Word], word: str) -> list[str]:
    """The calls in the order in which this first happened to them."""
    return list(dict.fromkeys(call for call, said in words if said == word))


# Issue 2: "an independent AMI witness in the tests whose record must agree with ours".
async def test_given_a_few_calls_when_pyst2_listens_then_its_record_agrees_with_our_facts(
    service: Service, town: Town
) -> None:
    with Pyst2Witness(service.settings) as witness:
        for agent in (NIA, PRIYA, MAREK):
            await town.agent(agent, behaviour=LetRing() if agent == NIA else Answer(hang_up_after_s=1.0))
        await service.ready(NIA, PRIYA, MAREK)
        calls = []
        for number in range(5):
            caller = await town.caller(f"0163296022{number}")
            # The third waits where nobody is free, and gives up; the others are served, the first after a ring-out.
            queue = EMERGENCY if number == 2 else WASTE
            leg, call = await service.dial(caller, town.direct_number(queue))
            calls.append(call)
            if queue == EMERGENCY:
                await leg.hang_up()
        in_menu, call = await service.dial(await town.caller("01632960229"), town.menu_number("northmere"))
        calls.append(call)
        await in_menu.wait("answered")
        await in_menu.hang_up()
        for one in calls:
            await service.fact(one, "end", within_s=30)
        ours = [word for word in of_ours(await service.facts()) if word[0] in calls]
        theirs = await eventually(lambda: _complete(of_theirs(witness.heard()), len(calls)))

    # Each call's life is the same, step by step.
    for call in calls:
        assert of_call(theirs, call) == of_call(ours, call)
    # And among the calls each kind of event happened in the same order.
    for word in ("began", "arrived", "joined", "ended"):
        assert first(theirs, word) == first(ours, word)
    assert first(ours, "began") == calls
    assert "back" in {word for _, word in theirs}
    assert len([word for word in theirs if word[1] == "joined"]) == 4


def _complete(words: list[Word], count: int) -> list[Word]:
    return words if len([word for word in words if word[1] == "ended"]) == count else []


# Another AMI client that comes and goes is nothing to the engine.
async def test_given_the_witness_when_it_leaves_then_the_engine_goes_on(service: Service) -> None:
    with Pyst2Witness(service.settings) as witness:
        await asyncio.to_thread(witness.heard)
    assert (await service.state())["engine"] == "up"
