"""What the PBX tells of callers and agents who stand apart: who is rung, who answered, who stands alone, who met."""

from __future__ import annotations

from acd.core.inputs import AgentLegDialled, ConsultAnswered, ConsultLost, ConsultOver, LegEnteredBridge, OrderRefused
from acd.core.parting import parting_happened
from acd.core.parts import Leg
from acd.core.transfer_law import PartingEvent, PartingState
from acd.core.world import Agent, Contact, Parting, World
from kernel.ids import ConsultId, ContactId

#: What asking an agent may end with, as the dialplan tells it; anything else is a failure.
ENDS = frozenset({"rona", "reject", "busy", "unreachable", "talked"})


def parted(world: World, consult: ConsultId) -> tuple[Contact, Parting] | None:
    """The contact and its parting, when this very one is under way."""
    contact = world.contacts.get(ContactId(consult.rpartition("-")[0]))
    if contact is None or contact.parting is None or contact.parting.id != consult:
        return None
    return contact, contact.parting


def target_dialled(world: World, item: AgentLegDialled) -> bool:
    """The phone of the one who is asked is being rung. False when this leg belongs to no consult."""
    leg = world.legs.get(item.caller_leg)
    contact = world.contacts.get(leg.contact) if leg is not None and leg.contact else None
    parting = contact.parting if contact is not None else None
    if contact is None or parting is None or parting.agent_leg != item.caller_leg or parting.to != item.agent:
        return False
    world.legs[item.agent_leg] = Leg(id=item.agent_leg, agent=item.agent, contact=contact.id)
    world.agents[item.agent].legs[item.agent_leg] = False
    parting.target_leg = item.agent_leg
    if parting.state is PartingState.STOPPING:
        # Taken back before it was seen ringing.
        parting_happened(world, contact, PartingEvent.ANSWERED)
    return True


def consult_answered(world: World, item: ConsultAnswered) -> None:
    """The one who is asked picked up."""
    found = parted(world, item.consult)
    if found is None:
        return
    contact, parting = found
    if parting.target_leg is None and parting.outside is not None and item.leg not in world.legs:
        world.legs[item.leg] = Leg(id=item.leg, contact=contact.id)
        parting.target_leg = item.leg
    if parting.target_leg == item.leg:
        parting_happened(world, contact, PartingEvent.ANSWERED)


def consult_over(world: World, item: ConsultOver) -> None:
    """The agent who asked stands alone again."""
    found = parted(world, item.consult)
    if found is None:
        return
    contact, parting = found
    if parting.why is None:
        parting.why = "left" if item.why == "talked" else item.why if item.why in ENDS else "failed"
    parting_happened(world, contact, PartingEvent.ALONE)


def consult_lost(world: World, item: ConsultLost) -> None:
    """The dialplan could not join the caller with anybody, or nobody was left: the caller goes back to ``[hold]``."""
    found = parted(world, item.consult)
    if found is not None:
        parting_happened(world, found[0], PartingEvent.HOLDING)


def order_refused(world: World, item: OrderRefused) -> None:
    """What we believe of a call is wrong."""
    world.needs_reconcile = world.needs_reconcile or item.contact in world.contacts


def met(world: World, contact: Contact, item: LegEnteredBridge) -> None:
    """Caller and the leg that is awaited stand in the same bridge."""
    del item
    parting = contact.parting
    if parting is None:
        return
    awaited = {PartingState.RETURNING: parting.agent_leg, PartingState.COMPLETING: parting.target_leg}
    leg = world.legs.get(awaited.get(parting.state) or parting.agent_leg)
    bridge = world.legs[contact.leg].bridge
    if parting.state in awaited and leg is not None and bridge is not None and leg.bridge == bridge:
        parting_happened(world, contact, PartingEvent.JOINED)


def bound(world: World, agent: Agent) -> Parting | None:
    """The parting she is asked in, when she is."""
    contact = world.contacts.get(agent.contact) if agent.contact is not None else None
    parting = contact.parting if contact is not None else None
    return parting if parting is not None and parting.to == agent.id else None
