"""Orders for calls under way as AMI actions: one table, order to what is sent in one write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from kernel.ids import AgentId
from kernel.number import parse_dialled
from kernel.orders import EndLeg, Order, Part, Rejoin, SendOutside, SendToHold, TakeBack

Action = tuple[str, Mapping[str, str]]
SipUsers = Mapping[AgentId, str]

#: Q.850: requested channel not available.
DEAD_PHONE = "44"


def actions_for(order: Order, sip_users: SipUsers) -> list[Action]:
    """What to send, in order; the last action is the one whose refusal counts. Raises ``BadInput`` for a bad number."""
    return _TABLE[type(order)](order, sip_users)


def _set(channel: str, name: str, value: str) -> Action:
    return ("Setvar", {"Channel": channel, "Variable": name, "Value": value})


def _redirect(channel: str, context: str, exten: str) -> Action:
    return ("Redirect", {"Channel": channel, "Context": context, "Exten": exten, "Priority": "1"})


def _send_to_hold(order: SendToHold, _users: SipUsers) -> list[Action]:
    return [_set(order.channel, "GH_CONSULT", ""), _redirect(order.channel, "hold", "s")]


def _send_outside(order: SendOutside, _users: SipUsers) -> list[Action]:
    exten = f"{order.epoch}*{parse_dialled(order.number)}"
    return [_set(order.channel, "GH_CONSULT", ""), _redirect(order.channel, "transfer-outside", exten)]


def _part(order: Part, users: SipUsers) -> list[Action]:
    if order.to is None:
        whom = "hold*0"
    elif order.to in users:
        whom = f"agent*{users[AgentId(order.to)]}"
    else:
        whom = f"outside*{parse_dialled(order.to)}"
    return [
        _set(order.channel, "GH_CONSULT", order.consult),
        _set(order.channel, "GH_PARTED_LEG", order.agent_leg),
        _set(order.agent_leg, "GH_CALLER", order.channel),
        # With an underscore: Dial copies it to the leg of the one who is asked.
        _set(order.agent_leg, "_GH_CONSULT", order.consult),
        (
            "Redirect",
            {
                "Channel": order.agent_leg,
                "Context": "consult",
                "Exten": f"{order.epoch}*{order.consult}*{whom}*{order.ring_time_s:g}",
                "Priority": "1",
                "ExtraChannel": order.channel,
                "ExtraContext": "consult-hold",
                "ExtraExten": "s",
                "ExtraPriority": "1",
            },
        ),
    ]


def _rejoin(order: Rejoin, users: SipUsers) -> list[Action]:
    return [
        _set(order.channel, "GH_WITH", order.leg),
        _set(order.channel, "GH_AFTER", order.after or ""),
        _set(order.channel, "GH_AGENT", users.get(order.agent, "") if order.agent is not None else ""),
        _redirect(order.channel, "rejoin", f"{order.epoch}*{order.consult}"),
    ]


def _end_leg(order: EndLeg, _users: SipUsers) -> list[Action]:
    # 44 is what Asterisk gives a leg that ran into `rtp_timeout`: asterisk_conf/talk.conf goes by it.
    return [("Hangup", {"Channel": order.leg, **({"Cause": DEAD_PHONE} if order.dead else {})})]


def _take_back(order: TakeBack, _users: SipUsers) -> list[Action]:
    # Not a Redirect: this is seen by the caller's own thread, never in the middle of an agent's answer (app_queue.c).
    return [("QueueWithdrawCaller", {"Queue": order.queue, "Caller": order.channel})]


_Kind = TypeVar("_Kind")


def _on(
    kind: type[_Kind], write: Callable[[_Kind, SipUsers], list[Action]]
) -> tuple[type, Callable[[Order, SipUsers], list[Action]]]:
    return kind, cast("Callable[[Order, SipUsers], list[Action]]", write)


_TABLE: dict[type, Callable[[Order, SipUsers], list[Action]]] = dict(
    [
        _on(SendToHold, _send_to_hold),
        _on(SendOutside, _send_outside),
        _on(Part, _part),
        _on(Rejoin, _rejoin),
        _on(EndLeg, _end_leg),
        _on(TakeBack, _take_back),
    ]
)
