"""A parting as the channels show it: what a restarted engine needs to go on with it."""

from __future__ import annotations

from acd.core.inputs import SeenCall, SeenLeg
from acd.core.transfer_law import PartingState
from acd.core.world import Contact, Parting, World

#: What was under way when we last knew goes on: its deadline tells what became of it.
_UNDER_WAY = frozenset({PartingState.COMPLETING, PartingState.STOPPING, PartingState.RETURNING})


def read_parting(world: World, call: SeenCall, known: Contact | None, legs: tuple[SeenLeg, ...]) -> Parting | None:
    """The parting of a caller who hears music, None when the agent who parted is gone."""
    by = next((leg for leg in legs if leg.leg == call.parted_leg and leg.agent in world.agents), None)
    if by is None or call.consult is None:
        return None
    target = next((leg for leg in legs if leg is not by and leg.consult == call.consult), None)
    old = known.parting if known is not None and known.parting is not None else None
    if old is not None and old.id != call.consult:
        old = None
    return Parting(
        id=call.consult,
        contact=call.contact,
        state=_state(call, by, target, old),
        agent=by.agent,
        agent_leg=by.leg,
        to=target.agent if target is not None and target.agent in world.agents else old.to if old else None,
        outside=old.outside if old else None,
        target_leg=target.leg if target is not None else old.target_leg if old and old.outside else None,
        why=old.why if old else None,
    )


def _state(call: SeenCall, by: SeenLeg, target: SeenLeg | None, old: Parting | None) -> PartingState:
    if old is not None and old.state in _UNDER_WAY:
        return old.state
    if call.consult is not None and call.consult.rpartition("-")[2].startswith("h"):
        return PartingState.HOLDING
    if target is not None:
        talk = target.bridge is not None and target.bridge == by.bridge
        return PartingState.CONSULTING if talk else PartingState.RINGING
    if old is not None and (old.outside is not None or old.state is PartingState.RINGING):
        return old.state
    # Nobody rings and nobody talks: the agent gets the caller back once the deadline has passed.
    return PartingState.STOPPING
