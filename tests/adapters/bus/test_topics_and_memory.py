"""Topics of facts, and the bus inside the process."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.bus.memory import MemoryBus
from adapters.bus.topics import topic_of, topic_of_line
from kernel.facts import ContactEnded, EngineChanged, Fact, FlowStepped
from kernel.ids import ContactId

pytestmark = pytest.mark.unit


# `guildhall/<council-or-"all">/<ev>`
def test_given_facts_with_and_without_a_council_when_published_then_under_it_or_under_all() -> None:
    assert topic_of(EngineChanged(t=1, state="up")) == "guildhall/all/engine"
    assert topic_of_line({"ev": "arrive", "council": "northmere"}) == "guildhall/northmere/arrive"


@settings(deadline=None, max_examples=100)
@given(council=st.text(), ev=st.text())
def test_given_any_text_when_made_a_topic_then_it_has_three_levels_and_no_wildcard(council: str, ev: str) -> None:
    levels = topic_of_line({"ev": ev, "council": council}).split("/")
    assert len(levels) == 3
    assert all(level and not set(level) & set("+#\0") for level in levels)


def test_given_subscribers_when_a_fact_comes_then_each_hears_it_in_order_until_it_leaves() -> None:
    bus, heard = MemoryBus(), list[tuple[str, Fact]]()
    leave = bus.subscribe(lambda fact: heard.append(("first", fact)))
    bus.subscribe(lambda fact: heard.append(("second", fact)))
    one = FlowStepped(t=1, call=ContactId("c1-1"), flow="f", step="s")
    two = ContactEnded(t=2, call=ContactId("c1-1"), why="informed")
    bus.publish(one)
    leave()
    leave()
    bus.publish(two)
    assert heard == [("first", one), ("second", one), ("second", two)]


# A subscriber's exception is contained and logged: a broken wallboard must not stop a call.
def test_given_a_subscriber_that_fails_when_a_fact_comes_then_the_others_hear_it() -> None:
    bus, heard = MemoryBus(), list[Fact]()

    def fail(_fact: Fact) -> None:
        raise RuntimeError

    bus.subscribe(fail)
    bus.subscribe(heard.append)
    with capture_logs() as logs:
        bus.publish(EngineChanged(t=1, state="up"))
    assert len(heard) == 1
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("subscriber_failed", "error")]
