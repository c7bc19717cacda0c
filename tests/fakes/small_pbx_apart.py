"""The tiny PBX's part in transfers: callers who hear music, agents who ask one another, and who meets whom again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kernel.ids import AgentId, ContactId, LegId
from kernel.orders import EndLeg, Order, Part, ProbeLeg, Rejoin, SendOutside, SendToHold, TakeBack
from kernel.seen import (
    AgentLegDialled,
    ConsultAnswered,
    ConsultLost,
    ConsultOver,
    LegEnteredBridge,
    LegHungUp,
    OrderRefused,
)
from kernel.seen_phone import LegSilent
from tests.fakes.small_pbx_view import Caller

if TYPE_CHECKING:
    from tests.fakes.small_pbx_calls import PbxCalls

#: As asterisk_conf/transfers.conf has it: a leg that nobody joins; a caller whose agent is gone.
_LEG_WAITS_S, _CALLER_WAITS_S = 8.0, 3.0


def carry_out(pbx: PbxCalls, order: Order) -> None:
    """Asterisk carries an order out."""
    if isinstance(order, ProbeLeg):
        if order.leg in pbx.legs and pbx.legs[order.leg][0] in pbx.silent:
            pbx.events.append(LegSilent(leg=order.leg))
        return
    if isinstance(order, EndLeg):
        _end(pbx, order)
        return
    if isinstance(order, TakeBack):
        _take_back(pbx, order)
        return
    _move(pbx, order)


def _move(pbx: PbxCalls, order: SendToHold | SendOutside | Part | Rejoin) -> None:
    caller = pbx.callers.get(order.contact)
    if caller is None:
        pbx.events.append(OrderRefused(contact=order.contact))
    elif isinstance(order, SendToHold):
        _to_hold(pbx, caller, order)
    elif isinstance(order, SendOutside):
        _let_go(pbx, caller)
        caller.place = "outside"
    elif isinstance(order, Part):
        _part(pbx, caller, order)
    else:
        _rejoin(pbx, caller, order)


def _take_back(pbx: PbxCalls, order: TakeBack) -> None:
    """app_queue lets her go, unless it rings a phone for her."""
    for caller in pbx.callers.values():
        mine = caller.wish is not None and caller.wish.channel == order.channel
        if mine and caller.place == "fallback" and not caller.rung_there:
            pbx.hold(caller)


def _end(pbx: PbxCalls, order: EndLeg) -> None:
    """A dead phone's caller goes back to the line by her own dialplan; else she is hung up on with the leg."""
    talks = next((one for one in pbx.callers.values() if one.place == "talk" and one.agent_leg == order.leg), None)
    if order.dead and talks is not None:
        pbx.phone_dies(talks.contact)
    else:
        end_leg(pbx, order.leg)


def _let_go(pbx: PbxCalls, caller: Caller) -> None:
    """The caller is taken out of whatever it is in."""
    leave_alone(pbx, caller)
    if caller.agent_leg is not None:
        pbx.drop_leg(caller)
    caller.bridge = None


def _to_hold(pbx: PbxCalls, caller: Caller, order: SendToHold) -> None:
    if caller.place not in {"talk", "apart", "hold"}:
        pbx.events.append(OrderRefused(contact=order.contact))
        return
    _let_go(pbx, caller)
    pbx.hold(caller)


def _part(pbx: PbxCalls, caller: Caller, order: Part) -> None:
    if caller.place != "talk" or caller.agent_leg != order.agent_leg:
        pbx.events.append(OrderRefused(contact=order.contact))
        return
    caller.place, caller.bridge, caller.consult = "apart", None, order.consult
    caller.parted_leg, caller.agent_leg = caller.agent_leg, None
    caller.target_leg, caller.consult_bridge = None, None
    if order.to is None:
        return
    to = AgentId(order.to)
    if order.epoch != pbx.epoch or to not in pbx.reachable or any(agent == to for agent, _ in pbx.legs.values()):
        why = "failed" if order.epoch != pbx.epoch else "unreachable" if to not in pbx.reachable else "busy"
        pbx.events.append(ConsultOver(consult=order.consult, why=why))
        return
    pbx.count += 1
    caller.target_leg = LegId(f"1.{pbx.count}")
    caller.consult_until = pbx.now + order.ring_time_s
    pbx.legs[caller.target_leg] = (to, caller.contact)
    pbx.events.append(AgentLegDialled(caller_leg=order.agent_leg, agent_leg=caller.target_leg, agent=to))


