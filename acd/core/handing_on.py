"""A contact that was with an agent goes on: back to a line, or to one certain agent, with the place it always had."""

from __future__ import annotations

from dataclasses import replace

from acd.core.agent_law import OFFERABLE, OccupationEvent, occupation_moved
from acd.core.contact_law import ContactEvent, contact_moved
from acd.core.deadlines import Due
from acd.core.offer import HOLD_LIMIT_S, join_line, leave_line, ring, tell_in_line
from acd.core.relaxing import require
from acd.core.rewriting import rewrite
from acd.core.telling import agent_changed, publish
from acd.core.world import Agent, Contact, Offer, World, queue_of
from kernel.contact import Wish
from kernel.facts import OfferMade
from kernel.facts_waiting import ContactTransferred
from kernel.ids import AgentId, QueueId
from kernel.orders import SendToHold
from kernel.skill import Skills


def may_be_sent_to(world: World, agent: Agent) -> bool:
    """Whether her phone may ring now: the same rule as for any offer."""
    return (
        (agent.presence, agent.occupation) in OFFERABLE
        and agent.id in world.reachable
        and agent.resting is None
        and not agent.legs
        and not agent.removed
    )


def skills_in(world: World, wish: Wish, queue: QueueId) -> Skills:
    """What is required in another queue: that queue's own, and what the caller wanted beyond the old queue's."""
    old = queue_of(world, wish).skills
    new = world.queues[queue].skills if queue in world.queues else {}
    wanted = {name: level for name, level in wish.skills.items() if old.get(name, 0) < level}
    return {**new, **{name: max(level, new.get(name, 0)) for name, level in wanted.items()}}


def to_line(world: World, contact: Contact, queue: QueueId | None = None) -> None:
    """Back to waiting, in its own queue or another; the caller is on the way to ``[hold]``. The agent's part is over.

    Whoever calls this has told that she left (``part``).
    """
    wish = contact.wish
    if wish is None:
        return
    if queue is not None and queue != wish.queue:
        goal = world.queues.get(queue)
        wish = replace(
            wish,
            queue=queue,
            skills=skills_in(world, wish, queue),
            priority=max(wish.priority, goal.priority if goal else 0),
            # To the microsecond, as it stands on the channel.
            moved_in=round(world.now, 6),
            agreed=0,
        )
        contact.tried = set()
        wish = rewrite(world, contact, wish)
    contact.state = contact_moved(contact.state, ContactEvent.RETURNED)
    contact.holding = False
    contact.left_first = None
    _send(world, contact)
    require(world, contact, wish)
    # After a restart nobody knows what was told: it is told once more.
    told = contact.told[1] if contact.told else min(wish.priority, contact.priority)
    contact.told = (contact.skills, told)
    tell_in_line(world, contact, wish)
    join_line(world, contact)


def offer_to(world: World, contact: Contact, agent: Agent, *, by: AgentId, reserved: bool = False) -> None:
    """To one certain agent: she is rung as soon as the caller is back in ``[hold]``.

    ``reserved``: she was asked in a consult and is bound to this contact already.
    """
    wish = contact.wish
    if wish is None:
        return
    contact.state = contact_moved(contact.state, ContactEvent.RETURNED)
    contact.holding = False
    contact.left_first = None
    _send(world, contact)
    publish(world, ContactTransferred(t=world.now, call=contact.id, agent=agent.id))
    direct(world, contact, agent, by=by, via="transfer_agent", reserved=reserved)
    world.deadlines.set(Due.HOLD, contact.id, world.now + HOLD_LIMIT_S)


def direct(  # noqa: PLR0913 - each by name
    world: World, contact: Contact, agent: Agent, *, by: AgentId, via: str, reserved: bool = False
) -> None:
    """Make the offer of a contact that waits to this agent, whatever the matching would say."""
    leave_line(world, contact)
    contact.state = contact_moved(contact.state, ContactEvent.OFFERED)
    contact.since = world.now
    contact.offer = Offer(agent=agent.id, by=by, via=via)
    if not reserved:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OFFERED)
    agent.contact = contact.id
    publish(world, OfferMade(t=world.now, call=contact.id, agent=agent.id, by=by))
    agent_changed(world, agent)
    if contact.holding:
        ring(world, contact, contact.offer)


def _send(world: World, contact: Contact) -> None:
    world.effects.append(SendToHold(contact=contact.id, channel=contact.channel))
