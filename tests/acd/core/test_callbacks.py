"""A seat stands in the queue for a resident who is rung back: its place, its longer offer, its rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.core.callbacks import RESIDENT_RINGS_S
from acd.core.explain import explain
from acd.core.inputs import (
    ContactHolding,
    ContactResting,
    DeadlinePassed,
    LegHungUp,
    OfferReturned,
    OutcomeNamed,
    SuperviseAsked,
)
from kernel.agent import AgentProfile, Presence
from kernel.commands import Oversight
from kernel.ids import AgentId, ContactId, LegId, OfferId
from tests.fakes.people import WASTE, an_agent, ask, story, switchboard
from tests.fakes.small_pbx import SmallPbx

pytestmark = pytest.mark.unit

A1 = AgentId("a1")
SEAT = LegId("1764000000.77")


def seated(pbx: SmallPbx) -> ContactId:
    """A caller who waits, and whose place was then taken by a seat."""
    contact = pbx.wait(WASTE)
    wish = pbx.world.contacts[contact].wish
    assert wish is not None
    pbx.feed(ContactHolding(wish=replace(wish, channel="Local/c1@callback-resident-00000001;1", leg=SEAT)))
    return contact


# C24: "place kept": the caller may hang up, her contact waits on by its seat.
def test_c24_given_a_seat_when_the_caller_hangs_up_then_her_contact_waits_on_at_its_place() -> None:
    pbx = switchboard(an_agent("a1"))
    ask(pbx, "a1", Presence.NOT_READY)
    first = pbx.wait(WASTE)
    leg = pbx.world.contacts[first].leg
    contact = seated(pbx)
    arrived = pbx.world.contacts[contact].wish
    story(pbx)
    pbx.feed(LegHungUp(leg=leg))
    assert story(pbx) == [f"end {first} abandoned"]
    assert pbx.world.contacts[contact].leg == SEAT
    assert arrived is not None
    assert contact in pbx.world.contacts
    # What her own channel says on its way out is no end of the contact.
    pbx.feed(OutcomeNamed(contact=contact, why="informed", leg=LegId("1.1")))
    assert pbx.world.contacts[contact].outcome is None


def offered_to(agent: AgentProfile) -> tuple[SmallPbx, ContactId, OfferId]:
    """A seat whose resident is to be rung, offered to her."""
    pbx = switchboard(agent)
    ask(pbx, "a1", Presence.NOT_READY)
    contact = seated(pbx)
    ask(pbx, "a1", Presence.READY)
    offer = pbx.world.contacts[contact].offer
    assert offer is not None
    assert offer.id is not None
    return pbx, contact, offer.id


# C24: "caller engaged/no answer -> retry rule": not before it is due, at the old place then, and nobody is charged.
def test_c24_given_a_resident_who_is_engaged_when_it_rests_then_offered_to_nobody_until_it_is_due() -> None:
    pbx, contact, offer = offered_to(an_agent("a1"))
    open_offer = pbx.world.contacts[contact].offer
    assert open_offer is not None
    assert open_offer.until - pbx.world.now > RESIDENT_RINGS_S
    due = pbx.world.now + 300.0
    pbx.feed(ContactResting(contact=contact, due=due))
    pbx.feed(OfferReturned(contact=contact, offer=offer, why="failed"))
    waiting = pbx.world.contacts[contact]
    assert waiting.place is None
    assert A1 not in waiting.excluded
    pbx.feed(DeadlinePassed())
    assert waiting.offer is None
    wish = waiting.wish
    assert wish is not None
    pbx.feed(ContactHolding(wish=wish))
    in_line = [one.id for one in pbx.world.contacts.values() if one.due is None and (one.place or one.offer)]
    assert in_line == [contact]


# "Explain: for a waiting call, now: who was eligible, who was not and why"; a rest is not cut short, nor does it bind
# anybody: a supervisor who pulled such a call was reserved for it until the rest was over.
@pytest.mark.parametrize("deed", [Oversight.PULL, Oversight.PRIORITY])
def test_c24_given_a_resident_who_rests_when_asked_about_or_pulled_then_not_due_and_nobody_is_bound(
    deed: Oversight,
) -> None:
    pbx, contact, offer = offered_to(replace(an_agent("a1"), supervisor=True))
    due = pbx.world.now + 300.0
    pbx.feed(ContactResting(contact=contact, due=due))
    pbx.feed(OfferReturned(contact=contact, offer=offer, why="failed"))
    pbx.actions.clear()
    pbx.own_call_over(next(iter(pbx.world.agents[A1].legs)))
    pbx.settle()
    told = explain(pbx.world, contact, pbx.now)
    assert told is not None
    assert (told["eligible"], told["not_eligible"]) == ([], [{"agent": A1, "why": "not_due", "until": due}])
    pbx.feed(SuperviseAsked(by=A1, deed=deed, contact=contact, priority=5, ask=9))
    assert (pbx.outcomes[9].ok, pbx.outcomes[9].code) == (False, "resting")
    assert pbx.world.contacts[contact].place is None
    assert pbx.world.agents[A1].place is not None
