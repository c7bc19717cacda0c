"""Which call an agent means when she says what it was about, and what she may say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from desk.after_call import AfterCall, HerCall
from kernel.commands import GiveReason
from kernel.fact import Fact
from kernel.facts import AgentLeft, CallBegan, ContactAnswered, ContactEnded, ReasonGiven
from kernel.ids import AgentId, ContactId, TenantId
from kernel.steering import Intent, SteeringBook

pytestmark = pytest.mark.unit

A1, NORTHMERE = AgentId("northmere-a001"), TenantId("northmere")
ONE, TWO = ContactId("c1-1"), ContactId("c1-2")
BOOK = SteeringBook(intents={"bins": Intent(id="bins", says="bins", phrases=("my bin",))}, codes={"12": "bins"})


class World:
    """A clock, a sink, and one agent's calls."""

    def __init__(self, talking: HerCall | None = None) -> None:
        self.t = 1000.0
        self.said: list[Fact] = []
        self.after = AfterCall(
            now_in=lambda _agent: talking,
            book=lambda council: BOOK if council == NORTHMERE else None,
            facts=self,
            clock=self,
        )

    def now(self) -> float:
        return self.t

    def publish(self, fact: Fact) -> None:
        self.said.append(fact)

    def hears(self, *facts: Fact) -> World:
        for fact in facts:
            self.t = fact.t
            self.after.hear(fact)
        return self

    def says(self, reason: str) -> str:
        return self.after.give_reason(GiveReason(agent=A1, reason=reason)).code


def talk(call: ContactId, t: float, council: TenantId = NORTHMERE) -> Sequence[Fact]:
    return (
        CallBegan(t=t, call=call, council=council, number="03069990001"),
        ContactAnswered(t=t + 1, call=call, agent=A1),
    )


# "agent's reason given at wrap-up": in the talk, and until a quarter of an hour after it.
def test_given_a_call_that_ended_when_she_says_what_it_was_about_then_that_call_has_the_reason() -> None:
    over = (
        AgentLeft(t=20.0, call=ONE, agent=A1, why="caller_hung_up"),
        ContactEnded(t=20.0, call=ONE, why="completed"),
    )
    world = World().hears(*talk(ONE, 0.0), *over)
    assert [world.says(told) for told in ("12", "bins", "00", "none")] == ["done"] * 4
    facts = [fact for fact in world.said if isinstance(fact, ReasonGiven)]
    assert [(fact.call, fact.reason) for fact in facts] == [(ONE, told) for told in ("bins", "bins", "none", "none")]
    world.t = 20.0 + 900.0
    assert world.says("12") == "no_call"


def test_given_the_next_call_when_she_says_what_it_was_about_then_the_next_one_is_meant() -> None:
    world = World().hears(*talk(ONE, 0.0), *talk(TWO, 30.0))
    assert world.says("bins") == "done"
    assert isinstance(world.said[-1], ReasonGiven)
    assert world.said[-1].call == TWO


@pytest.mark.parametrize("told", ["13", "bus", "", "NONE"])
def test_given_a_word_we_do_not_know_when_said_then_refused_and_nothing_told(told: str) -> None:
    world = World().hears(*talk(ONE, 0.0))
    assert world.says(told) == "unknown_reason"
    assert world.said == []


def test_given_a_council_without_intents_or_no_call_at_all_when_said_then_refused() -> None:
    assert World().hears(*talk(ONE, 0.0, TenantId("harbourside"))).says("12") == "unknown_reason"
    assert World().says("12") == "no_call"


# After a restart the engine's own view tells which call she is in.
def test_given_an_engine_that_was_restarted_when_she_talks_then_the_call_that_goes_on_is_meant() -> None:
    assert World(HerCall(call=TWO, council=NORTHMERE)).says("12") == "done"
