"""Why a contact waits and why a past one went to whom it went: every reason, with its until."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from acd.core.explain import explain
from acd.core.explain_past import explain_past
from kernel.agent import Presence
from kernel.ids import AgentId, ContactId, TenantId
from kernel.queues import RelaxStep
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit


def _explained(pbx: SmallPbx, contact: ContactId) -> dict[str, Any]:
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def _whys(told: dict[str, Any]) -> dict[str, tuple[str, float | None]]:
    return {row["agent"]: (row["why"], row["until"]) for row in told["not_eligible"]}


# Law 4: "A in wrap-up until 10:04:12; B lacks Welsh >= 3 until step 2 in 8 s".
def test_given_agents_in_every_state_when_explained_then_each_has_her_reason_and_its_until() -> None:
    able = {"waste": 3}
    queue = replace(a_queue(wrap_up_s=60.0), relaxing=(RelaxStep(after_s=30.0, skills={"waste": 1}),))
    pbx = switchboard(
        an_agent("wraps", skills=able),
        an_agent("talks", skills=able),
        an_agent("rings", skills=able),
        an_agent("lacks", skills={"waste": 1}),
        an_agent("never", skills={"welsh": 5}),
        an_agent("break", skills=able),
        an_agent("gone", skills=able),
        an_agent("rent", queues=(RENT,), skills=able),
        an_agent("other", skills=able, councils=(TenantId("harbourside"),)),
        queues=(queue, a_queue(RENT)),
    )
    ask(pbx, "break", Presence.NOT_READY, "lunch")
    ask(pbx, "gone", Presence.LOGGED_OUT)
    first, second, third = (pbx.wait(WASTE, able) for _ in range(3))
    pbx.answer(first)
    pbx.answer(second)
    pbx.settle()
    pbx.hang_up(first)
    pbx.settle()
    ended = pbx.now
    contact = pbx.wait(WASTE, able)
    told = _explained(pbx, contact)
    arrived = pbx.world.contacts[contact].wish
    assert arrived is not None
    assert _whys(told) == {
        "wraps": ("wrapup", ended + 60.0),
        "talks": ("talking", None),
        "rings": ("ringing", None),
        "lacks": ("skills", arrived.arrived + 30.0),
        "never": ("skills", None),
        "break": ("paused", None),
        "gone": ("offline", None),
        "rent": ("queue", None),
        "other": ("council", None),
    }
    assert (told["call"], told["eligible"], told["step"], told["rule"]) == (contact, [], 0, "longest_idle")
    assert (told["ahead"], told["required"], told["offered_to"]) == (0, able, None)
    by_agent = {row["agent"]: row for row in told["not_eligible"]}
    assert by_agent["lacks"]["lacks"] == able
    assert by_agent["break"]["reason"] == "lunch"
    pbx.answer(third)
    pbx.advance(30.1)
    assert _explained(pbx, contact)["offered_to"] == "lacks"


def test_given_failed_offers_when_explained_then_the_exclusion_and_the_rest_tell_their_end() -> None:
    pbx = switchboard(an_agent("a1"), an_agent("a2"))
    contact = pbx.wait(WASTE)
    pbx.refuse(contact, "reject")
    pbx.settle()
    refused = pbx.now
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert _whys(_explained(pbx, contact)) == {"a1": ("paused", refused + 10.0), "a2": ("paused", None)}
    pbx.advance(11.0)
    assert _whys(_explained(pbx, contact))["a1"] == ("excluded", refused + 60.0)


# "One documented score of weight, age and target, with a proven starvation bound": a caller's own, told to who asks.
def test_given_a_queue_of_more_weight_when_explained_then_until_when_others_may_still_get_ahead() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(), a_queue(RENT, weight=2, service_level_s=20.0)))
    ask(pbx, "a1", Presence.NOT_READY)
    waste, rent = pbx.wait(WASTE), pbx.wait(RENT)
    for contact, bound in ((waste, 120.0), (rent, 0.0)):
        wish = pbx.world.contacts[contact].wish
        assert wish is not None
        assert _explained(pbx, contact)["ahead_only_before"] == wish.arrived + bound


def test_given_calls_that_are_in_no_queue_when_explained_then_nothing() -> None:
    pbx = switchboard(an_agent("a1"))
    in_menus = pbx.call()
    pbx.settle()
    talking = pbx.wait(WASTE)
    pbx.answer(talking)
    pbx.settle()
    for contact in (in_menus, talking, ContactId("nobody")):
        assert explain(pbx.world, contact, pbx.now) is None


# ... "and for any past call: who was eligible, who was not and why, which step, which rule won".
def test_given_a_past_call_when_explained_from_the_facts_then_every_offer_has_its_reasons() -> None:
    queue = replace(a_queue(wrap_up_s=60.0), relaxing=(RelaxStep(after_s=30.0, skills={}),))
    pbx = SmallPbx(agents=(), queues=(queue, a_queue(RENT)))
    pbx.agents = (an_agent("a1", skills={"waste": 2}), an_agent("a2"), an_agent("a3", queues=(RENT,)))
    pbx.reachable = {AgentId("a1"), AgentId("a2"), AgentId("a3")}
    pbx.boot()
    for name in ("a1", "a2"):
        ask(pbx, name, Presence.NOT_READY)
        ask(pbx, name, Presence.READY)
    contact = pbx.wait(WASTE, {"waste": 1})
    pbx.refuse(contact, "reject")
    pbx.advance(31.0)
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.settle()
    lines = [json.loads(json.dumps(line, default=dict)) for line in pbx.lines]
    told: Any = explain_past(lines, contact)
    first, second = told["decisions"]
    assert (first["eligible"], first["chosen"], first["step"]) == ([{"agent": "a1"}], "a1", 0)
    assert {row["agent"]: row["why"] for row in first["not_eligible"]} == {"a2": "skills", "a3": "queue"}
    assert (second["eligible"], second["chosen"], second["step"]) == ([{"agent": "a2"}], "a2", 1)
    assert {row["agent"]: row["why"] for row in second["not_eligible"]} == {"a1": "excluded", "a3": "queue"}
    assert (told["at"], told["rule"]) == (second["at"], "longest_idle")


def test_given_a_call_that_was_never_offered_when_explained_from_the_facts_then_as_of_its_end() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.boot()
    contact = pbx.wait(WASTE, {"welsh": 1})
    waiting: Any = explain_past(pbx.lines, contact)
    pbx.advance(5.0)
    pbx.hang_up(contact)
    pbx.settle()
    told: Any = explain_past(pbx.lines, contact)
    assert (told["eligible"], told["chosen"], told["not_eligible"][0]["why"]) == ([], None, "skills")
    assert (waiting["waited_s"], told["waited_s"]) == (0.0, 5.0)
    assert explain_past(pbx.lines, "nobody") is None
