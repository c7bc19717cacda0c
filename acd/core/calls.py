"""What the PBX's events about calls and legs do to contacts and agents."""

from __future__ import annotations

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.asking import note_answer
from acd.core.bars import bar_everybody, tell_bars
from acd.core.callbacks import move_to_leg, on_a_seat, rests
from acd.core.consult import met, target_dialled
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.exits import GOING_LIMIT_S, RECHECK_S, came_back, entered, exit_refused
from acd.core.fallback import met_elsewhere
from acd.core.inputs import (
    AgentLegDialled,
    CallBegan,
    ContactHolding,
    LegEnteredBridge,
    LegHeld,
    OfferReturned,
    OutcomeNamed,
    OwnCallBegan,
    RedirectRefused,
)
from acd.core.limits import watch
from acd.core.offer import drop_offer, free, join_line, offer_failed, ring_soon, tell_in_line
from acd.core.parts import Leg
from acd.core.relaxing import require
from acd.core.rewriting import newest
from acd.core.several import picked_up, promote, who_joined
from acd.core.talk import join, no_talk
from acd.core.telling import agent_changed, publish
from acd.core.wished_place import take_wished_place
from acd.core.world import Agent, Contact, Offer, World
from kernel.agent import Occupation
from kernel.contact import Wish
from kernel.facts import CallBegan as CallBeganFact
from kernel.facts import CallHeld, CallResumed, ContactArrived
from kernel.ids import ContactId, LegId, OfferId

#: Seconds within which the word of an arrival is heard, unless somebody stood still.
HEARD_WITHIN_S = 0.25
#: What an offer may end with, as the dialplan tells it.
RETURNS = frozenset({"rona", "reject", "busy", "unreachable", "stale_token", "failed"})


def call_began(world: World, item: CallBegan) -> None:
    """A resident's call is in the menus."""
    if item.contact in world.contacts or item.contact in world.closed:
        return
    contact = Contact(id=item.contact, channel=item.channel, leg=item.leg, tenant=item.tenant, since=world.now)
    know(world, contact)
    publish(world, CallBeganFact(t=world.now, call=contact.id, council=contact.tenant, number=item.number))


def know(world: World, contact: Contact) -> None:
    """Enter a contact and its caller's leg."""
    world.contacts[contact.id] = contact
    world.legs[contact.leg] = Leg(id=contact.leg, contact=contact.id)


def contact_holding(world: World, item: ContactHolding) -> None:
    """The caller stands in ``[hold]``."""
    wish = item.wish
    if wish.contact in world.closed:
        return
    contact = world.contacts.get(wish.contact)
    if contact is None:
        contact = Contact(id=wish.contact, channel=wish.channel, leg=wish.leg, tenant=wish.tenant, since=world.now)
        know(world, contact)
    if contact.state is ContactState.JOINED:
        # An old event: a joined caller comes back to [hold] only after the agent's leg is gone.
        return
    if contact.offer is not None:
        _holding_while_offered(world, contact, contact.offer)
        return
    before, wish = contact.wish, newest(world, contact, wish)
    contact.holding, contact.lost = True, False
    contact.channel, contact.tenant = wish.channel, wish.tenant
    for due in (Due.HOLD, Due.GOING, Due.BACK):
        world.deadlines.cancel(due, contact.id)
    changed, began = before != wish or rests(contact), contact.since
    note_answer(world, contact, wish)
    contact.wish, contact.due = wish, None
    move_to_leg(world, contact, wish)
    if contact.state is ContactState.WAITING and not changed:
        # Back from an offer that failed: a limit may have been met meanwhile.
        watch(world, contact)
        return
    if contact.arrived and contact.state in {ContactState.IN_IVR, ContactState.LEAVING}:
        came_back(world, contact)
    was_outside = contact.state is ContactState.ENDING and contact.answered
    contact.state = contact_moved(contact.state, ContactEvent.HOLDING)
    if was_outside:
        # Sent to a number outside that did not answer, or her phone died in the talk or before a word: the old place.
        contact.left_first = None
        require(world, contact, wish)
        tell_in_line(world, contact, wish)
    join_line(world, contact)
    if not contact.arrived:
        _arrives(world, contact, wish, began)


