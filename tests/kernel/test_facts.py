"""The line of a fact: moments are told as finely as one another."""

from __future__ import annotations

import pytest

from kernel.facts import MayChanged, as_line
from kernel.ids import AgentId, ContactId

pytestmark = pytest.mark.unit


# An `until` told with 9 decimals beside a `t` of 6: the offer at that very moment seemed to come before it.
def test_given_an_offer_at_the_end_of_an_exclusion_when_told_then_not_before_it() -> None:
    ends = 10273.509332281876
    told = as_line(MayChanged(t=ends - 60, call=ContactId("k1"), why="excluded", not_=(AgentId("a-1"),), until=ends))
    assert told["until"] == 10273.509332
    assert told["t"] == 10213.509332
