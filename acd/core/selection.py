"""Who gets the contact: of the agents who may take it, the one who has been idle longest."""

from __future__ import annotations

from acd.core.line import can_take, need
from acd.core.world import Contact, IdlePlace, World
from kernel.ids import AgentId


def longest_idle(world: World, contact: Contact) -> AgentId | None:
    """The agent for this contact, None when nobody may take it now. Ties go to the lower id.

    Looks at the head of each line of equal agents, so it costs the number of different skill sets, not of agents.
    """
    if contact.wish is None:
        return None
    needed = need(contact.skills, contact.tenant)
    best: IdlePlace | None = None
    for able, places in world.idle.kinds(contact.wish.queue).items():
        if not can_take(able, needed):
            continue
        for place in places:
            if best is not None and place >= best:
                break
            if place[1] not in contact.excluded:
                best = place
                break
    return best[1] if best else None
