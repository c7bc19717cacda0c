"""The distributor's one door: an input goes in, effects come out. No I/O, no clock, one caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from acd.core.alarm import alarm_due
from acd.core.announcing import say_now
from acd.core.asking import ask_now
from acd.core.callbacks import contact_resting
from acd.core.calls import (
    agent_leg_dialled,
    call_began,
    contact_holding,
    leg_entered_bridge,
    leg_held,
    offer_returned,
    outcome_named,
    own_call_began,
    redirect_refused,
)
from acd.core.consult import consult_answered, consult_lost, consult_over, order_refused
from acd.core.dead_phone import leg_silent, phone_back, phone_lost, still_lost
from acd.core.deadlines import Due
from acd.core.effects import Effect
from acd.core.exits import exit_taken, limit_met, look_at_staff
from acd.core.fallback import fell_back, take_back
from acd.core.inputs import (
    AgentLegDialled,
    CallBegan,
    ConsultAnswered,
    ConsultLost,
    ConsultOver,
    ContactHolding,
    ContactResting,
    DeadlinePassed,
    ExitTaken,
    FellBack,
    HangUpHeard,
    Input,
    LegEnteredBridge,
    LegHeld,
    LegHungUp,
    LegSilent,
    LinkLost,
    MoveAsked,
    OfferReturned,
    OrderRefused,
    OutcomeNamed,
    OwnCallBegan,
    PbxSeen,
    PeopleChanged,
    PhoneRefused,
    PresenceAsked,
    ReachChanged,
    Reconciled,
    RedirectRefused,
    SuperviseAsked,
    WrapUpAsked,
)
from acd.core.leaving import hang_up_heard, leg_hung_up
from acd.core.matching import match
from acd.core.moving import move_asked
from acd.core.offer import place_in_line, withdraw
from acd.core.parting import parting_happened
from acd.core.people import people_changed
from acd.core.presence import presence_asked
from acd.core.rebuild import link_lost, pbx_seen, reconciled
from acd.core.several import phone_refused
from acd.core.supervision import supervise_asked
from acd.core.talk import end_wrap_up, settle_legs
from acd.core.telling import agent_changed
from acd.core.transfer_law import PartingEvent
from acd.core.world import World
from acd.core.wrap_up import wrap_up_asked
from kernel.exits import LeaveWhy
from kernel.ids import AgentId, ContactId


def step(world: World, item: Input, now: float) -> list[Effect]:
    """Take in what happened at ``now`` (Unix seconds) and return what to do about it, in order.

    First the input, then what is due: news beats a timer of the same instant. Then contacts and agents are matched.
    Raises ``Refused`` when the input contradicts what the core believes: the caller must take a snapshot.
    """
    world.now = now
    world.effects = []
    _take(world, item)
    look_at_staff(world)
    key = world.deadlines.pop_due(now)
    while key is not None:
        due, who, whom = key
        _DUE[due](world, who, whom)
        look_at_staff(world)
        key = world.deadlines.pop_due(now)
    match(world)
    effects, world.effects = world.effects, []
    return effects


def next_deadline(world: World) -> float | None:
    """When ``step`` wants a ``DeadlinePassed`` (Unix seconds), None when nothing is due."""
    return world.deadlines.earliest()


def _take(world: World, item: Input) -> None:
    _INPUTS[type(item)](world, item)


def _reconciled(world: World, item: Reconciled) -> None:
    reconciled(world, item, _take)


def _reach_changed(world: World, item: ReachChanged) -> None:
    if item.reachable:
        world.reachable.add(item.agent)
    else:
        world.reachable.discard(item.agent)
    agent = world.agents.get(item.agent)
    if agent is None:
        return
    contact = world.contacts.get(agent.contact) if agent.contact else None
    if contact is not None and contact.offer is not None and not item.reachable and not contact.beside:
        # It will not ring out: it is dead (C52). The caller goes on to the next agent now.
        withdraw(world, contact, contact.offer)
    (phone_back if item.reachable else phone_lost)(world, agent)
    agent_changed(world, agent)


def _deadline_passed(world: World, item: DeadlinePassed) -> None:
    """What is due is seen to after every input, so this one has nothing of its own to do."""


def _due_offer(world: World, who: str, _whom: str) -> None:
    contact = world.contacts[ContactId(who)]
    if contact.offer is not None:
        withdraw(world, contact, contact.offer)


def _due_hold(world: World, who: str, _whom: str) -> None:
    world.contacts[ContactId(who)].lost = True
    world.needs_reconcile = True


def _due_look(world: World, _who: str, _whom: str) -> None:
    world.needs_reconcile = True


def _due_exclusion(world: World, who: str, whom: str) -> None:
    contact = world.contacts[ContactId(who)]
    del contact.excluded[AgentId(whom)]
    if contact.place is not None:
        world.fresh_contacts.add(contact.id)


def _due_age(world: World, who: str, _whom: str) -> None:
    place_in_line(world, world.contacts[ContactId(who)])


def _due_limit(world: World, who: str, whom: str) -> None:
    limit_met(world, ContactId(who), LeaveWhy(whom))


def _due_say(world: World, who: str, _whom: str) -> None:
    say_now(world, ContactId(who))


def _due_ask(world: World, who: str, _whom: str) -> None:
    ask_now(world, ContactId(who))


def _due_rest(world: World, who: str, _whom: str) -> None:
    agent = world.agents[AgentId(who)]
    agent.resting = None
    agent_changed(world, agent)


def _due_lost(world: World, who: str, _whom: str) -> None:
    still_lost(world, world.agents[AgentId(who)])


def _due_wrap_up(world: World, who: str, _whom: str) -> None:
    end_wrap_up(world, world.agents[AgentId(who)])


def _due_parting(world: World, who: str, _whom: str) -> None:
    parting_happened(world, world.contacts[ContactId(who)], PartingEvent.LATE)


def _due_leg(world: World, who: str, _whom: str) -> None:
    """A leg outlived its offer: its hang-up was missed. She is freed, and the PBX is asked what else was missed."""
    agent = world.agents[AgentId(who)]
    for leg in [leg for leg, own in agent.legs.items() if not own]:
        del agent.legs[leg]
        world.legs.pop(leg, None)
    world.needs_reconcile = True
    settle_legs(world, agent)


_Item = TypeVar("_Item")


def _on(kind: type[_Item], handler: Callable[[World, _Item], None]) -> tuple[type, Callable[[World, Input], None]]:
    return kind, cast("Callable[[World, Input], None]", handler)


_INPUTS: dict[type, Callable[[World, Input], None]] = dict(
    [
        _on(CallBegan, call_began),
        _on(ContactResting, contact_resting),
        _on(ContactHolding, contact_holding),
        _on(FellBack, fell_back),
        _on(OfferReturned, offer_returned),
        _on(PhoneRefused, phone_refused),
        _on(RedirectRefused, redirect_refused),
        _on(AgentLegDialled, agent_leg_dialled),
        _on(LegEnteredBridge, leg_entered_bridge),
        _on(HangUpHeard, hang_up_heard),
        _on(LegHungUp, leg_hung_up),
        _on(LegHeld, leg_held),
        _on(OwnCallBegan, own_call_began),
        _on(ReachChanged, _reach_changed),
        _on(LegSilent, leg_silent),
        _on(PresenceAsked, presence_asked),
        _on(WrapUpAsked, wrap_up_asked),
        _on(MoveAsked, move_asked),
        _on(SuperviseAsked, supervise_asked),
        _on(ConsultAnswered, consult_answered),
        _on(ConsultOver, consult_over),
        _on(ConsultLost, consult_lost),
        _on(OrderRefused, order_refused),
        _on(OutcomeNamed, outcome_named),
        _on(ExitTaken, exit_taken),
        _on(PbxSeen, pbx_seen),
        _on(Reconciled, _reconciled),
        _on(LinkLost, link_lost),
        _on(PeopleChanged, people_changed),
        _on(DeadlinePassed, _deadline_passed),
    ]
)

_DUE: dict[Due, Callable[[World, str, str], None]] = {
    Due.OFFER: _due_offer,
    Due.WITHDRAWAL: _due_look,
    Due.HOLD: _due_hold,
    Due.GOING: _due_look,
    Due.BACK: take_back,
    Due.EXCLUSION: _due_exclusion,
    Due.AGE: _due_age,
    Due.LIMIT: _due_limit,
    Due.SAY: _due_say,
    Due.ASK: _due_ask,
    Due.ALARM: alarm_due,
    Due.REST: _due_rest,
    Due.WRAP_UP: _due_wrap_up,
    Due.LEG: _due_leg,
    Due.LOST: _due_lost,
    Due.PARTING: _due_parting,
}