def _rejoin(pbx: PbxCalls, caller: Caller, order: Rejoin) -> None:
    if caller.place != "apart" or caller.consult != order.consult:
        pbx.events.append(OrderRefused(contact=order.contact))
        return
    if order.epoch != pbx.epoch or order.leg not in pbx.legs:
        give_up(pbx, caller)
        return
    both = {caller.parted_leg, caller.target_leg}
    caller.place, caller.bridge, caller.agent_leg = "talk", f"r-{order.leg}-{order.consult}", order.leg
    caller.agent = pbx.legs[order.leg][0]
    caller.parted_leg = caller.target_leg = caller.consult_bridge = None
    _left_behind(pbx, both - {order.leg})
    pbx.events.append(LegEnteredBridge(leg=order.leg, bridge=caller.bridge))
    pbx.events.append(LegEnteredBridge(leg=caller.leg, bridge=caller.bridge))


def _left_behind(pbx: PbxCalls, legs: set[LegId | None]) -> None:
    for leg in legs:
        if leg is not None and leg in pbx.legs:
            pbx.legs[leg] = (pbx.legs[leg][0], None)
            pbx.dangling[leg] = pbx.now + _LEG_WAITS_S


def leave_alone(pbx: PbxCalls, caller: Caller) -> None:
    """The caller goes: those who stood apart from it stay behind."""
    if caller.place == "apart":
        _left_behind(pbx, {caller.parted_leg, caller.target_leg})
        caller.parted_leg = caller.target_leg = None


def give_up(pbx: PbxCalls, caller: Caller) -> None:
    """The dialplan takes the caller to ``[hold]`` by itself."""
    if caller.consult is not None:
        pbx.events.append(ConsultLost(consult=caller.consult))
    leave_alone(pbx, caller)
    caller.consult = None
    pbx.hold(caller)


def _apart_with(pbx: PbxCalls, leg: LegId) -> Caller | None:
    return next((one for one in pbx.callers.values() if leg in {one.parted_leg, one.target_leg}), None)


def end_leg(pbx: PbxCalls, leg: LegId) -> None:
    """A leg that is no caller's ends: by the phone, or by order."""
    if leg not in pbx.legs:
        return
    caller = _apart_with(pbx, leg)
    pbx.dangling.pop(leg, None)
    if caller is None:
        contact = pbx.legs[leg][1]
        if contact is not None and pbx.callers[contact].agent_leg == leg:
            pbx.agent_hangs_up(contact)
            return
    del pbx.legs[leg]
    pbx.events.append(LegHungUp(leg=leg))
    if caller is None:
        return
    if leg == caller.target_leg:
        caller.target_leg = None
        talked = caller.consult_bridge is not None
        caller.consult_bridge = None
        if caller.parted_leg in pbx.legs and caller.consult is not None:
            pbx.events.append(ConsultOver(consult=caller.consult, why="talked" if talked else "rona"))
    elif caller.target_leg is not None and caller.consult_bridge is None:
        # Her Dial() ends with her: the other phone stops ringing.
        end_leg(pbx, caller.target_leg)
    caller.consult_until = pbx.now + _CALLER_WAITS_S


def consult_answer(pbx: PbxCalls, contact: ContactId) -> None:
    """The one who is asked picks up."""
    caller = pbx.callers[contact]
    both = (caller.parted_leg, caller.target_leg)
    if caller.place != "apart" or caller.consult is None or None in both or caller.consult_bridge is not None:
        return
    caller.consult_bridge = f"k-{caller.consult}"
    for leg in both:
        if leg is not None:
            if leg == caller.target_leg:
                pbx.events.append(ConsultAnswered(consult=caller.consult, leg=leg))
            pbx.events.append(LegEnteredBridge(leg=leg, bridge=caller.consult_bridge))


def apart_until(pbx: PbxCalls) -> Iterator[float]:
    """When something of those who stand apart is due."""
    for caller in pbx.callers.values():
        rings = caller.target_leg is not None and caller.consult_bridge is None
        if caller.place == "apart" and (rings or caller.parted_leg not in pbx.legs):
            yield caller.consult_until


def time_passes(pbx: PbxCalls) -> None:
    """Phones that rang long enough stop, callers whose agent is gone go back, legs that nobody joins hang up."""
    for leg in [leg for leg, until in pbx.dangling.items() if until <= pbx.now]:
        end_leg(pbx, leg)
    for caller in [one for one in pbx.callers.values() if one.place == "apart" and one.consult_until <= pbx.now]:
        if caller.parted_leg not in pbx.legs:
            give_up(pbx, caller)
        elif caller.target_leg is not None and caller.consult_bridge is None:
            end_leg(pbx, caller.target_leg)
