"""What an agent says of the call she is in or was in last: what it was about, and what its caller needs.

Which call that is, the facts tell: ``answer`` begins it, the next ``answer`` of hers ends it, and so does a quarter of
an hour after she left. After a restart of the engine only a call that goes on is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from kernel.commands import GiveReason, Outcome
from kernel.fact import Fact
from kernel.facts import AgentLeft, CallBegan, ContactAnswered, ContactArrived, ContactEnded, ReasonGiven
from kernel.ids import AgentId, ContactId, TenantId
from kernel.steering import SteeringBook

#: Longer after the call she means another one, or nobody remembers.
_MEANT_S = 900.0
#: Calls under way whose council is remembered; one that ends is forgotten.
_MOST_OPEN = 20_000


class Clock(Protocol):
    """The one clock of the house."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class FactSink(Protocol):
    """Where facts go."""

    def publish(self, fact: Fact, /) -> None:
        """Tell the world."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HerCall:
    """A call of an agent, and whose it is. ``left``: when she went, Unix seconds."""

    call: ContactId
    council: TenantId
    left: float | None = None


class AfterCall:
    """``hear`` every fact; ask it what an agent means by "the call"."""

    def __init__(
        self,
        *,
        now_in: Callable[[AgentId], HerCall | None],
        book: Callable[[TenantId], SteeringBook | None],
        facts: FactSink,
        clock: Clock,
    ) -> None:
        """``now_in``: the call she talks in by the engine's own view; ``book``: what a council's intents are."""
        self._now_in, self._book, self._facts, self._clock = now_in, book, facts, clock
        self._council: dict[ContactId, TenantId] = {}
        self._last: dict[AgentId, HerCall] = {}

    def hear(self, fact: Fact) -> None:
        """Follow who talks with whom."""
        if isinstance(fact, CallBegan | ContactArrived):
            if len(self._council) >= _MOST_OPEN:
                self._council.pop(next(iter(self._council)))
            self._council[fact.call] = fact.council
        elif isinstance(fact, ContactEnded):
            self._council.pop(fact.call, None)
        elif isinstance(fact, ContactAnswered):
            self._last.pop(fact.agent, None)
            if (council := self._council.get(fact.call)) is not None:
                self._last[fact.agent] = HerCall(call=fact.call, council=council)
        elif isinstance(fact, AgentLeft):
            known = self._last.get(fact.agent)
            if known is not None and known.call == fact.call:
                self._last[fact.agent] = replace(known, left=fact.t)

    def call_of(self, agent: AgentId) -> HerCall | None:
        """The call she is in, or was in last and not too long ago."""
        known = self._last.get(agent)
        if known is None:
            return self._now_in(agent)
        return known if known.left is None or self._clock.now() - known.left < _MEANT_S else None

    def give_reason(self, asked: GiveReason) -> Outcome:
        """Tell what her call was about; she may say it again, the last word counts."""
        mine = self.call_of(asked.agent)
        if mine is None:
            return no_call()
        book = self._book(mine.council)
        reason = None if book is None else book.reason(asked.reason)
        if reason is None:
            message = f"{mine.council} has no such intent: see 'guildhall agent reasons --council {mine.council}'"
            return Outcome(ok=False, code="unknown_reason", message=message)
        self._facts.publish(ReasonGiven(t=self._clock.now(), call=mine.call, agent=asked.agent, reason=reason))
        return Outcome(ok=True, code="done", message=f"{mine.call} was about: {reason}", data={"call": mine.call})


def no_call() -> Outcome:
    """She is in no call, and was in none lately."""
    return Outcome(ok=False, code="no_call", message="the agent is in no call, and left none in the last 15 minutes")