def _arrives(world: World, contact: Contact, wish: Wish, began: float) -> None:
    # Two who come within a millisecond are heard of in either order; the channel says who came first, and she is served
    # first: so it is told. What is older was heard of late, and nobody could have been rung for it.
    late = world.now - wish.arrived
    at = max(began, wish.arrived) if 0.0 < late < HEARD_WITHIN_S else None
    tell_arrival(world, contact, wish, at)
    entered(world, contact)
    take_wished_place(world, contact)


def _holding_while_offered(world: World, contact: Contact, offer: Offer) -> None:
    if offer.id is None:
        # Chosen while the caller was on the way back: now the phone may ring.
        contact.holding = True
        ring_soon(world, contact, offer)
    elif offer.dialled and not offer.withdrawn and _still_rings(contact, offer):
        # Said before the Redirect, and late; or the word of the offer's end was lost. A second Redirect would tear her
        # from the phone that rings: the PBX is asked first.
        world.needs_reconcile = True
    elif offer.withdrawn or offer.dialled or offer.unsure:
        contact.holding = True
        offer_failed(world, contact, offer, _withdrawn(world, offer) if offer.withdrawn else "failed")
    # Else an event from before the Redirect: the offer's own deadline watches.


def _still_rings(contact: Contact, offer: Offer) -> bool:
    return offer.agent_leg is not None or any(one.agent_leg is not None for one in contact.beside.values())


def tell_arrival(world: World, contact: Contact, wish: Wish, at: float | None = None) -> None:
    """Tell, once, that the contact entered the queue; or that it waits elsewhere than was told.

    ``at``: when it entered (Unix seconds), where that is not now. An order that moves it may be lost on its way to the
    PBX: the wish on the channel is the truth, not what was told.
    """
    if contact.arrived:
        if contact.told_in not in {None, wish.queue}:
            contact.told = (contact.skills, contact.told[1] if contact.told else contact.priority)
            tell_in_line(world, contact, wish)
        return
    contact.arrived, contact.told_in = True, wish.queue
    contact.told = (contact.skills, contact.priority)
    publish(
        world,
        ContactArrived(
            t=world.now if at is None else at,
            call=contact.id,
            queue=wish.queue,
            priority=contact.priority,
            skills=dict(contact.skills),
            council=contact.tenant,
            language=wish.language,
        ),
    )
    tell_bars(world, contact, wish)


def offer_returned(world: World, item: OfferReturned) -> None:
    """The dialplan tells how an offer ended; the caller is on the way back to ``[hold]``."""
    found = _offer(world, item.contact, item.offer)
    if found is None:
        joined = world.contacts.get(item.contact)
        if joined is not None and item.answered_by is not None and item.why == "reject":
            no_talk(world, joined, item.answered_by, item.why)
    else:
        contact, offer = found
        if item.answered_by is not None and not offer.withdrawn:
            # Of several phones: the others stopped as she picked up, and it is nobody's failure but hers.
            picked_up(world, contact, offer, item.answered_by)
        offer_failed(world, contact, offer, _withdrawn(world, offer) if offer.withdrawn else return_word(item.why))


def _withdrawn(world: World, offer: Offer) -> str:
    """Why an offer was taken back: her phone is gone, or nothing was heard of it."""
    return "withdrawn" if offer.agent in world.reachable else "unreachable"


def return_word(told: str) -> str:
    """The word for what an offer ended with; one we do not know is a failure."""
    return told if told in RETURNS else "failed"


def redirect_refused(world: World, item: RedirectRefused) -> None:
    """The caller is gone or going: the agent is free at once, the contact waits for its hang-up."""
    if exit_refused(world, item):
        return
    found = _offer(world, item.contact, item.offer)
    if found is not None:
        contact, offer = found
        agent = drop_offer(world, contact, offer, "caller_gone")
        contact.state = contact_moved(contact.state, ContactEvent.GOING)
        bar_everybody(world, contact, world.now + RECHECK_S)
        world.deadlines.set(Due.GOING, contact.id, world.now + GOING_LIMIT_S)
        free(world, agent)


