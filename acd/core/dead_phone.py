"""A phone that is lost while its agent talks: nothing is heard of it, and the caller hears silence (C52)."""

from __future__ import annotations

from acd.core.contact_law import ContactState
from acd.core.world import Agent, World
from kernel.agent import Occupation
from kernel.orders import ProbeLeg


def look_for_life(world: World, agent: Agent) -> None:
    """Her phone answers no more: ask the PBX whether sound still comes from it.

    Not on hold: a phone that holds the call sends nothing, alive or dead.
    """
    contact = world.contacts.get(agent.contact) if agent.contact is not None else None
    talks = contact is not None and contact.agent == agent.id and contact.state is ContactState.JOINED
    if contact is None or not talks or contact.parting is not None or agent.occupation is not Occupation.TALKING:
        return
    for leg, own in agent.legs.items():
        if not own and leg in world.legs and world.legs[leg].contact == contact.id:
            world.effects.append(ProbeLeg(leg=leg))
