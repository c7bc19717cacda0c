"""What the PBX shows and no event has told: gaps in the stream, found by comparing, mended by a look.

A glance is taken while calls go on, so anything may be a moment old. What differs in two glances, a second apart, in
the same way, is no moment but a gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.contact_law import ContactState
from acd.core.inputs import SeenCall, SeenLeg
from acd.core.world import World

#: States in which a caller who stands in ``[hold]`` is where we think.
_HELD = frozenset({ContactState.WAITING, ContactState.OFFERED, ContactState.LEAVING})


def gaps(world: World, calls: tuple[SeenCall, ...], legs: tuple[SeenLeg, ...]) -> frozenset[str]:
    """Return every difference as a word and an id; the same difference has the same text each time."""
    return frozenset([*_call_gaps(world, calls), *_leg_gaps(world, calls, legs)])


def _call_gaps(world: World, calls: tuple[SeenCall, ...]) -> Iterator[str]:
    seen = {call.contact: call for call in calls}
    for contact in world.contacts.keys() - seen.keys():
        yield f"gone {contact}"
    for contact_id, call in seen.items():
        known = world.contacts.get(contact_id)
        if known is None:
            if contact_id not in world.closed:
                yield f"unknown {contact_id}"
        elif call.holding and known.state not in _HELD:
            yield f"holding {contact_id}"
        elif call.fallback and known.state not in {ContactState.FALLBACK, ContactState.JOINED}:
            yield f"fallback {contact_id}"


def _leg_gaps(world: World, calls: tuple[SeenCall, ...], legs: tuple[SeenLeg, ...]) -> Iterator[str]:
    seen = {leg.leg for leg in legs if leg.agent in world.agents}
    known = {leg.id for leg in world.legs.values() if leg.agent is not None}
    for leg in seen ^ known:
        yield f"leg {leg}"
    bridges = {leg.bridge for leg in legs if leg.bridge is not None}
    for call in calls:
        contact = world.contacts.get(call.contact)
        if contact is not None and call.bridge in bridges and contact.state is not ContactState.JOINED:
            yield f"joined {call.contact}"