def _offer(world: World, contact_id: ContactId, offer_id: OfferId) -> tuple[Contact, Offer] | None:
    """The contact and its offer, when this very offer is the one that is out."""
    contact = world.contacts.get(contact_id)
    if contact is None or contact.offer is None or contact.offer.id != offer_id:
        return None
    return contact, contact.offer


def agent_leg_dialled(world: World, item: AgentLegDialled) -> None:
    """An agent's phone is being rung: for our offer, or by somebody else."""
    agent = world.agents.get(item.agent)
    if agent is None or item.agent_leg in world.legs:
        return
    if target_dialled(world, item):
        return
    caller = world.legs.get(item.caller_leg)
    contact = world.contacts.get(caller.contact) if caller and caller.contact else None
    offer = contact.offer if contact else None
    ours = offer is not None and offer.id is not None and contact is not None
    if contact is None or offer is None or not ours or agent.id not in {offer.agent, *contact.beside}:
        note_own_leg(world, agent, item.agent_leg)
        return
    world.legs[item.agent_leg] = Leg(id=item.agent_leg, agent=agent.id, contact=contact.id)
    agent.legs[item.agent_leg] = False
    if agent.id == offer.agent:
        offer.agent_leg = item.agent_leg
    else:
        contact.beside[agent.id].agent_leg = item.agent_leg
    offer.dialled = True
    offer.unsure = False
    if not offer.withdrawn:
        world.deadlines.set(Due.OFFER, contact.id, offer.until)


def own_call_began(world: World, item: OwnCallBegan) -> None:
    """The agent's phone is in a call of its own."""
    agent = world.agents.get(item.agent)
    if agent is not None and item.leg not in world.legs:
        note_own_leg(world, agent, item.leg)


def note_own_leg(world: World, agent: Agent, leg: LegId) -> None:
    """She is not offered anything while this leg lives; in the middle of a contact it is only noted."""
    world.legs[leg] = Leg(id=leg, agent=agent.id)
    agent.legs[leg] = True
    if agent.occupation is Occupation.IDLE:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OWN_CALL)
    agent_changed(world, agent)


def leg_entered_bridge(world: World, item: LegEnteredBridge) -> None:
    """Joined means: caller and agent stand in the same bridge, in whichever order they came."""
    leg = world.legs.get(item.leg)
    if leg is None:
        return
    leg.bridge = item.bridge
    contact = world.contacts.get(leg.contact) if leg.contact else None
    if met_elsewhere(world, leg, contact):
        world.needs_reconcile = True
    if contact is not None:
        met(world, contact, item)
    if contact is None or contact.offer is None:
        return
    agent = who_joined(world, contact, contact.offer)
    if agent is None:
        return
    if agent != contact.offer.agent:
        promote(contact, contact.offer, agent)
    join(world, contact, contact.offer)


def leg_held(world: World, item: LegHeld) -> None:
    """The agent's phone put the caller on hold, or took the caller back."""
    leg = world.legs.get(item.leg)
    if leg is None or leg.agent is None or leg.contact is None:
        return
    agent = world.agents[leg.agent]
    contact = world.contacts.get(leg.contact)
    if contact is None or contact.agent != agent.id:
        return
    before = Occupation.TALKING if item.held else Occupation.HOLDING
    if agent.occupation is not before:
        return
    event = OccupationEvent.HELD if item.held else OccupationEvent.RESUMED
    agent.occupation = occupation_moved(agent.occupation, event)
    told = CallHeld if item.held else CallResumed
    publish(world, told(t=world.now, call=contact.id, agent=agent.id))


def outcome_named(world: World, item: OutcomeNamed) -> None:
    """The flow says why it ends the call; the hang-up follows."""
    contact = world.contacts.get(item.contact)
    if contact is not None and not (on_a_seat(contact) and item.leg not in {None, contact.leg}):
        # `none`: what was named did not come about, the call goes on.
        contact.outcome = None if item.why == "none" else item.why
