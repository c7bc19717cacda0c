"""The engine's view as plain data, for ``ShowState``: agents, who waits, who talks. Holds no caller's data."""

from __future__ import annotations

from acd.core.contact_law import ContactState
from acd.core.counts import word
from acd.core.score import standing
from acd.core.world import Agent, Contact, World


def show(world: World, now: float) -> dict[str, object]:
    """Return the view at ``now`` (Unix seconds): JSON-like, times in Unix seconds, waits in seconds."""
    waiting = [contact for contact in world.contacts.values() if contact.state in _IN_QUEUE and contact.wish]
    waiting.sort(
        key=lambda contact: standing(world, contact, contact.wish) if contact.wish else (0, 0.0, (), contact.id)
    )
    positions: dict[str, int] = {}
    return {
        "engine": world.engine_state,
        "epoch": world.epoch,
        "agents": [_agent(world, world.agents[key]) for key in sorted(world.agents) if not world.agents[key].removed],
        "waiting": [_waiting(contact, positions, now) for contact in waiting],
        "talking": [
            {
                "contact": contact.id,
                "agent": contact.agent,
                "since": contact.since,
                # She and the caller stand apart: how, and whom she asks.
                "apart": contact.parting.state.value if contact.parting else None,
                "asks": contact.parting.to if contact.parting else None,
            }
            for contact in world.contacts.values()
            if contact.state is ContactState.JOINED
        ],
        "in_ivr": sum(contact.state is ContactState.IN_IVR for contact in world.contacts.values()),
    }


_IN_QUEUE = frozenset({ContactState.WAITING, ContactState.OFFERED, ContactState.FALLBACK})


def _agent(world: World, agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.profile.name,
        "presence": agent.presence.value,
        "aux": agent.aux_code,
        "occupation": agent.occupation.value,
        "word": word(world, agent).value,
        "pending": agent.pending.value if agent.pending else None,
        "pending_aux": agent.pending_aux,
        "resting": agent.resting,
        "reachable": agent.id in world.reachable,
        "contact": agent.contact,
        "since": agent.since,
    }


def _waiting(contact: Contact, positions: dict[str, int], now: float) -> dict[str, object]:
    wish = contact.wish
    if wish is None:
        return {}
    positions[wish.queue] = positions.get(wish.queue, 0) + 1
    return {
        "contact": contact.id,
        "queue": wish.queue,
        "position": positions[wish.queue],
        "waited_s": round(max(0.0, now - wish.arrived), 3),
        "state": contact.state.value,
        "offered_to": contact.offer.agent if contact.offer else None,
        "alarm": contact.alarmed,
    }
