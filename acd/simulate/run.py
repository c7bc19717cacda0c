"""One simulated day from its file's model to facts and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from acd.core import service_level as figures
from acd.core.agent_time import AgentTime, occupancy, total
from acd.core.episodes import Stay, Stays
from acd.simulate.day import Day
from acd.simulate.exchange import Exchange
from acd.simulate.people import plain_queues
from kernel.facts import Fact, as_line
from kernel.facts_waiting import EstimateScored
from kernel.ids import QueueId
from kernel.queues import Queue

#: Abandons below this are short, seconds. Stated wherever a figure uses it.
SHORT_S = 5.0
HALF_HOUR_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueResult:
    """What it came to in one queue; ``service_level`` is "abandons negative" within the queue's own target."""

    queue: str
    target_s: float
    offered: int
    answered: int
    abandoned: int
    other_exits: int
    asa_s: float | None
    longest_wait_s: float | None
    service_level: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a simulated day came to. Shares from 0 to 1, times in seconds; None where there is nothing to divide by."""

    stays: tuple[Stay, ...]
    #: Calls of the day. ``offered`` counts stays in queues: a call that overflows is offered twice.
    calls: int
    offered: int
    answered: int
    abandoned: int
    short_abandoned: int
    other_exits: int
    abandonment: float | None
    asa_s: float | None
    longest_wait_s: float | None
    #: By the names of ``service_level.SIDE_BY_SIDE``.
    service_level: Mapping[str, float | None]
    occupancy: float | None
    #: (begin of the half hour, occupancy in it).
    occupancy_by_half_hour: tuple[tuple[float, float | None], ...]
    queues: tuple[QueueResult, ...]
    #: How each stay ended, by the words of the facts.
    outcomes: Mapping[str, int]
    #: Expected waits that callers were told, and that came true or did not.
    waits_right: int = 0
    waits_wrong: int = 0


def simulate(  # noqa: PLR0913 - all but two have defaults that hold for a plain day
    day: Day,
    *,
    write: Callable[[Mapping[str, object]], None],
    queues: Sequence[Queue] | None = None,
    service_level_s: float = 20.0,
    seed: int = 0,
    arrived: Callable[[int], None] = lambda _count: None,
) -> Result:
    """Play ``day`` through the distributor's core in virtual time; ``write`` gets each line of the facts, in order.

    ``queues``: their policies; without them longest idle, priority then age, no shares, floors or limits.
    """
    policies = plain_queues(day, service_level_s) if queues is None else queues
    stays, times, last = Stays(), AgentTime(HALF_HOUR_S), 0.0
    scored: Counter[object] = Counter()

    def publish(fact: Fact) -> None:
        nonlocal last
        line = as_line(fact)
        last = fact.t
        stays.read(line)
        times.read(line)
        if fact.ev == EstimateScored.ev:
            scored[line.get("right")] += 1
        write(line)

    Exchange(day, queues=policies, publish=publish, seed=seed).run(arrived)
    targets = {queue.id: queue.service_level_s for queue in policies}
    result = _result(tuple(stays.all), times, last, round(service_level_s * 1000), targets)
    return replace(result, waits_right=scored[True], waits_wrong=scored[False])


def _by_queue(stays: Sequence[Stay], targets: Mapping[QueueId, float]) -> Iterator[QueueResult]:
    parts: dict[str, list[Stay]] = {}
    for stay in stays:
        parts.setdefault(stay.queue, []).append(stay)
    for queue, own in sorted(parts.items()):
        target_s = targets[QueueId(queue)]
        yield QueueResult(
            queue=queue,
            target_s=target_s,
            offered=figures.offered(own),
            answered=figures.answered(own),
            abandoned=figures.abandoned(own),
            other_exits=figures.other_exits(own) + figures.still_open(own),
            asa_s=figures.average_speed_of_answer(own),
            longest_wait_s=figures.longest_wait(own),
            service_level=figures.service_level_negative(own, round(target_s * 1000)),
        )


def _result(
    stays: tuple[Stay, ...], times: AgentTime, last: float, t_ms: int, targets: Mapping[QueueId, float]
) -> Result:
    return Result(
        stays=stays,
        calls=sum(not stay.moved_in for stay in stays),
        offered=figures.offered(stays),
        answered=figures.answered(stays),
        abandoned=figures.abandoned(stays),
        short_abandoned=figures.short_abandoned(stays, round(SHORT_S * 1000)),
        other_exits=figures.other_exits(stays) + figures.still_open(stays),
        abandonment=figures.abandonment(stays),
        asa_s=figures.average_speed_of_answer(stays),
        longest_wait_s=figures.longest_wait(stays),
        service_level={name: formula(stays, t_ms) for name, _what, formula in figures.SIDE_BY_SIDE},
        occupancy=occupancy(total(times.times(last).values())),
        queues=tuple(_by_queue(stays, targets)),
        outcomes=dict(sorted(Counter(stay.outcome.value for stay in stays).items())),
        occupancy_by_half_hour=tuple((begin, occupancy(part)) for begin, part in times.by_interval()),
    )
