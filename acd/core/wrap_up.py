"""After-call work: how long it takes, who may shorten or lengthen it, and the answer one who asks for that gets.

The agent's own setting beats the queue's (C12), and what she asks for beats both, within what the queue allows. It
counts across all her queues: nothing is offered to her before it is over.
"""

from __future__ import annotations

from acd.core.effects import AnswerAsker
from acd.core.inputs import WrapUpAsked
from acd.core.talk import start_wrap_up
from acd.core.telling import agent_changed
from acd.core.world import Agent, World
from kernel.agent import Occupation
from kernel.commands import Outcome
from kernel.queues import WrapUpMode

_IN_CALL = frozenset({Occupation.TALKING, Occupation.HOLDING})


def wrap_up_asked(world: World, item: WrapUpAsked) -> None:
    """Her own word on the length of her wrap-up; out of a contact it means nothing."""
    agent = world.agents.get(item.agent)
    outcome = _unknown() if agent is None or agent.removed else _asked(world, agent, item)
    if item.ask is not None:
        world.effects.append(AnswerAsker(ask=item.ask, outcome=outcome))


def _asked(world: World, agent: Agent, item: WrapUpAsked) -> Outcome:
    seconds = item.seconds if item.ask is None else min(item.seconds, agent.wrap_up_longest_s)
    if agent.occupation is Occupation.WRAP_UP:
        until = world.now + seconds
        if agent.wrap_up_mode is WrapUpMode.MANDATORY and agent.wrap_up_until is not None:
            until = max(until, agent.wrap_up_until)
        start_wrap_up(world, agent, until)
        agent_changed(world, agent)
        return Outcome(ok=True, code="done", message=f"wrap-up lasts {until - world.now:.0f} s from now")
    if agent.occupation in _IN_CALL and agent.contact is not None:
        agent.wrap_up_asked = seconds
        return Outcome(ok=True, code="pending", message=f"wrap-up after this call will last {seconds:.0f} s")
    return Outcome(ok=False, code="no_wrap_up", message="the agent is neither in a call nor in wrap-up")


def _unknown() -> Outcome:
    return Outcome(ok=False, code="unknown_agent", message="there is no such agent in people.yaml")
