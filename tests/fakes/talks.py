"""A switchboard with an agent who talks, and what she may ask for in the middle of it."""

from __future__ import annotations

from acd.core.inputs import MoveAsked
from acd.core.transfer_law import PartingState
from kernel.agent import Occupation, Presence
from kernel.commands import CallDeed, Outcome
from kernel.ids import AgentId, ContactId
from tests.fakes.people import RENT, WASTE, a_queue, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.small_pbx_apart import consult_answer

A1, A2, A3 = AgentId("a1"), AgentId("a2"), AgentId("a3")


def talking(**skills: int) -> tuple[SmallPbx, ContactId]:
    """Return a switchboard where a1 talks with a caller of the waste queue; a2 serves rent only, a3 waste too."""
    pbx = switchboard(
        an_agent("a1", skills={"waste": 1, **skills}),
        an_agent("a2", queues=(RENT,)),
        an_agent("a3", skills={"waste": 1}),
        queues=(a_queue(WASTE, skills={"waste": 1}), a_queue(RENT, priority=2)),
    )
    ask(pbx, A3, Presence.NOT_READY)
    contact = pbx.wait(WASTE, {"waste": 1})
    pbx.answer(contact)
    pbx.settle()
    story(pbx)
    return pbx, contact


def move(pbx: SmallPbx, deed: CallDeed, to: str | None = None, agent: AgentId = A1) -> Outcome:
    """Ask for it, and let all that follows happen."""
    number = len(pbx.outcomes) + 1
    pbx.feed(MoveAsked(agent=agent, deed=deed, to=to, ask=number))
    pbx.settle()
    return pbx.outcomes[number]


def consulting(*, answered: bool = True) -> tuple[SmallPbx, ContactId]:
    """Return a switchboard where a1 talks with a2 while the caller of a1 hears music; or where a2 is rung for that."""
    pbx, contact = talking()
    assert move(pbx, CallDeed.CONSULT, A2).ok
    if answered:
        consult_answer(pbx, contact)
        pbx.settle()
    return pbx, contact


def answer_rings(pbx: SmallPbx, contact: ContactId) -> None:
    pbx.answer(contact)
    pbx.settle()


def state_of(pbx: SmallPbx, contact: ContactId) -> PartingState | None:
    parting = pbx.world.contacts[contact].parting
    return parting.state if parting else None


def occupation(pbx: SmallPbx, agent: AgentId) -> Occupation:
    return pbx.world.agents[agent].occupation
