"""Calls that ended while nobody here was looking, told from the PBX's own record with their own times."""

from __future__ import annotations

from dataclasses import dataclass

from acd.core.announcing import departed
from acd.core.inputs import EndedCall, OfferReturned
from acd.core.telling import publish
from acd.core.world import Contact, World
from kernel.facts import AgentLeft, CallBegan, ContactAnswered, ContactArrived, ContactEnded
from kernel.queues import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What is known of one contact's end besides the snapshot."""

    #: How its offer ended, told while the snapshot was taken.
    returned: OfferReturned | None
    ended: EndedCall | None


def tell_unknown(world: World, ended: EndedCall) -> None:
    """Tell the whole story of a call that began and ended unseen."""
    if ended.contact in world.contacts or ended.contact in world.closed:
        return
    publish(
        world,
        CallBegan(t=_then(world, ended, ended.began_at), call=ended.contact, council=ended.tenant, number=ended.number),
    )
    if ended.queue is not None and ended.arrived_at is not None:
        policy = world.queues.get(ended.queue) or Queue(id=ended.queue, tenant=ended.tenant, name=ended.queue)
        publish(
            world,
            ContactArrived(
                t=_then(world, ended, ended.arrived_at),
                call=ended.contact,
                queue=ended.queue,
                priority=policy.priority,
                skills=dict(policy.skills),
                council=ended.tenant,
            ),
        )
    answered = _tell_talk(world, ended)
    why = ended.why or ("completed" if answered else "abandoned")
    publish(world, ContactEnded(t=_then(world, ended, ended.ended_at), call=ended.contact, why=why, src="pbx"))
    world.closed[ended.contact] = world.now


def _tell_talk(world: World, ended: EndedCall) -> bool:
    """Tell that the fallback joined the caller with an agent, and that this is over; whether it did."""
    if ended.agent is None or ended.joined_at is None:
        return False
    joined = _then(world, ended, ended.joined_at)
    publish(world, ContactAnswered(t=joined, call=ended.contact, agent=ended.agent, via="fallback"))
    left = _then(world, ended, ended.ended_at)
    publish(world, AgentLeft(t=left, call=ended.contact, agent=ended.agent, why="caller_hung_up"))
    return True


def answered_meanwhile(world: World, contact: Contact, ended: EndedCall) -> None:
    """Tell of an answer that was never told, by our offer or by the fallback; the talk is then over like any other."""
    offer = contact.offer
    if ended.agent is None or ended.joined_at is None or contact.answered:
        return
    if offer is not None and offer.agent != ended.agent:
        return
    joined = _then(world, ended, ended.joined_at)
    via = "fallback" if offer is None else "offer"
    publish(world, ContactAnswered(t=joined, call=contact.id, agent=ended.agent, via=via))
    departed(world, contact, answered=True, at=joined)
    contact.offer, contact.agent, contact.answered = None, ended.agent, True


def _then(world: World, ended: EndedCall, moment: float) -> float:
    """A moment of the PBX's clock; never after the call's end, nor after now."""
    return min(moment, ended.ended_at, world.now)
