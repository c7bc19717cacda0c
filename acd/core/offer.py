"""The life of an offer: made, rung, returned or withdrawn, and what it does to agent and contact."""

from __future__ import annotations

from acd.core.agent_law import OccupationEvent, PresenceEvent, occupation_moved, presence_event, presence_moved
from acd.core.alarm import arm
from acd.core.announcing import schedule
from acd.core.asking import schedule_question
from acd.core.bars import lift_bar, line_of, tell_cap
from acd.core.callbacks import rests, rings_on_s
from acd.core.contact_law import ContactEvent, contact_moved
from acd.core.deadlines import Due
from acd.core.effects import RingAgent, WithdrawOffer
from acd.core.floor import release
from acd.core.limits import unwatch, watch
from acd.core.line import need
from acd.core.relaxing import require, tell_requirement
from acd.core.score import standing
from acd.core.telling import agent_changed, publish, tell_excluded
from acd.core.world import Agent, Contact, Offer, World, queue_of
from kernel.agent import Occupation, Presence
from kernel.contact import Wish
from kernel.facts import OfferEnded, OfferMade
from kernel.facts_waiting import ContactTransferred
from kernel.ids import AgentId, OfferId
from kernel.queues import IdleAfterLost, Queue

#: Seconds beyond the ring time after which the dialplan should have told how the offer ended.
UNHEARD_AFTER_S = 5.0
#: Seconds for the dialplan to act on a withdrawal.
WITHDRAWAL_LIMIT_S = 3.0
#: Seconds for a caller to be back in ``[hold]`` after an offer.
HOLD_LIMIT_S = 3.0
#: Seconds for an agent's leg to vanish after its offer is over.
LEG_LIMIT_S = 2.0
#: Seconds an agent's phone rests after an offer that failed by nobody's doing; the queue says it for the other reasons.
REST_S = {"failed": 2.0, "withdrawn": 2.0}
#: What counts towards "not ready after so many in a row": her own doing or her phone's. A busy phone was never rung
#: (C06), and a withdrawal or a failure may be ours.
FAILURES = frozenset({"rona", "reject", "unreachable"})
#: How she is to get the contact, as the end of the offer's id says it: a restarted engine reads it from the channel.
_VIA = {"t": "transfer_agent", "p": "pull"}
#: So many stale tokens in a row mean that the PBX is told by somebody else.
STALE_LIMIT = 2


def make_offer(world: World, contact: Contact, agent: Agent) -> None:
    """Choose the agent; her phone rings at once, or as soon as the caller is back in ``[hold]``."""
    release(world, agent)
    tell_cap(world, contact, None)
    leave_line(world, contact)
    contact.state = contact_moved(contact.state, ContactEvent.OFFERED)
    contact.since = world.now
    contact.offer = Offer(agent=agent.id)
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OFFERED)
    agent.contact = contact.id
    tell_offer(world, contact, agent.id)
    agent_changed(world, agent)
    if contact.holding:
        ring_soon(world, contact, contact.offer)


def tell_offer(world: World, contact: Contact, agent: AgentId) -> None:
    """Tell that she is offered it by her queue's rule: where a round robin goes on, also after a restart."""
    if contact.wish is not None:
        world.turns[contact.wish.queue] = agent
    publish(world, OfferMade(t=world.now, call=contact.id, agent=agent))


def ring_soon(world: World, contact: Contact, offer: Offer) -> None:
    """Ring at once, or, where several phones may ring, at the end of the step."""
    # Handed on to one agent: nobody else is rung for that.
    if offer.by is None and contact.wish is not None and queue_of(world, contact.wish).ring_at_once > 1:
        world.gathering.append(contact.id)
    else:
        ring(world, contact, offer)


def ring(world: World, contact: Contact, offer: Offer) -> None:
    """Ask the dialplan to ring the chosen agent. From now on the caller is not in ``[hold]``."""
    wish = contact.wish
    if wish is None:
        return
    world.offers_made += 1
    mark = next((end for end, via in _VIA.items() if via == offer.via), "")
    offer.id = OfferId(f"{world.epoch}-{world.offers_made}{mark}")
    ring_time = queue_of(world, wish).ring_time_s
    offer.until = world.now + ring_time + UNHEARD_AFTER_S + rings_on_s(contact)
    offer.several = bool(contact.beside)
    contact.holding = False
    world.deadlines.cancel(Due.HOLD, contact.id)
    world.deadlines.set(Due.OFFER, contact.id, offer.until)
    world.effects.append(
        RingAgent(
            contact=contact.id,
            channel=contact.channel,
            offer=offer.id,
            epoch=world.epoch,
            agent=offer.agent,
            ring_time_s=ring_time,
            also=tuple(contact.beside),
        )
    )


