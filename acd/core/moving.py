"""What an agent asks to be done with the call she is in: transfer, consult, complete, cancel, hold, resume."""

from __future__ import annotations

from collections.abc import Callable

from acd.core.agent_law import OccupationEvent, occupation_moved
from acd.core.consult import bound
from acd.core.contact_law import ContactEvent, ContactState, contact_moved
from acd.core.deadlines import Due
from acd.core.effects import AnswerAsker
from acd.core.handing_on import offer_to, to_line
from acd.core.inputs import MoveAsked
from acd.core.moving_goal import Goal, goal_of
from acd.core.parting import OUTSIDE_LOOK_S, parting_happened, watch_parting
from acd.core.talk import part
from acd.core.telling import agent_changed, publish
from acd.core.transfer_law import PartingEvent, PartingState
from acd.core.world import Agent, Contact, Parting, World, queue_of
from kernel.agent import Occupation
from kernel.commands import CallDeed, Outcome
from kernel.facts_transfer import ConsultBegan
from kernel.ids import ConsultId, LegId, QueueId
from kernel.number import Dialled
from kernel.orders import Part, SendOutside


def move_asked(world: World, item: MoveAsked) -> None:
    """Do it, or say why not; the call goes on as it was then."""
    world.effects.append(AnswerAsker(ask=item.ask, outcome=_outcome(world, item)))


def _no(code: str, message: str) -> Outcome:
    return Outcome(ok=False, code=code, message=message)


def _done(message: str) -> Outcome:
    return Outcome(ok=True, code="done", message=message)


def _outcome(world: World, item: MoveAsked) -> Outcome:
    agent = world.agents.get(item.agent)
    if agent is None:
        return _no("unknown_agent", "there is no such agent in people.yaml")
    if not world.deciding:
        return _no("reconciling", "the engine is looking at the PBX: ask again in a moment")
    contact = world.contacts.get(agent.contact) if agent.contact is not None else None
    if contact is None or contact.agent != agent.id or contact.state is not ContactState.JOINED:
        return _no("no_call", f"the agent is in no caller's call{_instead(world, agent)}")
    return _DEEDS[item.deed](world, contact, agent, item.to)


def _instead(world: World, agent: Agent) -> str:
    """What she is in, where it may be taken for a caller's call."""
    parting = bound(world, agent)
    if parting is not None:
        return f": {parting.agent} asks her about one, and is the one to complete or cancel"
    if agent.occupation is Occupation.RESERVED:
        return ": her phone is being rung for one"
    if agent.occupation is Occupation.WRAP_UP:
        return ": hers is over, she is in wrap-up"
    return ": she is in a call of her own" if agent.has_own_leg else ""


def _her_leg(world: World, contact: Contact, agent: Agent) -> LegId | None:
    legs = (leg for leg, own in agent.legs.items() if not own)
    return next((leg for leg in legs if leg in world.legs and world.legs[leg].contact == contact.id), None)


def _goal(world: World, contact: Contact, agent: Agent, to: str | None) -> Goal | Outcome:
    """Whom or what she means; a refusal while the caller already stands apart."""
    if contact.parting is not None:
        return _no("parted", "finish the consult or the hold first: complete, cancel or resume")
    return goal_of(world, contact, agent, to)


def _transfer(world: World, contact: Contact, agent: Agent, to: str | None) -> Outcome:
    goal = _goal(world, contact, agent, to)
    if isinstance(goal, Outcome):
        return goal
    leg = _her_leg(world, contact, agent)
    if leg is not None:
        # It ends by the caller's going; its end is nobody's leaving.
        world.legs[leg].contact = None
    part(world, contact, "transferred")
    if isinstance(goal, Agent):
        offer_to(world, contact, goal, by=agent.id)
    elif goal in world.queues:
        to_line(world, contact, QueueId(goal))
    else:
        contact.state = contact_moved(contact.state, ContactEvent.GOING)
        world.deadlines.set(Due.GOING, contact.id, world.now + OUTSIDE_LOOK_S)
        world.effects.append(
            SendOutside(contact=contact.id, channel=contact.channel, number=Dialled(goal), epoch=world.epoch)
        )
    return _done("the caller goes on")


