"""A phone that answers no more while its agent is in a contact's call: its caller hears silence (C52)."""

from __future__ import annotations

from acd.core.deadlines import Due
from acd.core.inputs import LegSilent
from acd.core.world import Agent, World
from kernel.agent import Occupation
from kernel.ids import LegId
from kernel.orders import EndLeg, ProbeLeg

#: Seconds out of reach after which a phone that holds its call counts as dead: alive or not, it sends no sound.
HELD_LIMIT_S = 30.0


def phone_lost(world: World, agent: Agent) -> None:
    """Asked three times, it did not answer: does sound still come? A bad line may have lost just those packets."""
    legs = _legs_in_talk(agent)
    if not legs:
        return
    world.deadlines.set(Due.LOST, agent.id, world.now + HELD_LIMIT_S)
    if agent.occupation is Occupation.TALKING:
        world.effects.extend(ProbeLeg(leg=leg) for leg in legs)


def phone_back(world: World, agent: Agent) -> None:
    """It answers again: whatever was counted meanwhile says nothing."""
    world.deadlines.cancel(Due.LOST, agent.id)


def leg_silent(world: World, item: LegSilent) -> None:
    """No answer and no sound: two signs, so it is dead. Its caller goes back to the line, by her own dialplan."""
    leg = world.legs.get(item.leg)
    agent = world.agents.get(leg.agent) if leg is not None and leg.agent is not None else None
    if agent is None or not world.deadlines.has(Due.LOST, agent.id) or item.leg not in _legs_in_talk(agent):
        return
    # She may have put the caller on hold since: then silence is no sign.
    if agent.occupation is Occupation.TALKING:
        world.effects.append(EndLeg(leg=item.leg, dead=True))


def still_lost(world: World, agent: Agent) -> None:
    """Out of reach all the while: a call on hold is ended, one in which sound came is looked at once more."""
    if agent.occupation is Occupation.HOLDING:
        world.effects.extend(EndLeg(leg=leg, dead=True) for leg in _legs_in_talk(agent))
    else:
        phone_lost(world, agent)


def _legs_in_talk(agent: Agent) -> list[LegId]:
    """Her legs in a contact's call that was answered; a phone that rings is the offer's own to withdraw."""
    if agent.occupation not in {Occupation.TALKING, Occupation.HOLDING}:
        return []
    return [leg for leg, own in agent.legs.items() if not own]
