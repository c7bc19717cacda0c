"""From the join to the end: talking, either side hanging up, wrap-up."""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.announcing import departed
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.offer import LEG_LIMIT_S, become_idle, charge, free, leave_line
from acd.core.several import stop_others
from acd.core.telling import agent_changed, publish
from acd.core.world import Agent, Contact, Offer, World, queue_of
from kernel.agent import Occupation
from kernel.facts import AgentLeft, ContactAnswered, ContactEnded
from kernel.ids import AgentId, ContactId
from kernel.queues import WrapUpMode

#: Seconds of talk below which her phone's hang-up leaves the caller in the line: nobody has said a word. The dialplan
#: decides (asterisk_conf/talk.conf, the same figure); here it says whether she has answered again after failing.
NO_TALK_S = 0.3
#: Where a hang-up is giving up; in app_queue she may have been served unseen.
_IN_LINE = frozenset({ContactState.WAITING, ContactState.OFFERED})
#: How long an ended contact is remembered, so that a late event does not bring it back.
CLOSED_KEPT_S = 60.0


def join(world: World, contact: Contact, offer: Offer) -> None:
    """Caller and agent talk."""
    agent = world.agents[offer.agent]
    contact.state = contact_moved(contact.state, ContactEvent.JOINED)
    contact.since = world.now
    contact.offer = None
    contact.agent = agent.id
    contact.answered = True
    contact.told_in = None
    contact.stale = 0
    world.deadlines.cancel(Due.OFFER, contact.id)
    world.deadlines.cancel(Due.WITHDRAWAL, contact.id)
    agent.wrap_up_asked = None
    agent.tally.answered += 1
    agent.tally.busy_since = world.now
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.JOINED)
    publish(world, ContactAnswered(t=world.now, call=contact.id, agent=agent.id, via=offer.via))
    departed(world, contact, answered=True)
    stop_others(world, contact)
    agent_changed(world, agent)


def part(world: World, contact: Contact, why: str) -> None:
    """The agent's part in the call is over: after-call work begins."""
    if contact.agent is None:
        return
    agent = world.agents[contact.agent]
    if world.now - contact.since >= NO_TALK_S:
        agent.failures.clear()
    # A phone that died is not waited for.
    contact.agent, contact.last_agent = None, None if why == "failed" else (agent.id, world.now)
    publish(world, AgentLeft(t=world.now, call=contact.id, agent=agent.id, why=why))
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.LEFT)
    agent.contact = None
    start_wrap_up(world, agent, world.now + wrap_up_seconds(world, contact, agent))
    agent_changed(world, agent)


def no_talk(world: World, contact: Contact, agent_id: AgentId, why: str) -> None:
    """She met the caller and was gone before a word: the caller goes back to the line, and does not wait for her."""
    agent = world.agents.get(agent_id)
    if agent is None or contact.offer is not None or not contact.answered:
        return
    contact.last_agent = None
    charge(world, contact, agent, why)
    agent_changed(world, agent)


def wrap_up_seconds(world: World, contact: Contact, agent: Agent) -> float:
    """How long her after-call work takes: what she asked for, else her own setting, else the queue's."""
    asked, agent.wrap_up_asked = agent.wrap_up_asked, None
    if contact.wish is None:
        return 0.0
    queue = queue_of(world, contact.wish)
    agent.wrap_up_mode, agent.wrap_up_longest_s = queue.wrap_up_mode, queue.wrap_up_longest_s
    usual = queue.wrap_up_s if agent.profile.wrap_up_s is None else agent.profile.wrap_up_s
    if queue.wrap_up_mode is WrapUpMode.OPTIONAL:
        usual = 0.0
    if asked is None:
        return usual
    return max(asked, usual) if queue.wrap_up_mode is WrapUpMode.MANDATORY else asked


def start_wrap_up(world: World, agent: Agent, until: float) -> None:
    """Set when after-call work ends (Unix seconds)."""
    agent.wrap_up_until = until
    world.deadlines.set(Due.WRAP_UP, agent.id, until)


def end_wrap_up(world: World, agent: Agent) -> None:
    """After-call work is over, by time or because she says ready."""
    world.deadlines.cancel(Due.WRAP_UP, agent.id)
    if agent.has_offer_leg:
        # Her leg of the finished call is still there: never offer an agent whose previous leg exists.
        agent.wrap_up_until = min(agent.wrap_up_until or world.now, world.now)
        world.deadlines.set(Due.LEG, agent.id, world.now + LEG_LIMIT_S)
        return
    world.deadlines.cancel(Due.LEG, agent.id)
    agent.wrap_up_until = None
    agent.idle_since = world.now
    if agent.tally.busy_since is not None:
        agent.tally.busy_s += world.now - agent.tally.busy_since
        agent.tally.busy_since = None
    agent.occupation = occupation_moved(agent.occupation, OccupationEvent.WRAP_UP_OVER)
    become_idle(agent)
    agent_changed(world, agent)


def close(world: World, contact: Contact, src: str | None = None, at: float | None = None) -> None:
    """End the contact, exactly once: it is forgotten here and nowhere else. ``at``: when it was over, if not now."""
    # Who was sent on or came back gave up waiting, whoever talked with her before.
    waits_again = contact.told_in is not None and contact.state in _IN_LINE
    contact.state = contact_moved(contact.state, ContactEvent.HUNG_UP)
    why = contact.outcome or ("completed" if contact.answered and not waits_again else "abandoned")
    departed(world, contact, answered=False, at=at)
    publish(world, ContactEnded(t=world.now if at is None else at, call=contact.id, why=why, src=src))
    leave_line(world, contact)
    for due in (Due.OFFER, Due.WITHDRAWAL, Due.HOLD, Due.GOING, Due.BACK, Due.PARTING):
        world.deadlines.cancel(due, contact.id)
    for agent_id in contact.excluded:
        world.deadlines.cancel(Due.EXCLUSION, contact.id, agent_id)
    world.legs.pop(contact.leg, None)
    del world.contacts[contact.id]
    for old in list(_expired(world)):
        del world.closed[old]
    world.closed[contact.id] = world.now


def _expired(world: World) -> Iterator[ContactId]:
    # Oldest first, so the first young one ends the search.
    for contact_id, at in world.closed.items():
        if at >= world.now - CLOSED_KEPT_S:
            return
        yield contact_id


def settle_legs(world: World, agent: Agent) -> None:
    """One of her legs is gone that no contact waits for: see whether that makes her idle."""
    own_call = agent.occupation in {Occupation.TALKING, Occupation.HOLDING} and agent.contact is None
    if agent.occupation is Occupation.RESERVED and agent.contact is None:
        free(world, agent)
    elif agent.occupation is Occupation.WRAP_UP and (agent.wrap_up_until or 0.0) <= world.now:
        end_wrap_up(world, agent)
    elif own_call and not agent.legs:
        agent.occupation = occupation_moved(agent.occupation, OccupationEvent.OWN_CALL_OVER)
        agent_changed(world, agent)
