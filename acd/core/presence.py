"""What people ask of an agent's presence, and the answer each gets."""

from __future__ import annotations

from acd.core.agent_law import PRESENCE_WAITS, PresenceEvent, presence_event, presence_moved
from acd.core.effects import AnswerAsker
from acd.core.inputs import PresenceAsked
from acd.core.parts import Tally
from acd.core.talk import end_wrap_up
from acd.core.telling import agent_changed
from acd.core.world import Agent, World
from kernel.agent import Occupation, Presence
from kernel.commands import Outcome
from kernel.queues import WrapUpMode

#: Why not ready, where nobody said: after logging in, and else.
AUX_AFTER_LOGIN = "login"
AUX_UNSAID = "break"


def presence_asked(world: World, item: PresenceAsked) -> None:
    """Do it, keep it for after the call, or say why not."""
    world.effects.append(AnswerAsker(ask=item.ask, outcome=presence_outcome(world, item)))


def presence_outcome(world: World, item: PresenceAsked) -> Outcome:
    """Do what is asked of an agent's presence, and return what became of it."""
    agent = world.agents.get(item.agent)
    if agent is None or agent.removed:
        return Outcome(ok=False, code="unknown_agent", message="there is no such agent in people.yaml")
    if not world.seen:
        return Outcome(ok=False, code="starting", message="the engine has not seen the PBX yet: ask again in a moment")
    if item.presence is Presence.READY:
        return _ready(world, agent)
    aux = None
    if item.presence is Presence.NOT_READY:
        aux = item.aux_code or (AUX_AFTER_LOGIN if agent.presence is Presence.LOGGED_OUT else AUX_UNSAID)
    return _away(world, agent, item.presence, aux)


def _ready(world: World, agent: Agent) -> Outcome:
    if agent.presence is Presence.LOGGED_OUT:
        return Outcome(ok=False, code="not_logged_in", message="log in first: *45, or guildhall agent login")
    in_wrap_up = agent.occupation is Occupation.WRAP_UP
    if agent.presence is Presence.READY and agent.pending is None and not in_wrap_up:
        return Outcome(ok=True, code="unchanged", message="the agent is ready already")
    agent.pending = agent.pending_aux = None
    if agent.presence is not Presence.READY:
        agent.presence = presence_moved(agent.presence, presence_event(agent.presence, Presence.READY))
        agent.aux_code = None
        agent.failures.clear()
        # Saying ready begins a new wait for work: logging out and in again gains nothing (C17).
        agent.idle_since = world.now
    if in_wrap_up and agent.wrap_up_mode is WrapUpMode.MANDATORY:
        agent_changed(world, agent)
        return Outcome(
            ok=True, code="pending", message="the agent will be ready after this wrap-up, which is mandatory"
        )
    if in_wrap_up:
        end_wrap_up(world, agent)
    agent_changed(world, agent)
    return Outcome(ok=True, code="done", message="the agent is ready")


def _away(world: World, agent: Agent, wanted: Presence, aux: str | None) -> Outcome:
    waiting = agent.pending is not None
    now = (agent.pending, agent.pending_aux) if waiting else (agent.presence, agent.aux_code)
    if now == (wanted, aux):
        return Outcome(ok=True, code="unchanged", message=f"the agent is {_words(wanted)} already")
    event = presence_event(agent.presence, wanted)
    if event is PresenceEvent.LOG_IN:
        agent.tally = Tally(since=world.now)
    own_call = agent.occupation is Occupation.TALKING and agent.contact is None
    if (agent.occupation, event) in PRESENCE_WAITS and not own_call:
        agent.pending, agent.pending_aux = wanted, aux
        agent_changed(world, agent)
        return Outcome(ok=True, code="pending", message=f"the agent will be {_words(wanted)} after this call")
    agent.presence = presence_moved(agent.presence, event)
    agent.aux_code = aux
    agent_changed(world, agent)
    return Outcome(ok=True, code="done", message=f"the agent is {_words(wanted)}")


def _words(presence: Presence) -> str:
    return "logged out" if presence is Presence.LOGGED_OUT else "not ready"
