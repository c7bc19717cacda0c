"""One simulated day from its file's model to facts and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acd.core import service_level as figures
from acd.core.agent_time import AgentTime, occupancy, total
from acd.core.episodes import Stay, Stays
from acd.simulate.day import Day
from acd.simulate.exchange import Exchange
from kernel.facts import Fact, as_line

#: Abandons below this are short, seconds. Stated wherever a figure uses it.
SHORT_S = 5.0
HALF_HOUR_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a simulated day came to. Shares from 0 to 1, times in seconds; None where there is nothing to divide by."""

    stays: tuple[Stay, ...]
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


def simulate(
    day: Day,
    *,
    write: Callable[[Mapping[str, object]], None],
    service_level_s: float = 20.0,
    seed: int = 0,
    arrived: Callable[[int], None] = lambda _count: None,
) -> Result:
    """Play ``day`` through the distributor's core in virtual time; ``write`` gets each line of the facts, in order."""
    stays, times, last = Stays(), AgentTime(HALF_HOUR_S), 0.0

    def publish(fact: Fact) -> None:
        nonlocal last
        line = as_line(fact)
        last = fact.t
        stays.read(line)
        times.read(line)
        write(line)

    Exchange(day, publish=publish, service_level_s=service_level_s, seed=seed).run(arrived)
    return _result(tuple(stays.all), times, last, round(service_level_s * 1000))


def _result(stays: tuple[Stay, ...], times: AgentTime, last: float, t_ms: int) -> Result:
    return Result(
        stays=stays,
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
        occupancy_by_half_hour=tuple((begin, occupancy(part)) for begin, part in times.by_interval()),
    )
