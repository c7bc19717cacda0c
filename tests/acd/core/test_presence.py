"""What agents ask, and the answers."""

from __future__ import annotations

import pytest

from acd.core.inputs import PresenceAsked
from acd.core.snapshot import show
from acd.core.step import step
from acd.core.world import World
from kernel.agent import Presence
from kernel.ids import AgentId
from tests.fakes.people import WASTE, a_queue, an_agent, ask, story, switchboard

pytestmark = pytest.mark.unit


def test_given_nobody_of_that_name_when_asked_then_unknown_agent() -> None:
    assert ask(switchboard(an_agent("a1")), "a9", Presence.READY).code == "unknown_agent"


# *45 logs in as not ready with reason "login"; *47 makes ready; ready without login is refused.
def test_given_an_agent_logged_out_when_she_logs_in_and_goes_ready_then_each_is_answered_and_told() -> None:
    pbx = switchboard(an_agent("a1"))
    assert ask(pbx, "a1", Presence.LOGGED_OUT).code == "done"
    refused = ask(pbx, "a1", Presence.READY)
    assert (refused.ok, refused.code) == (False, "not_logged_in")
    assert "*45" in refused.message
    assert ask(pbx, "a1", Presence.NOT_READY).code == "done"
    assert ask(pbx, "a1", Presence.READY).code == "done"
    assert story(pbx) == ["agent a1 offline", "agent a1 paused login", "agent a1 available"]


def test_given_an_agent_ready_when_not_ready_without_a_reason_then_break_and_again_is_unchanged() -> None:
    pbx = switchboard(an_agent("a1"))
    assert ask(pbx, "a1", Presence.NOT_READY).code == "done"
    assert ask(pbx, "a1", Presence.NOT_READY).code == "unchanged"
    assert ask(pbx, "a1", Presence.NOT_READY, "training").code == "done"
    assert story(pbx) == ["agent a1 paused break", "agent a1 paused training"]
    assert pbx.memories[AgentId("a1")].aux_code == "training"


# C26: logging out or a pause asked while ringing or talking takes effect after the call and is visible as pending.
@pytest.mark.parametrize(
    ("wanted", "word"), [(Presence.NOT_READY, "agent a1 paused break"), (Presence.LOGGED_OUT, "agent a1 offline")]
)
def test_c26_given_a_ringing_phone_when_leaving_is_asked_then_pending_until_after_the_wrap_up(
    wanted: Presence, word: str
) -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=5.0),))
    contact = pbx.wait(WASTE)
    outcome = ask(pbx, "a1", wanted)
    assert (outcome.ok, outcome.code) == (True, "pending")
    assert ask(pbx, "a1", wanted).code == "unchanged"
    pbx.answer(contact)
    pbx.settle()
    agents = show(pbx.world, pbx.now)["agents"]
    assert isinstance(agents, list)
    assert (agents[0]["pending"], agents[0]["word"]) == (wanted.value, "talking")
    assert pbx.memories[AgentId("a1")].pending is wanted
    pbx.hang_up(contact)
    pbx.settle()
    story(pbx)
    pbx.advance(5.0)
    assert story(pbx) == [word]


# ... and a restart in between forgets neither the wish nor its reason (law 1).
def test_c26_given_a_pending_break_when_the_engine_is_killed_in_the_talk_then_it_is_taken_all_the_same() -> None:
    pbx = switchboard(an_agent("a1"), queues=(a_queue(wrap_up_s=5.0),))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    ask(pbx, "a1", Presence.NOT_READY, "lunch")
    pbx.boot()
    pbx.hang_up(contact)
    pbx.advance(6.0)
    assert story(pbx)[-1] == "agent a1 paused lunch"


def test_given_a_pending_break_when_ready_is_said_then_it_is_taken_back() -> None:
    pbx = switchboard(an_agent("a1"))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    ask(pbx, "a1", Presence.NOT_READY)
    assert ask(pbx, "a1", Presence.READY).code == "done"
    assert ask(pbx, "a1", Presence.READY).code == "unchanged"
    pbx.hang_up(contact)
    pbx.advance(10.0)
    assert story(pbx)[-1] == "agent a1 available"


# A star code is a call of her own: what she asks by it happens now, not after it.
def test_given_an_own_call_when_a_break_is_asked_then_done_at_once() -> None:
    pbx = switchboard(an_agent("a1"))
    leg = pbx.own_call(AgentId("a1"))
    pbx.settle()
    assert ask(pbx, "a1", Presence.NOT_READY).code == "done"
    story(pbx)
    pbx.own_call_over(leg)
    pbx.settle()
    assert story(pbx) == ["agent a1 paused break"]


def test_given_an_engine_that_has_not_seen_the_pbx_when_asked_then_starting() -> None:
    pbx = switchboard(an_agent("a1"))
    pbx.world.seen = False
    assert ask(pbx, "a1", Presence.NOT_READY).code == "starting"


def test_given_nobody_at_all_when_asked_then_answered_all_the_same() -> None:
    effects = step(World(), PresenceAsked(agent=AgentId("x"), presence=Presence.READY, aux_code=None, ask=7), 1.0)
    assert len(effects) == 1
