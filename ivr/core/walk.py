"""One caller's way through a flow: where she is, what she typed ahead, what went wrong so far."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.core.effects import Effect, Enqueue
from ivr.core.expression import Value
from ivr.core.flow import Flow
from kernel.ids import QueueId
from kernel.needs import Need

#: A relay assistant types what she hears and reads out what is typed back: minutes, not seconds. She is listened to as
#: long as a listening may last, and a silence is no answer; so many of them, half an hour, end even that at a person.
RELAY_LISTEN_S, RELAY_SILENCES = 30.0, 60
#: Who needs more time is listened to twice as long: judgement, not measured on callers. Then the choices come again.
MORE_TIME_TIMES = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The flow that called a piece, and the step it goes on at."""

    flow: Flow
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The state of one call in a flow. It holds its flow, so a call ends on the version it began with."""

    flow: Flow
    language: str
    #: Name of the step the caller is in; empty before the first.
    at: str = ""
    #: Keys typed ahead that no menu has used yet.
    keys: str = field(default="", repr=False)
    #: Times this step got no key, or a wrong one.
    silences: int = 0
    misses: int = 0
    #: Playbacks that failed in a row.
    failures: int = 0
    #: Steps entered so far.
    entered: int = 0
    done: bool = False
    #: The council's number that was dialled.
    number: str = ""
    #: What the flow knows; what the caller typed is among it.
    variables: Mapping[str, Value] = field(default_factory=dict, repr=False)
    #: Digits of the step under way.
    digits: str = field(default="", repr=False)
    #: What the steering step under way asked about: a question's word and the intents it names.
    asked: tuple[str, ...] = ()
    #: The least priority of this call: what was said made it urgent.
    at_least: int = 0
    #: What is known of this caller's needs, by her own word, an agent's or her registered number (``kernel/needs.py``).
    needs: frozenset[Need] = frozenset()
    #: To be told with the next effects.
    notes: tuple[Effect, ...] = ()
    #: The flows that called this one, innermost last.
    frames: tuple[Frame, ...] = ()
    #: A relay assistant speaks for a caller who types (Relay UK).
    relay: bool = False

    def patience(self, seconds: float) -> float:
        """How long to listen where a step says ``seconds``."""
        if self.relay:
            return RELAY_LISTEN_S
        return min(RELAY_LISTEN_S, seconds * MORE_TIME_TIMES) if Need.MORE_TIME in self.needs else seconds

    def tired(self, silences: int, tries: int) -> bool:
        """Whether so many silences are an answer where a step allows ``tries``."""
        return silences >= (RELAY_SILENCES if self.relay else tries)

    def without_first_key(self) -> Walk:
        """The same with the first key typed ahead used up."""
        return dataclasses.replace(self, keys=self.keys[1:])

    def enqueue(self, queue: QueueId, *, priority: int | None = None, language: str | None = None) -> Enqueue:
        """The effect that leaves the caller in ``queue`` under its policy."""
        policy = self.flow.queues[queue]
        return Enqueue(
            queue=queue,
            priority=max(self.at_least, policy.priority if priority is None else priority),
            skills=policy.skills,
            language=language or self.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Do this, and bring what comes of it back to the same step."""

    walk: Walk
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """On to another step."""

    walk: Walk
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Do this; the flow is over."""

    walk: Walk
    effect: Effect


Turn = Stay | Go | End
