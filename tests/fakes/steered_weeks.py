"""Weeks of steered calls, made up: facts as the engine tells them, for the review and its tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernel.facts import CallBegan, ContactAnswered, ContactArrived, ContactEnded, ContactTransferred, Fact, ReasonGiven
from kernel.facts_steering import CallSteered
from kernel.ids import AgentId, ContactId, QueueId, TenantId

NIA = AgentId("northmere-a001")
NORTHMERE = TenantId("northmere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call: what steering said of it, where it went, where it was sent on to, what its agent said."""

    ways: Sequence[tuple[str, str | None]] = (("straight", "missed_bin"),)
    sure: float = 0.9
    queue: str = "northmere.waste"
    answered: bool = True
    moved: str | None = None
    reason: str | None = None


def call_facts(told: Told, t: float, number: int = 1) -> Iterator[Fact]:
    """Its facts, in order, from ``t`` on."""
    call = ContactId(f"c{t:.0f}-{number}")
    yield CallBegan(t=t, call=call, council=NORTHMERE, number="03069990008")
    for at, (way, intent) in enumerate(told.ways):
        yield CallSteered(
            t=t + 5 * at,
            call=call,
            flow="steering",
            step="ask",
            intent=intent,
            sure=told.sure,
            way=way,
            urgency="none",
        )
    queue = QueueId(told.queue)
    yield ContactArrived(t=t + 20, call=call, queue=queue, priority=0, skills={}, council=NORTHMERE)
    if told.answered:
        yield ContactAnswered(t=t + 30, call=call, agent=NIA)
    if told.moved is not None:
        yield ContactTransferred(t=t + 60, call=call, queue=QueueId(told.moved))
    if told.reason is not None:
        yield ReasonGiven(t=t + 90, call=call, agent=NIA, reason=told.reason)
    yield ContactEnded(t=t + 95, call=call, why="completed" if told.answered else "abandoned")
