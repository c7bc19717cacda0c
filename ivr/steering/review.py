"""Each steered call, scored by where it ended: what was understood, what it was about, and how we know.

Theory of operation. What was understood is the last word of steering (`steer` facts). What the call was about is, in
this order: the agent's own word (`reason`); the queue an agent sent it on to, when one intent alone leads there; the
queue it went to, when somebody answered it and nobody sent it on: then we take it that steering, or the caller's key,
was right. A call that nobody answered tells nothing, nor does one that an agent handed to a certain colleague. A move
before the answer is an overflow, and no mistake of steering.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kernel.ids import ContactId, QueueId, TenantId
from kernel.steering import NO_INTENT

#: What stands for "none of the intents", as in the files steering is judged by.
NONE = ""
#: Words of steering after which the call went where an intent leads.
_HURRIED = frozenset({"urgent", "danger"})
_WENT = frozenset({"straight", "confirmed", "chosen"}) | _HURRIED
_DOUBTS = frozenset({"question", "choice", "again"})

Facts = Sequence[Mapping[str, Any]]
#: Intent -> the queue it leads to.
Leads = Mapping[str, QueueId]


class Known(StrEnum):
    """How we know what a call was about."""

    #: The agent said it.
    REASON = "reason"
    #: An agent sent it on, and one intent alone leads there.
    MOVED = "moved"
    #: It was answered where it went, and nobody sent it on.
    STAYED = "stayed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One steered call."""

    call: ContactId
    council: TenantId
    #: Unix seconds: when steering first said something.
    t: float
    #: ``NONE``: not understood, so the menu. None: there was nothing to understand (keys, silence, a person asked for).
    understood: str | None
    sure: float
    #: Steering asked a question or asked again.
    unsure: bool
    #: What it was about; ``NONE``: none of the intents. None: nobody can tell.
    about: str | None
    known: Known
    #: It went to a queue and belonged to another. None: nobody can tell.
    misrouted: bool | None


def score(facts: Facts, leads: Leads) -> Scored | None:
    """The facts of one call, in order, of one council; None when it was never steered or its council is not told."""
    steered = [one for one in facts if one["ev"] == "steer"]
    council = next((one["council"] for one in facts if one.get("council")), None)
    if not steered or council is None:
        return None
    last, way = steered[-1], _way(facts)
    understood = _understood(steered, way, leads)
    about, known = _about(facts, understood, way, leads)
    return Scored(
        call=ContactId(str(last["call"])),
        council=TenantId(str(council)),
        t=float(steered[0]["t"]),
        understood=understood,
        sure=float(last["sure"]),
        unsure=any(one["way"] in _DOUBTS for one in steered),
        about=about,
        known=known,
        misrouted=_misrouted(understood, about, known, way, leads),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The queue it first came to, the one an agent sent it on to last, and whether anybody answered."""

    home: QueueId | None = None
    final: QueueId | None = None
    answered: bool = False

    @property
    def moved(self) -> bool:
        """An agent sent it on to another queue."""
        return self.final not in {None, self.home}


def _understood(steered: Facts, way: _Way, leads: Leads) -> str | None:
    last = steered[-1]
    if last["way"] in _HURRIED and way.home is not None and leads.get(str(last.get("intent"))) != way.home:
        # Haste alone led her: the likeliest intent was not sure enough to be followed, and teaches nothing.
        return None
    if last["way"] in _WENT and last.get("intent"):
        return str(last["intent"])
    tried = any(one.get("intent") or one["way"] in _DOUBTS for one in steered)
    return NONE if last["way"] == "menu" and tried else None


def _way(facts: Facts) -> _Way:
    way = _Way()
    for one in facts:
        queue = QueueId(str(one["queue"])) if one.get("queue") else None
        if one["ev"] == "arrive" and way.home is None:
            way = _Way(home=queue, final=queue)
        elif one["ev"] == "answer":
            way = replace(way, answered=True)
        elif one["ev"] == "transfer" and way.answered:
            way = replace(way, final=queue)
    return way


def _about(facts: Facts, understood: str | None, way: _Way, leads: Leads) -> tuple[str | None, Known]:
    told = [str(one["reason"]) for one in facts if one["ev"] == "reason"]
    if told:
        return (NONE if told[-1] == NO_INTENT else told[-1]), Known.REASON
    if not way.answered or way.final is None:
        return None, Known.UNKNOWN
    known = Known.MOVED if way.moved else Known.STAYED
    if understood and leads.get(understood) == way.final:
        return understood, known
    there = [intent for intent, queue in leads.items() if queue == way.final]
    return (there[0], known) if len(there) == 1 else (None, Known.UNKNOWN)


def _misrouted(understood: str | None, about: str | None, known: Known, way: _Way, leads: Leads) -> bool | None:
    if not understood:
        return None
    if known is Known.REASON:
        return about == NONE or leads.get(str(about)) != leads.get(understood)
    if not way.answered or way.final is None:
        return None
    return way.moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of a stretch of time."""

    #: Calls with something to understand: those who pressed keys or said nothing are not among them.
    calls: int = 0
    refused: int = 0
    unsure: int = 0
    #: Those of which somebody can tell whether they were misrouted.
    routed: int = 0
    misrouted: int = 0


def counted(scored: Iterable[Scored]) -> Counts:
    """Count them."""
    spoken = [one for one in scored if one.understood is not None]
    routed = [one for one in spoken if one.misrouted is not None]
    return Counts(
        calls=len(spoken),
        refused=sum(one.understood == NONE for one in spoken),
        unsure=sum(one.unsure for one in spoken),
        routed=len(routed),
        misrouted=sum(bool(one.misrouted) for one in routed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Rows: what calls were about; columns: what was understood. The last label is ``NONE``."""

    labels: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]

    @property
    def calls(self) -> int:
        """How many there are in it."""
        return sum(map(sum, self.table))

    @property
    def right(self) -> int:
        """How many were understood."""
        return sum(row[at] for at, row in enumerate(self.table))

    def mistakes(self) -> list[tuple[str, str, int]]:
        """What it was about, what was understood, how often; the most frequent first."""
        found = [
            (self.labels[row], self.labels[column], count)
            for row, counts in enumerate(self.table)
            for column, count in enumerate(counts)
            if row != column and count
        ]
        return sorted(found, key=lambda one: (-one[2], one[0], one[1]))


def matrix(scored: Iterable[Scored]) -> Matrix:
    """The confusion matrix of calls whose matter is known."""
    pairs = Counter(
        (one.about, one.understood) for one in scored if one.about is not None and one.understood is not None
    )
    labels = (*sorted({str(name) for pair in pairs for name in pair} - {NONE}), NONE)
    table = tuple(tuple(pairs[about, understood] for understood in labels) for about in labels)
    return Matrix(labels=labels, table=table)
