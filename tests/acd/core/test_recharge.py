"""Minutes that councils lent each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.recharge import recharge
from kernel.ids import TenantId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, switchboard

pytestmark = pytest.mark.unit


# Issue 3: "lent and borrowed minutes reported for recharge".
def test_given_an_agent_of_another_council_when_she_takes_a_call_then_talk_and_wrap_up_are_lent() -> None:
    lent = replace(an_agent("a2"), tenant=TenantId("southmere"))
    pbx = switchboard(an_agent("a1"), lent, queues=(a_queue(wrap_up_s=20.0), a_queue(RENT)))
    pbx.boot()
    calls = [pbx.wait(WASTE), pbx.wait(WASTE)]
    for call in calls:
        pbx.answer(call)
    pbx.settle()
    pbx.advance(60.0)
    pbx.hang_up(calls[0])
    pbx.advance(30.0)
    pbx.hang_up(calls[1])
    pbx.advance(30.0)
    account = recharge(pbx.lines)
    assert list(account) == [("northmere", "northmere"), ("southmere", "northmere")]
    own, borrowed = account.values()
    assert [own.calls, round(own.talk_s), round(own.wrap_up_s)] == [1, 60, 20]
    assert [borrowed.calls, round(borrowed.talk_s), round(borrowed.wrap_up_s)] == [1, 90, 20]


# A talk that is still on when the lines end is not billed yet.
def test_given_an_open_talk_when_accounted_then_counted_and_not_timed() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.boot()
    call = pbx.wait(WASTE)
    pbx.answer(call)
    pbx.advance(60.0)
    (own,) = recharge(pbx.lines).values()
    assert (own.calls, own.talk_s, own.wrap_up_s) == (1, 0.0, 0.0)
