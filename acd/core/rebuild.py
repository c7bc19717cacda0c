"""The PBX was seen: its snapshot replaces what the core believed, and the facts say what changed meanwhile.

Three passes, so that the facts come in an order that any reader can follow: what is over (offers, talks, calls), what
is there (calls in the order of their arrival), and how the agents stand. States are set to what the PBX shows instead
of moved through the tables: this is not something that happened, it is what is.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.core.bars import NOT_DUE, end_bar
from acd.core.calls import know, return_word
from acd.core.contact_law import ContactState
from acd.core.deadlines import WAITS_FOR_PBX, Due
from acd.core.inputs import Input, LinkLost, OfferReturned, PbxSeen, Reconciled, SeenLeg
from acd.core.offer import (
    charge,
    drop_offer,
    free,
    join_line,
    leave_line,
    lost_while_ringing,
    tell_back_in_line,
    tell_in_line,
)
from acd.core.parting import close_parting
from acd.core.parts import Beside, Leg
from acd.core.past import Word, answered_meanwhile, tell_unknown
from acd.core.rebuild_agents import rebuild_agents, restore_agents
from acd.core.relaxing import require
from acd.core.several import part_beside, promote
from acd.core.sightings import Sighting, enter, sight
from acd.core.talk import close, wrap_up_seconds
from acd.core.telling import agent_changed, publish, tell_engine
from acd.core.waits import Said
from acd.core.world import Contact, Offer, World
from kernel.errors import Refused
from kernel.facts import AgentLeft, OfferEnded
from kernel.ids import AgentId, ContactId, LegId, TenantId


def link_lost(world: World, item: LinkLost) -> None:
    """Decide nothing until the PBX is seen again."""
    del item
    world.deciding = False
    for contact in list(world.contacts.values()):
        if contact.offer is not None and contact.offer.id is None:
            # Chosen, never rung: nothing of it exists outside.
            agent = drop_offer(world, contact, contact.offer, "withdrawn")
            contact.state = ContactState.WAITING
            free(world, agent)
            join_line(world, contact)
    world.deadlines.cancel_all(WAITS_FOR_PBX)
    tell_engine(world, "reconciling")


def pbx_seen(world: World, item: PbxSeen) -> None:
    """Take over what the PBX shows, then decide again."""
    _rebuild(world, item, {})
    _decide_again(world)


def reconciled(world: World, item: Reconciled, take: Callable[[World, Input], None]) -> None:
    """Take over what the PBX shows and, by ``take``, what it told meanwhile; only then decide again."""
    returned = {told.contact: told for told in item.held if isinstance(told, OfferReturned)}
    _rebuild(world, item.seen, returned)
    for told in item.held:
        try:
            take(world, told)
        except Refused:
            # It contradicts the snapshot: one more look will tell which of them was late.
            world.needs_reconcile = True
    _decide_again(world)


def _decide_again(world: World) -> None:
    # Nobody is matched before everything is in: every waiting contact is looked at once, in order.
    world.deciding = True
    tell_engine(world, "up")
    for agent in world.agents.values():
        agent_changed(world, agent)
    world.fresh_contacts.update(world.contacts)


def _rebuild(world: World, item: PbxSeen, returned: dict[ContactId, OfferReturned]) -> None:
    link_lost(world, LinkLost())
    recalled = _recall(world, item)
    world.seen = True
    world.needs_reconcile = False
    world.epoch = item.epoch
    world.reachable = set(item.reachable)
    world.turns = dict(item.told_turns) | world.turns
    restore_agents(world, item)
    sightings = sight(world, item, frozenset(told.offer for told in returned.values()))
    left: dict[AgentId, float] = {}
    ended = {one.contact: one for one in item.ended}
    for contact in list(world.contacts.values()):
        died = item.reborn or (item.told_reborn and contact.id in recalled)
        if died and contact.id not in sightings:
            contact.outcome = "failed"
        word = Word(returned=returned.get(contact.id), ended=ended.get(contact.id))
        _part_from(world, contact, sightings.get(contact.id), left, word)
    for one in item.ended:
        if one.contact not in sightings:
            tell_unknown(world, one)
    _take_legs(world, item.legs, sightings)
    for sighting in sightings.values():
        enter(world, sighting)
    rebuild_agents(world, left)


def _recall(world: World, item: PbxSeen) -> frozenset[ContactId]:
    """Stand up, as of the store's facts, the calls that were open when the last process died; return which.

    Where the store was away at the first look, a later one brings them: what is known by then stays as it is.
    """
    offers: dict[ContactId, list[AgentId]] = {}
    for told_call, told_agent in sorted(item.told_offers):
        offers.setdefault(told_call, []).append(told_agent)
    answers = dict(item.told_answers)
    open_calls = item.told | item.told_calls | offers.keys() | answers.keys() | item.told_answered
    fresh = open_calls - world.contacts.keys() - world.closed.keys()
    for contact_id in sorted(fresh):
        contact = Contact(id=contact_id, channel="", leg=LegId(f"told:{contact_id}"), tenant=TenantId(""))
        contact.arrived = contact_id in item.told
        contact.answered = contact_id in item.told_answered or contact_id in answers
        if contact_id in answers:
            contact.state, contact.agent = ContactState.JOINED, answers[contact_id]
            contact.beside = {name: Beside() for name in offers.get(contact_id, ())}
        elif contact_id in offers:
            first, *others = offers[contact_id]
            contact.state, contact.offer = ContactState.OFFERED, Offer(agent=first, several=bool(others))
            contact.beside = {name: Beside() for name in others}
        elif contact.answered:
            contact.state = ContactState.ENDING
        elif contact.arrived:
            contact.state = ContactState.WAITING
        know(world, contact)
    _recall_waits(world, item, fresh)
    _recall_said(world, item, fresh)
    return fresh


def _recall_waits(world: World, item: PbxSeen, fresh: frozenset[ContactId]) -> None:
    """Where they were told to wait, whom they talked with last, and who may not be offered them."""
    for contact_id, queue in item.told_queues:
        if contact_id in fresh:
            world.contacts[contact_id].told_in = queue
    for contact_id, agent_id, left_at in item.told_last_agents:
        if contact_id in fresh:
            world.contacts[contact_id].last_agent = (agent_id, left_at)
    for contact_id, agent_id, until in sorted(item.told_excluded):
        excluded_from = world.contacts[contact_id] if contact_id in fresh else None
        if excluded_from is not None and until > world.now:
            excluded_from.excluded[agent_id] = until
            world.deadlines.set(Due.EXCLUSION, contact_id, until, agent_id)
    for contact_id, why, until in sorted(item.told_bars):
        if contact_id not in fresh or until <= world.now:
            continue
        # What the last process told would hide a caller who waits (I4); whether it holds still is told anew.
        if why == NOT_DUE:
            # ... once she is seen to wait, for she may be where that process led her.
            world.contacts[contact_id].told_nobody = 0.0
        else:
            end_bar(world, contact_id, why)


def _recall_said(world: World, item: PbxSeen, fresh: frozenset[ContactId]) -> None:
    """What callers were told of their place and wait: scored by whoever sees what came of it."""
    for contact_id, at, place, low_s, high_s in sorted(item.told_said, key=lambda one: one[:2]):
        if contact_id in fresh and not world.contacts[contact_id].answered:
            # How many were answered since, nobody counted.
            said = Said(at=at, place=place, low_s=low_s, high_s=high_s, served=None)
            world.contacts[contact_id].said.append(said)


def _part_from(
    world: World,
    contact: Contact,
    sighting: Sighting | None,
    left: dict[AgentId, float],
    word: Word,
) -> None:
    """Tell what is over of this contact: an offer, a talk, the whole call."""
    gone = sighting is None
    over_at = world.now
    if gone and word.ended is not None:
        over_at = min(word.ended.ended_at, world.now)
        answered_meanwhile(world, contact, word.ended)
    returned = word.returned
    agent = sighting.agent if sighting else None
    if contact.wish is None and sighting is not None:
        contact.wish = sighting.call.wish
    parted = contact.parting is not None
    handed_over = _parting_over(world, contact, sighting)
    offer = contact.offer
    why = _why_over(offer, returned, gone=gone)
    if offer is not None and why == "caller_gone":
        lost_while_ringing(world, contact, offer, over_at)
    if offer is not None and agent in contact.beside:
        promote(contact, offer, agent)
    joined = sighting is not None and sighting.state is ContactState.JOINED
    part_beside(world, contact, sighting.beside if sighting else {}, "answered_elsewhere" if joined else why)
    if offer is not None and offer.agent != agent:
        publish(world, OfferEnded(t=over_at, call=contact.id, agent=offer.agent, why=why))
        contact.offer = None
        tell_back_in_line(world, contact, offer, "caller_gone" if gone else why)
        if why not in {"caller_gone", "failed"} and offer.agent in world.agents:
            charge(world, contact, world.agents[offer.agent], why)
    if contact.agent is not None and not (joined and contact.agent == agent):
        talk_over = "transferred" if handed_over else "caller_hung_up" if gone else "agent_hung_up"
        left[contact.agent] = over_at + _talk_over(world, contact, None if parted else sighting, talk_over, over_at)
    leave_line(world, contact)
    if gone:
        close(world, contact, src="pbx", at=over_at)


def _talk_over(world: World, contact: Contact, sighting: Sighting | None, why: str, at: float) -> float:
    """Tell that an agent talks with the caller no longer; return the seconds of her wrap-up."""
    agent_id, contact.agent = contact.agent, None
    if agent_id is None:
        return 0.0
    # A caller who is back in the line by herself, and did not stand apart: her agent's phone died.
    died = sighting is not None and sighting.call.holding
    why = "failed" if contact.outcome == "failed" or died else why
    contact.last_agent = None if why == "failed" else (agent_id, at)
    publish(world, AgentLeft(t=at, call=contact.id, agent=agent_id, why=why))
    if died and contact.wish is not None:
        contact.left_first = None
        require(world, contact, contact.wish)
        tell_in_line(world, contact, contact.wish)
    agent = world.agents.get(agent_id)
    return wrap_up_seconds(world, contact, agent) if agent else 0.0


def _why_over(offer: Offer | None, returned: OfferReturned | None, *, gone: bool) -> str:
    """What an offer that the PBX does not show any longer ended with."""
    if offer is not None and returned is not None and offer.id in {None, returned.offer} and not offer.withdrawn:
        return return_word(returned.why)
    return "caller_gone" if gone else "withdrawn" if offer is not None and offer.withdrawn else "failed"


def _parting_over(world: World, contact: Contact, sighting: Sighting | None) -> bool:
    """Tell that a parting is over which is no longer seen; whether the caller went on to the one who was asked."""
    parting = contact.parting
    if parting is None or (sighting is not None and sighting.parting and sighting.parting.id == parting.id):
        return False
    talks = sighting is not None and sighting.state is ContactState.JOINED
    if talks:
        handed_over = sighting is not None and sighting.agent != contact.agent
        why = "completed" if handed_over else parting.why or "resumed"
    else:
        handed_over, why = False, "caller_gone" if sighting is None else "lost"
    close_parting(world, contact, parting, why)
    return handed_over


def _take_legs(world: World, legs: tuple[SeenLeg, ...], sightings: dict[ContactId, Sighting]) -> None:
    world.legs = {}
    contacts: dict[LegId, ContactId] = {}
    for contact_id, sighting in sightings.items():
        call = sighting.call
        world.legs[call.leg] = Leg(id=call.leg, contact=contact_id, bridge=call.bridge)
        if sighting.leg is not None:
            contacts[sighting.leg] = contact_id
        contacts.update(dict.fromkeys(sighting.beside.values(), contact_id))
        parting = sighting.parting
        if parting is not None and parting.target_leg is not None:
            contacts[parting.target_leg] = contact_id
            if parting.outside is not None:
                world.legs[parting.target_leg] = Leg(id=parting.target_leg, contact=contact_id)
    for agent in world.agents.values():
        agent.legs = {}
    for leg in legs:
        owner = world.agents.get(leg.agent)
        if owner is not None:
            contact = contacts.get(leg.leg)
            world.legs[leg.leg] = Leg(id=leg.leg, agent=owner.id, contact=contact, bridge=leg.bridge)
            owner.legs[leg.leg] = leg.offer is None and contact is None
