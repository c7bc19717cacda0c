"""After-call work: per queue and agent, timed, mandatory or optional, ended early, extended; and failures in a row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.inputs import WrapUpAsked
from kernel.agent import Occupation, Presence
from kernel.commands import Outcome
from kernel.ids import AgentId
from kernel.queues import Queue, WrapUpMode
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

A1 = AgentId("a1")


def _queue(seconds: float, mode: WrapUpMode = WrapUpMode.TIMED, **policy: object) -> Queue:
    return replace(a_queue(wrap_up_s=seconds), wrap_up_mode=mode, **policy)  # type: ignore[arg-type]  # policies of many kinds


def _talked(queue: Queue, own: float | None = None) -> SmallPbx:
    """A switchboard whose only agent has just ended a call."""
    pbx = switchboard(replace(an_agent("a1", queues=(WASTE, RENT)), wrap_up_s=own), queues=(queue, a_queue(RENT)))
    _talk(pbx)
    return pbx


def _talk(pbx: SmallPbx) -> None:
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    pbx.hang_up(contact)
    pbx.settle()


def _ask_wrap_up(pbx: SmallPbx, seconds: float) -> Outcome:
    number = len(pbx.outcomes) + 1
    pbx.feed(WrapUpAsked(agent=A1, seconds=seconds, ask=number))
    return pbx.outcomes[number]


def _works_again_after(pbx: SmallPbx) -> float:
    """Seconds until she is idle, to a tenth."""
    for tenths in range(10_000):
        if pbx.world.agents[A1].occupation is Occupation.IDLE:
            return tenths / 10
        pbx.advance(0.1)
    raise AssertionError("she never came out of wrap-up")


# C12: "per agent value beats per queue".
@pytest.mark.parametrize(("own", "lasts"), [(None, 10.0), (3.0, 3.0), (0.0, 0.0)])
def test_c12_given_an_agents_own_wrap_up_when_a_call_ends_then_it_beats_the_queues(
    own: float | None, lasts: float
) -> None:
    assert _works_again_after(_talked(_queue(10.0), own)) == pytest.approx(lasts, abs=0.11)


# C12: "no offer until it ends … it counts across ALL his queues".
def test_c12_given_wrap_up_of_one_queue_when_a_call_waits_in_another_then_no_offer_before_it_ends() -> None:
    pbx = _talked(_queue(10.0))
    story(pbx)
    pbx.wait(RENT)
    pbx.advance(9.8)
    assert len(pbx.rung) == 1
    pbx.advance(0.3)
    assert len(pbx.rung) == 2


# C12: "ends early when the agent says ready"; a mandatory one does not, and says so.
@pytest.mark.parametrize(
    ("mode", "code", "lasts"),
    [(WrapUpMode.TIMED, "done", 0.0), (WrapUpMode.MANDATORY, "pending", 10.0), (WrapUpMode.OPTIONAL, "unchanged", 0.0)],
)
def test_c12_given_a_mode_when_ready_is_said_in_wrap_up_then_it_ends_or_lasts(
    mode: WrapUpMode, code: str, lasts: float
) -> None:
    pbx = _talked(_queue(10.0, mode))
    assert ask(pbx, "a1", Presence.READY).code == code
    assert _works_again_after(pbx) == pytest.approx(lasts, abs=0.11)


# C12: "extends when allowed": by what she asks for, up to what the queue allows.
@pytest.mark.parametrize(("asked", "lasts"), [(30.0, 30.0), (9999.0, 60.0), (0.0, 0.0)])
def test_c12_given_wrap_up_when_another_length_is_asked_for_then_it_lasts_so_long_from_now(
    asked: float, lasts: float
) -> None:
    pbx = _talked(_queue(10.0, wrap_up_longest_s=60.0))
    pbx.advance(5.0)
    assert _ask_wrap_up(pbx, asked).ok
    assert _works_again_after(pbx) == pytest.approx(lasts, abs=0.11)


def test_c12_given_an_optional_wrap_up_when_it_was_asked_for_in_the_call_then_there_is_one() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(10.0, WrapUpMode.OPTIONAL),))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    assert _ask_wrap_up(pbx, 20.0).code == "pending"
    pbx.hang_up(contact)
    pbx.settle()
    assert _works_again_after(pbx) == pytest.approx(20.0, abs=0.11)
    _talk(pbx)
    assert _works_again_after(pbx) == pytest.approx(0.0, abs=0.11)


def test_given_a_mandatory_wrap_up_when_a_shorter_one_is_asked_for_then_it_is_not_shortened() -> None:
    pbx = _talked(_queue(10.0, WrapUpMode.MANDATORY))
    assert _ask_wrap_up(pbx, 1.0).ok
    assert _works_again_after(pbx) == pytest.approx(10.0, abs=0.11)
    assert _ask_wrap_up(pbx, 1.0).code == "no_wrap_up"


# C26: "logoff/pause while ringing or talking / takes effect after the call; visible as 'pending'".
@pytest.mark.parametrize("wanted", [Presence.NOT_READY, Presence.LOGGED_OUT])
def test_c26_given_a_call_when_leaving_is_asked_then_pending_is_shown_and_it_is_taken_after_the_wrap_up(
    wanted: Presence,
) -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(10.0),))
    contact = pbx.wait(WASTE)
    pbx.answer(contact)
    pbx.settle()
    assert ask(pbx, "a1", wanted, "lunch").code == "pending"
    agent = pbx.world.agents[A1]
    assert (agent.presence, agent.pending) == (Presence.READY, wanted)
    pbx.hang_up(contact)
    pbx.settle()
    assert agent.pending is wanted
    pbx.advance(10.1)
    after = pbx.world.agents[A1]
    assert (after.presence, after.pending) == (wanted, None)


# C05, C07: each reason has its own count; only a ring-out sets not ready at once.
@pytest.mark.parametrize(
    ("whys", "presence", "aux"),
    [
        (["rona"], Presence.NOT_READY, "rona"),
        (["reject", "unreachable", "reject"], Presence.READY, None),
        (["reject", "unreachable", "reject", "reject"], Presence.NOT_READY, "reject"),
        (["busy"] * 5, Presence.READY, None),
    ],
)
def test_c07_given_failures_in_a_row_when_counted_then_each_reason_by_itself(
    whys: list[str], presence: Presence, aux: str | None
) -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(0.0, failures_in_row=3, rona_exclude_s=0.0),))
    contact = pbx.wait(WASTE)
    for why in whys:
        pbx.refuse(contact, why)
        pbx.settle()
        pbx.advance(10.1)
    agent = pbx.world.agents[A1]
    assert (agent.presence, agent.aux_code) == (presence, aux)


# "n RONAs in a row → not ready": where the queue says more than one, her phone rests in between; an answer begins anew.
def test_c05_given_two_ronas_in_a_row_when_the_queue_says_two_then_not_ready_with_the_second() -> None:
    pbx = switchboard(an_agent("a1"), queues=(_queue(0.0, ronas_in_row=2, rona_exclude_s=0.0, rests_s={"rona": 4.0}),))
    contact = pbx.wait(WASTE)
    agent = pbx.world.agents[A1]
    pbx.refuse(contact, "rona")
    pbx.settle()
    assert (agent.presence, agent.resting) == (Presence.READY, "rona")
    pbx.advance(3.9)
    assert len(pbx.rung) == 1
    pbx.advance(0.2)
    pbx.answer(contact)
    pbx.settle()
    pbx.advance(1.0)
    pbx.hang_up(contact)
    second = pbx.wait(WASTE)
    assert agent.failures == {}
    for _ in range(2):
        pbx.refuse(second, "rona")
        pbx.settle()
        pbx.advance(4.1)
    assert (agent.presence, agent.aux_code) == (Presence.NOT_READY, "rona")
