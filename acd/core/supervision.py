"""What a supervisor asks: whether she may, for which councils, and what is done; every act becomes a fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from acd.core.callbacks import rests
from acd.core.contact_law import ContactState
from acd.core.effects import AnswerAsker, PublishFact
from acd.core.handing_on import direct, may_be_sent_to
from acd.core.inputs import PresenceAsked, SuperviseAsked
from acd.core.line import ALL_COUNCILS
from acd.core.offer import place_in_line
from acd.core.presence import presence_outcome
from acd.core.rewriting import rewrite
from acd.core.telling import agent_changed
from acd.core.world import Agent, Contact, World
from kernel.agent import Presence
from kernel.commands import Outcome, Oversight
from kernel.facts_transfer import Supervised
from kernel.ids import TenantId

#: As queues.yaml has it.
HIGHEST_PRIORITY = 100


def supervise_asked(world: World, item: SuperviseAsked) -> None:
    """Do it and tell it, or say why not."""
    outcome = _outcome(world, item)
    if outcome.ok:
        fact = Supervised(t=world.now, by=item.by, act=item.deed.value, agent=item.agent, call=item.contact)
        # The fact comes first: what it brought about follows.
        world.effects.insert(0, PublishFact(fact=fact))
    world.effects.append(AnswerAsker(ask=item.ask, outcome=outcome))


def _no(code: str, message: str) -> Outcome:
    return Outcome(ok=False, code=code, message=message)


def _outcome(world: World, item: SuperviseAsked) -> Outcome:
    boss = world.agents.get(item.by)
    if boss is None or boss.removed or not boss.profile.supervisor:
        return _no("not_supervisor", "only an agent with 'supervisor: yes' in people.yaml may do this")
    if not world.deciding:
        return _no("reconciling", "the engine is looking at the PBX: ask again in a moment")
    return _DEEDS[item.deed](world, boss, item)


def _answers_for(boss: Agent, council: TenantId) -> bool:
    return council in boss.profile.councils or ALL_COUNCILS in boss.profile.councils


def _agent(world: World, boss: Agent, item: SuperviseAsked) -> Agent | Outcome:
    agent = world.agents.get(item.agent) if item.agent is not None else None
    if agent is None or agent.removed:
        return _no("unknown_agent", "there is no such agent in people.yaml")
    if not _answers_for(boss, agent.profile.tenant):
        return _no("not_her_council", "the supervisor does not answer for that agent's council")
    return agent


def _waiting(world: World, boss: Agent, item: SuperviseAsked) -> Contact | Outcome:
    contact = world.contacts.get(item.contact) if item.contact is not None else None
    if contact is None or contact.state is not ContactState.WAITING or contact.wish is None:
        return _no("not_waiting", "no such call waits in a queue now")
    if not _answers_for(boss, contact.tenant):
        return _no("not_her_council", "the supervisor does not answer for that call's council")
    if rests(contact):
        return _no("resting", "the resident could not be reached: ask again when the call is due once more")
    return contact


def _spy(world: World, boss: Agent, item: SuperviseAsked) -> Outcome:
    """Says which leg to listen at: the dialplan does the rest on the supervisor's own phone."""
    agent = _agent(world, boss, item)
    if isinstance(agent, Outcome):
        return agent
    contact = world.contacts.get(agent.contact) if agent.contact is not None else None
    if agent is boss or contact is None or contact.agent != agent.id:
        return _no("no_call", "that agent is in no caller's call")
    if not _answers_for(boss, contact.tenant):
        return _no("not_her_council", "the supervisor does not answer for that call's council")
    leg = next((leg for leg in agent.legs if world.legs[leg].contact == contact.id), None)
    if leg is None:
        return _no("no_call", "that agent's leg is gone")
    return Outcome(ok=True, code="done", message="dial the code on your phone", data={"leg": leg, "call": contact.id})


def _pull(world: World, boss: Agent, item: SuperviseAsked) -> Outcome:
    contact = _waiting(world, boss, item)
    if isinstance(contact, Outcome):
        return contact
    if not may_be_sent_to(world, boss):
        return _no("not_free", "be ready, with the phone on the hook, to take a call yourself")
    direct(world, contact, boss, by=boss.id, via="pull")
    return Outcome(ok=True, code="done", message="the call comes to you")


def _priority(world: World, boss: Agent, item: SuperviseAsked) -> Outcome:
    contact = _waiting(world, boss, item)
    if isinstance(contact, Outcome):
        return contact
    if contact.wish is None or item.priority is None or not 0 <= item.priority <= HIGHEST_PRIORITY:
        return _no("bad_priority", f"a priority is a whole number from 0 to {HIGHEST_PRIORITY}")
    rewrite(world, contact, replace(contact.wish, priority=item.priority))
    place_in_line(world, contact)
    return Outcome(ok=True, code="done", message=f"the call has priority {contact.priority} now")


def _move(world: World, boss: Agent, item: SuperviseAsked) -> Outcome:
    agent = _agent(world, boss, item)
    if isinstance(agent, Outcome):
        return agent
    queues = item.queues or ()
    if not queues or any(queue not in world.queues for queue in queues):
        return _no("unknown_queue", "name queues that are there, such as northmere.waste")
    if not all(_answers_for(boss, world.queues[queue].tenant) for queue in queues):
        return _no("not_her_council", "the supervisor does not answer for that queue's council")
    agent.moved_to = queues
    agent.profile = replace(agent.profile, queues=queues)
    agent_changed(world, agent)
    return Outcome(ok=True, code="done", message=f"the agent serves {', '.join(queues)}")


def _presence(presence: Presence) -> Callable[[World, Agent, SuperviseAsked], Outcome]:
    def ask(world: World, boss: Agent, item: SuperviseAsked) -> Outcome:
        agent = _agent(world, boss, item)
        if isinstance(agent, Outcome):
            return agent
        asked = PresenceAsked(agent=agent.id, presence=presence, aux_code=None, ask=item.ask)
        return presence_outcome(world, asked)

    return ask


_DEEDS: dict[Oversight, Callable[[World, Agent, SuperviseAsked], Outcome]] = {
    Oversight.LISTEN: _spy,
    Oversight.WHISPER: _spy,
    Oversight.BARGE: _spy,
    Oversight.PULL: _pull,
    Oversight.PRIORITY: _priority,
    Oversight.MOVE: _move,
    Oversight.END_BREAK: _presence(Presence.READY),
    Oversight.LOG_OUT: _presence(Presence.LOGGED_OUT),
}