def _consult(world: World, contact: Contact, agent: Agent, to: str | None) -> Outcome:
    goal = _goal(world, contact, agent, to)
    if isinstance(goal, Outcome):
        return goal
    if not isinstance(goal, Agent) and goal in world.queues:
        return _no("not_a_person", "a queue cannot be asked: transfer to it, or consult an agent")
    return _part(world, contact, agent, goal)


def _hold(world: World, contact: Contact, agent: Agent, _to: str | None) -> Outcome:
    if contact.parting is not None or agent.occupation is Occupation.HOLDING:
        return _no("parted", "the caller hears music already")
    return _part(world, contact, agent, None)


def _part(world: World, contact: Contact, agent: Agent, goal: Agent | Dialled | QueueId | None) -> Outcome:
    leg = _her_leg(world, contact, agent)
    if leg is None or contact.wish is None:
        return _no("no_call", "the agent's leg is gone")
    target = goal if isinstance(goal, Agent) else None
    outside = None if goal is None or isinstance(goal, Agent) else Dialled(goal)
    parting = contact.parting = _begun(world, contact, agent, leg, target, outside)
    for one in (contact.leg, leg):
        world.legs[one].bridge = None
    ring_time = queue_of(world, contact.wish).ring_time_s
    watch_parting(world, contact, parting, ring_time)
    said = target.id if target else "outside" if outside else None
    publish(world, ConsultBegan(t=world.now, call=contact.id, agent=agent.id, to=said))
    if target is not None:
        target.occupation = occupation_moved(target.occupation, OccupationEvent.OFFERED)
        target.contact = contact.id
        agent_changed(world, target)
    world.effects.append(
        Part(
            contact=contact.id,
            channel=contact.channel,
            agent_leg=leg,
            consult=parting.id,
            epoch=world.epoch,
            to=parting.to or outside,
            ring_time_s=ring_time,
        )
    )
    return _done("the caller hears music")


def _begun(  # noqa: PLR0913, PLR0917 - who, with whom, about whom
    world: World, contact: Contact, agent: Agent, leg: LegId, target: Agent | None, outside: Dialled | None
) -> Parting:
    asks = target is not None or outside is not None
    return Parting(
        # Milliseconds: its recording has this name, and no later engine may write over it.
        id=ConsultId(f"{contact.id}-{'c' if asks else 'h'}{world.now * 1000:.0f}"),
        contact=contact.id,
        state=PartingState.RINGING if asks else PartingState.HOLDING,
        agent=agent.id,
        agent_leg=leg,
        to=target.id if target else None,
        outside=outside,
    )


def _complete(world: World, contact: Contact, _agent: Agent, _to: str | None) -> Outcome:
    if contact.parting is not None and parting_happened(world, contact, PartingEvent.COMPLETE):
        return _done("the caller goes on")
    if contact.parting is not None and contact.parting.state is not PartingState.HOLDING:
        return _no("too_late", "the caller is going on, or coming back, already")
    return _no("no_consult", "nobody is being asked: consult somebody first")


def _cancel(world: World, contact: Contact, agent: Agent, _to: str | None) -> Outcome:
    parting = contact.parting
    if parting is None:
        if agent.occupation is Occupation.HOLDING:
            return _no("no_consult", "your phone holds the caller by its own key: take the call up there")
        return _no("no_consult", "the caller is with you: there is nothing to take back")
    if parting.why is None:
        parting.why = "resumed" if parting.state is PartingState.HOLDING else "cancelled"
    if parting_happened(world, contact, PartingEvent.CANCEL):
        return _done("the caller comes back to you")
    return _no("too_late", "the caller is going on, or coming back, already")


_DEEDS: dict[CallDeed, Callable[[World, Contact, Agent, str | None], Outcome]] = {
    CallDeed.TRANSFER: _transfer,
    CallDeed.CONSULT: _consult,
    CallDeed.COMPLETE: _complete,
    CallDeed.CANCEL: _cancel,
    CallDeed.HOLD: _hold,
    CallDeed.RESUME: _cancel,
}
