"""Whom a call may be sent to now; where it may not, a sentence says why, and the caller stays with the agent."""

from __future__ import annotations

from acd.core.counts import word
from acd.core.handing_on import may_be_sent_to
from acd.core.line import ALL_COUNCILS
from acd.core.world import Agent, Contact, World
from kernel.agent import AgentWord, Presence
from kernel.commands import Outcome
from kernel.ids import AgentId, QueueId, TenantId
from kernel.number import Dialled

Goal = Agent | QueueId | Dialled

_STAYS = "the caller is still with you"
#: Why somebody cannot be rung now, by her one word.
_BUSY = {
    AgentWord.OFFLINE: "is logged out",
    AgentWord.PAUSED: "is on a break",
    AgentWord.WRAP_UP: "is in wrap-up",
    AgentWord.RINGING: "is being rung for a call",
    AgentWord.TALKING: "is in a call",
    # Ready, but a leg of her last call is left.
    AgentWord.AVAILABLE: "is still hanging up",
}


def goal_of(world: World, contact: Contact, agent: Agent, to: str | None) -> Goal | Outcome:
    """Whom ``to`` means, when the agent may send the call there now."""
    if to is None:
        return _no("no_target", "say to whom: an agent, a queue, or a name in transfer_to: of tenant.yaml")
    other = world.agents.get(AgentId(to))
    if other is not None:
        return _not_now(world, contact, other, agent) or other
    if QueueId(to) in world.queues:
        return _not_there(world, contact, QueueId(to)) or QueueId(to)
    number = world.outside.get(contact.tenant, {}).get(to)
    if number is None:
        return _no("unknown_target", "there is no agent, no queue and no name in transfer_to: like that")
    return number


def _no(code: str, message: str) -> Outcome:
    return Outcome(ok=False, code=code, message=message)


def _takes(agent: Agent, council: TenantId) -> bool:
    return council in agent.profile.councils or ALL_COUNCILS in agent.profile.councils


def _not_now(world: World, contact: Contact, other: Agent, agent: Agent) -> Outcome | None:
    if other is agent:
        return _no("not_free", f"{other.id} is the agent herself: name another one, {_STAYS}")
    # Whoever sends a call on may not give her more than people.yaml does (C48).
    if not _takes(other, contact.tenant):
        return _no("not_her_council", f"{other.id} may not take calls of {contact.tenant}: {_STAYS}")
    if may_be_sent_to(world, other):
        return None
    said = word(world, other)
    why = _BUSY[said]
    if said is AgentWord.PAUSED and other.resting is not None:
        why = f"has a phone that did not take a call a moment ago ({other.resting})"
    elif said is AgentWord.OFFLINE and other.presence is not Presence.LOGGED_OUT:
        why = "has a phone that is away"
    elif said is AgentWord.PAUSED and other.aux_code is not None:
        why += f" ({other.aux_code})"
    return _no("not_free", f"{other.id} {why}: {_STAYS}")


def _not_there(world: World, contact: Contact, queue: QueueId) -> Outcome | None:
    """Into another council's queue only where somebody of it may take this caller, who would wait for nobody else."""
    behind = (one for one in world.agents.values() if not one.removed and queue in one.profile.queues)
    if world.queues[queue].tenant == contact.tenant or any(_takes(one, contact.tenant) for one in behind):
        return None
    return _no("nobody_there", f"nobody who serves {queue} may take calls of {contact.tenant}: {_STAYS}")