def via_of(offer: OfferId) -> str:
    """The facts' word for how an agent gets a contact by the offer of this id."""
    return _VIA.get(offer[-1:], "offer")


def withdraw(world: World, contact: Contact, offer: Offer) -> None:
    """Take back an offer nothing was heard of. It stays out until the PBX shows that it is over."""
    if offer.id is None:
        return
    offer.withdrawn = True
    world.deadlines.set(Due.WITHDRAWAL, contact.id, world.now + WITHDRAWAL_LIMIT_S)
    legs = [one.agent_leg for one in contact.beside.values() if one.agent_leg is not None]
    for leg in (offer.agent_leg, *legs):
        world.effects.append(WithdrawOffer(contact=contact.id, channel=contact.channel, offer=offer.id, agent_leg=leg))


def drop_offer(world: World, contact: Contact, offer: Offer, why: str, *, charged: bool = False) -> Agent:
    """Tell that the offer is over and forget it; the caller of this moves the contact and frees the agent.

    Who was rung beside her is freed here, and ``charged`` with it where that was a failure.
    """
    publish(world, OfferEnded(t=world.now, call=contact.id, agent=offer.agent, why=why))
    if why == "caller_gone":
        lost_while_ringing(world, contact, offer, world.now)
    contact.offer = None
    beside, contact.beside = [world.agents[name] for name in contact.beside], {}
    for agent in beside:
        publish(world, OfferEnded(t=world.now, call=contact.id, agent=agent.id, why=why))
        if charged:
            charge(world, contact, agent, why)
        free(world, agent)
    tell_back_in_line(world, contact, offer, why)
    for due in (Due.OFFER, Due.WITHDRAWAL, Due.HOLD):
        world.deadlines.cancel(due, contact.id)
    return world.agents[offer.agent]


def lost_while_ringing(world: World, contact: Contact, offer: Offer, at: float) -> None:
    """The caller hung up ``at`` (Unix seconds): idle times of whose phones rang begin anew where the queue says so."""
    if contact.wish is None or queue_of(world, contact.wish).idle_after_lost is IdleAfterLost.KEPT:
        return
    # Withdrawn: it was taken from her before, for want of her phone.
    if offer.dialled and not offer.withdrawn:
        for agent in (offer.agent, *contact.beside):
            world.agents[agent].idle_since = at


def tell_back_in_line(world: World, contact: Contact, offer: Offer, why: str) -> None:
    """Tell that a contact that was on its way to one certain agent waits in its queue again, unless the caller went."""
    if offer.via == "transfer_agent" and why != "caller_gone" and contact.wish is not None:
        tell_in_line(world, contact, contact.wish)


def tell_in_line(world: World, contact: Contact, wish: Wish) -> None:
    """Tell that a contact waits in a queue, with the arrival it had."""
    contact.told_in = wish.queue
    skills = dict(contact.skills)
    publish(world, ContactTransferred(t=world.now, call=contact.id, queue=wish.queue, skills=skills))


def offer_failed(world: World, contact: Contact, offer: Offer, why: str) -> None:
    """The agent did not take it: the contact gets its old place, the agent what this failure brings."""
    agent = drop_offer(world, contact, offer, why, charged=True)
    contact.state = contact_moved(contact.state, ContactEvent.OFFER_OVER)
    charge(world, contact, agent, why)
    free(world, agent)
    join_line(world, contact)


def charge(world: World, contact: Contact, agent: Agent, why: str) -> None:
    """What a failed offer brings: she is kept from this contact for a while, set not ready or given a short rest.

    A stale token is nobody's failure, and a resident who is engaged is not the agent's.
    """
    if rests(contact):
        return
    if why == "stale_token":
        contact.stale += 1
        world.needs_reconcile = world.needs_reconcile or contact.stale >= STALE_LIMIT
    else:
        _exclude(world, contact, agent)
    queue = queue_of(world, contact.wish) if contact.wish else None
    if _too_often(queue, agent, why) and agent.presence is not Presence.LOGGED_OUT:
        agent.presence = presence_moved(agent.presence, PresenceEvent.RONA)
        agent.aux_code = why
        agent.failures.clear()
        return
    rest = queue.rests_s.get(why) if queue else None
    if (seconds := REST_S.get(why, rest)) is not None:
        agent.resting = why
        world.deadlines.set(Due.REST, agent.id, world.now + seconds)


