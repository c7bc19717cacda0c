"""Whatever happens while agents consult, transfer and hold, and supervisors step in: laws and invariants hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.inputs import MoveAsked, SuperviseAsked
from kernel.agent import Presence
from kernel.commands import CallDeed, Oversight
from kernel.ids import ContactId
from tests.acd.core.test_any_sequence import AnySequence
from tests.fakes.full_queues import AGENTS, QUEUES
from tests.fakes.small_pbx_apart import consult_answer, end_leg

pytestmark = pytest.mark.unit

GOALS = (None, *(agent.id for agent in AGENTS), *(queue.id for queue in QUEUES))


class Floor(AnySequence):
    """A caller who talks with an agent who may ask another one; what happens next is told by name and number."""

    def __init__(self) -> None:
        super().__init__()
        contact = self.pbx.wait(QUEUES[0].id)
        self.pbx.act()
        self.pbx.settle()
        self.pbx.answer(contact)
        self.pbx.settle()

    def move(self, pick: int, deed: CallDeed, to: str | None = None) -> None:
        here = [one for one in self.pbx.world.contacts.values() if one.agent is not None]
        if here:
            self.asks += 1
            agent = here[pick % len(here)].agent or AGENTS[0].id
            self.pbx.feed(MoveAsked(agent=agent, deed=deed, to=to, ask=self.asks))
            assert self.asks in self.pbx.outcomes

    def one_at(self, pick: int, *places: str) -> ContactId | None:
        there = self._at(*places)
        return there[pick % len(there)] if there else None

    def hang_up(self, pick: int) -> None:
        contact = self.one_at(pick, "hold", "take", "talk", "apart", "over", "outside")
        if contact is not None:
            self.pbx.hang_up(contact, agent_first=pick % 2 == 0)

    def agent_leg_ends(self, pick: int, *, asker: bool) -> None:
        contact = self.one_at(pick, "apart")
        caller = self.pbx.callers[contact] if contact is not None else None
        leg = None if caller is None else caller.parted_leg if asker else caller.target_leg
        if leg is not None:
            end_leg(self.pbx, leg)

    def picks_up(self, pick: int) -> None:
        contact = self.one_at(pick, "take")
        if contact is not None:
            self.pbx.answer(contact, agent_first=pick % 2 == 0)

    def asked_one_answers(self, pick: int) -> None:
        contact = self.one_at(pick, "apart")
        if contact is not None:
            consult_answer(self.pbx, contact)

    def supervisor(self, pick: int) -> None:
        deeds, callers = list(Oversight), list(self.pbx.callers)
        self.asks += 1
        self.pbx.feed(
            SuperviseAsked(
                by=AGENTS[pick % 2].id,
                deed=deeds[pick % len(deeds)],
                agent=AGENTS[pick % 3].id,
                contact=callers[pick % len(callers)] if callers else None,
                queues=(QUEUES[pick % 2].id,),
                priority=pick,
                ask=self.asks,
            )
        )
        assert self.asks in self.pbx.outcomes

    def ready_again(self, pick: int) -> None:
        self._ask(AGENTS[pick % 3].id, Presence.NOT_READY)
        self._ask(AGENTS[pick % 3].id, Presence.READY)

    def order_lost(self, _pick: int) -> None:
        """An order never arrives because the link breaks, which a look follows."""
        if self.pbx.actions:
            self.pbx.actions.popleft()
            self.pbx.reconcile()


#: Every way the story may go on; what is named twice happens twice as often.
ACTIONS: tuple[tuple[str, Callable[[Floor, int], object]], ...] = (
    ("consult", lambda floor, pick: floor.move(pick, CallDeed.CONSULT, AGENTS[pick % 3].id)),
    ("consult", lambda floor, pick: floor.move(pick, CallDeed.CONSULT, AGENTS[(pick + 1) % 3].id)),
    ("answer", Floor.asked_one_answers),
    ("answer", Floor.asked_one_answers),
    ("complete", lambda floor, pick: floor.move(pick, CallDeed.COMPLETE)),
    ("complete", lambda floor, pick: floor.move(pick, CallDeed.COMPLETE)),
    ("cancel", lambda floor, pick: floor.move(pick, CallDeed.CANCEL)),
    ("hold", lambda floor, pick: floor.move(pick, CallDeed.HOLD)),
    ("transfer", lambda floor, pick: floor.move(pick, CallDeed.TRANSFER, GOALS[pick % len(GOALS)])),
    ("asker hangs up", lambda floor, pick: floor.agent_leg_ends(pick, asker=True)),
    ("asked hangs up", lambda floor, pick: floor.agent_leg_ends(pick, asker=False)),
    ("caller hangs up", Floor.hang_up),
    ("new caller", lambda floor, pick: floor.pbx.enqueue(floor.pbx.call(), QUEUES[pick % 2].id, {}, priority=pick % 2)),
    ("picks up", Floor.picks_up),
    ("picks up", Floor.picks_up),
    ("supervisor", Floor.supervisor),
    ("ready", Floor.ready_again),
    ("engine hears", lambda floor, _pick: floor.pbx.deliver()),
    ("pbx acts", lambda floor, _pick: floor.pbx.act()),
    ("settle", lambda floor, _pick: floor.pbx.settle()),
    ("settle", lambda floor, _pick: floor.pbx.settle()),
    ("settle", lambda floor, _pick: floor.pbx.settle()),
    ("order lost", Floor.order_lost),
    ("time", lambda floor, pick: floor.pbx.advance((0.5, 2.0, 4.0, 9.0, 40.0)[pick % 5])),
    ("look", lambda floor, pick: floor.pbx.reconcile(lose=pick % 2 == 0)),
    ("kill", lambda floor, pick: floor.pbx.boot(held=pick)),
)


# C30, C31, C46: law 3, nothing can be stuck; I1-I10 hold on every run, with transfers and restarts in the middle.
@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 10)), max_size=30))
def test_c30_given_a_talk_when_anything_follows_then_laws_and_invariants_hold(
    story: list[tuple[tuple[str, Callable[[Floor, int], object]], int]],
) -> None:
    floor = Floor()
    for (_name, act), pick in story:
        act(floor, pick)
    floor.teardown()
