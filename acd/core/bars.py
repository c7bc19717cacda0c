"""Who may not be offered a contact for now, beyond skills, queue and council: delays, and one who goes before others.

Both follow from configuration, wish and time, so they are the same after a restart; whom a contact talked with last is
read from the store's facts then. An agent who is logged out, or does not serve the queue, is not
waited for.
"""

from __future__ import annotations

from acd.core.telling import publish
from acd.core.world import Contact, World, queue_of
from kernel.agent import AgentProfile, Presence
from kernel.contact import Wish
from kernel.facts import MayChanged
from kernel.ids import AgentId, ContactId, QueueId, TenantId

#: Reasons, as the facts say them.
PREFERRED, DELAY, CAP = "preferred", "delay", "cap"
#: Seconds for which a bar is told whose end nobody knows; its end is told when it comes.
UNKNOWN_S = 86_400.0
#: For now nobody may: the caller is not where we could have her rung for.
NOT_DUE = "not_due"


def line_of(queue: QueueId, only: AgentId | None) -> QueueId:
    """The line a contact stands in: its queue's, or one that a single agent looks at."""
    return queue if only is None else QueueId(f"{queue}>{only}")


def set_delays(world: World, agents: tuple[AgentProfile, ...]) -> None:
    """Work out who serves which queue only after a delay."""
    found: dict[QueueId, dict[float, tuple[AgentId, ...]]] = {}
    for profile in agents:
        for queue, delay in profile.delay_s.items():
            if delay > 0:
                delays = found.setdefault(queue, {})
                delays[delay] = (*delays.get(delay, ()), profile.id)
    world.delays = {queue: dict(sorted(delays.items())) for queue, delays in found.items()}


def set_bars(world: World, contact: Contact, wish: Wish) -> float | None:
    """Set who alone may take the contact as of now; return when a bar falls next (Unix seconds)."""
    contact.only, until = _preferred(world, contact, wish)
    ends = [wish.arrived + delay for delay in world.delays.get(wish.queue, ())]
    return min((when for when in (until, *ends) if when is not None and when > world.now), default=None)


def _preferred(world: World, contact: Contact, wish: Wish) -> tuple[AgentId | None, float | None]:
    """Whom the wish names, while her time lasts; else whom it talked with last."""
    usual = queue_of(world, wish).preferred_s
    named = (wish.preferred, wish.arrived + (usual if wish.preferred_s is None else wish.preferred_s))
    last = (None, 0.0) if contact.last_agent is None else (contact.last_agent[0], contact.last_agent[1] + usual)
    for wanted, until in (named, last):
        agent = world.agents.get(wanted) if wanted is not None else None
        if agent is None or agent.removed or agent.presence is Presence.LOGGED_OUT:
            continue
        if wish.queue in agent.profile.queues and until > world.now:
            return agent.id, until
    return None, None


def tell_bars(world: World, contact: Contact, wish: Wish) -> None:
    """Say which bars stand, each once, and which fell with a change of the configuration."""
    delays = world.delays.get(wish.queue, {})
    now = {(agents, wish.arrived + delay) for delay, agents in delays.items()}
    for agents, seen_at in sorted(contact.told_delays - now):
        contact.told_delays.discard((agents, seen_at))
        if seen_at > world.now:
            publish(world, MayChanged(t=world.now, call=contact.id, not_=agents, until=world.now, why=DELAY))
    for delay, agents in delays.items():
        seen_at = wish.arrived + delay
        if seen_at > world.now and (agents, seen_at) not in contact.told_delays:
            contact.told_delays.add((agents, seen_at))
            publish(world, MayChanged(t=world.now, call=contact.id, not_=agents, until=seen_at, why=DELAY))
    only, until = _preferred(world, contact, wish)
    told = contact.told_only
    if told is not None and told[1] > world.now and told[0] != only:
        # She is not waited for any longer: the bar falls before its time.
        publish(world, MayChanged(t=world.now, call=contact.id, agents=(told[0],), until=world.now, why=PREFERRED))
    if only is not None and until is not None and told != (only, until):
        publish(world, MayChanged(t=world.now, call=contact.id, agents=(only,), until=until, why=PREFERRED))
    contact.told_only = None if only is None or until is None else (only, until)


def bar_everybody(world: World, contact: Contact, until: float) -> None:
    """Say that nobody may be offered the contact, until then at the latest (Unix seconds): its caller is elsewhere."""
    contact.told_nobody = world.now
    publish(world, MayChanged(t=world.now, call=contact.id, agents=(), until=until, why=NOT_DUE))


def lift_bar(world: World, contact: Contact) -> None:
    """Say that the contact waits for us again, where the facts say that it does not."""
    if contact.told_nobody is not None:
        contact.told_nobody = None
        end_bar(world, contact.id, NOT_DUE)


def end_bar(world: World, contact: ContactId, why: str) -> None:
    """Say that nobody is kept from the contact for this reason any longer."""
    publish(world, MayChanged(t=world.now, call=contact, agents=(), until=world.now, why=why))


def tell_cap(world: World, contact: Contact, council: TenantId | None) -> None:
    """Say that nobody may take the contact because this council is at its cap; None: that no cap is in the way."""
    was, contact.told_cap = contact.told_cap, council
    if was == council:
        return
    # An overflow may have led it into another council's queue.
    if was is not None:
        world.barred_by_cap.get(was, set()).discard(contact.id)
    if council is not None:
        world.barred_by_cap.setdefault(council, set()).add(contact.id)
    if was is None or council is None:
        until = world.now if council is None else world.now + UNKNOWN_S
        publish(world, MayChanged(t=world.now, call=contact.id, agents=(), until=until, why=CAP))