def _too_often(queue: Queue | None, agent: Agent, why: str) -> bool:
    """Count a failure, each reason by itself, and say whether it is one too many in a row (C05, C07)."""
    if queue is None or why not in FAILURES:
        return False
    agent.failures[why] = agent.failures.get(why, 0) + 1
    limit = queue.ronas_in_row if why == "rona" else queue.failures_in_row
    return 0 < limit <= agent.failures[why]


def free(world: World, agent: Agent) -> None:
    """The offer is over for her: she is idle again once her leg is gone (its hang-up or its deadline calls again)."""
    agent.contact = None
    if agent.has_offer_leg:
        world.deadlines.set(Due.LEG, agent.id, world.now + LEG_LIMIT_S)
    else:
        world.deadlines.cancel(Due.LEG, agent.id)
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OFFER_OVER)
        become_idle(agent)
    agent_changed(world, agent)


def become_idle(agent: Agent) -> None:
    """What waited for her to be idle happens: the pending presence, a call of her own that began meanwhile."""
    if agent.pending is not None:
        agent.presence = presence_moved(agent.presence, presence_event(agent.presence, agent.pending))
        agent.aux_code = agent.pending_aux if agent.presence is Presence.NOT_READY else None
        agent.pending = agent.pending_aux = None
    if agent.has_own_leg and agent.occupation is Occupation.IDLE:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OWN_CALL)


def join_line(world: World, contact: Contact) -> None:
    """The contact waits, at the place its arrival gives it."""
    wish = contact.wish
    if wish is None:
        return
    contact.since = world.now
    if contact.due is not None:
        # A seat that rests: by then it stands in `[hold]` again, or the PBX is asked.
        world.deadlines.set(Due.HOLD, contact.id, contact.due + HOLD_LIMIT_S)
        return
    lift_bar(world, contact)
    place_in_line(world, contact)
    if not contact.holding:
        world.deadlines.set(Due.HOLD, contact.id, world.now + HOLD_LIMIT_S)


def place_in_line(world: World, contact: Contact) -> None:
    """Put a contact that waits where its age and its wish say by now, and tell what changed by that."""
    wish = contact.wish
    if wish is None:
        return
    _out_of_line(world, contact)
    changes_at = require(world, contact, wish)
    line = line_of(wish.queue, contact.only)
    contact.place = (line, need(contact.skills, contact.tenant), standing(world, contact, wish))
    contact.waits_as = (wish.queue, contact.place[1], contact.priority)
    world.waiting.add(*contact.place)
    if contact.only is not None:
        world.alone.setdefault(wish.queue, set()).add(contact.only)
    world.fresh_contacts.add(contact.id)
    arm(world, contact, wish)
    if changes_at is not None:
        world.deadlines.set(Due.AGE, contact.id, changes_at)
    if contact.arrived:
        tell_requirement(world, contact, wish)
    watch(world, contact)
    schedule(world, contact)
    schedule_question(world, contact)


def leave_line(world: World, contact: Contact) -> None:
    """The contact waits no longer."""
    if contact.place is not None:
        _out_of_line(world, contact)
        unwatch(world, contact)
        world.deadlines.cancel(Due.SAY, contact.id)
        world.deadlines.cancel(Due.ASK, contact.id)


def _out_of_line(world: World, contact: Contact) -> None:
    if contact.place is not None:
        world.waiting.remove(*contact.place)
        contact.place = None
        world.deadlines.cancel(Due.AGE, contact.id)


def _exclude(world: World, contact: Contact, agent: Agent) -> None:
    if contact.wish is None:
        return
    until = world.now + queue_of(world, contact.wish).rona_exclude_s
    contact.excluded[agent.id] = until
    world.deadlines.set(Due.EXCLUSION, contact.id, until, agent.id)
    tell_excluded(world, contact, agent, until)
