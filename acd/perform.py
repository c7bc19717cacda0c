"""What is done about each effect: one visible table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from acd.core.effects import (
    AnswerAsker,
    AskCaller,
    Effect,
    LeaveQueue,
    PublishFact,
    RememberAgent,
    RingAgent,
    SayToCaller,
    WithdrawOffer,
    WriteWish,
)
from acd.ports import Dialler, FactSink, WaitingRoom
from kernel.commands import Outcome
from kernel.orders import ORDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What effects are carried out with."""

    dialler: Dialler
    room: WaitingRoom
    facts: FactSink
    #: Gives the one who asked (by number) the answer.
    answer: Callable[[int, Outcome], None]


def perform(hands: Hands, effect: Effect) -> None:
    """Carry out one effect. Raises what the port raises."""
    _TABLE[type(effect)](hands, effect)


_Kind = TypeVar("_Kind")


def _on(kind: type[_Kind], do: Callable[[Hands, _Kind], None]) -> tuple[type, Callable[[Hands, Effect], None]]:
    return kind, cast("Callable[[Hands, Effect], None]", do)


_TABLE: dict[type, Callable[[Hands, Effect], None]] = dict(
    [
        _on(RingAgent, lambda hands, effect: hands.dialler.ring(effect)),
        _on(WithdrawOffer, lambda hands, effect: hands.dialler.withdraw(effect)),
        _on(LeaveQueue, lambda hands, effect: hands.room.leave(effect)),
        _on(SayToCaller, lambda hands, effect: hands.room.say(effect)),
        _on(AskCaller, lambda hands, effect: hands.room.ask(effect)),
        _on(WriteWish, lambda hands, effect: hands.room.write_wish(effect)),
        _on(RememberAgent, lambda hands, effect: hands.dialler.remember(effect.memory)),
        _on(PublishFact, lambda hands, effect: hands.facts.publish(effect.fact)),
        *(_on(kind, lambda hands, effect: hands.dialler.order(effect)) for kind in ORDERS),
        _on(AnswerAsker, lambda hands, effect: hands.answer(effect.ask, effect.outcome)),
    ]
)
