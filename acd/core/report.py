"""Figures of a stretch of time, by queue and by the definition in force: one row each, one function a figure.

A council's definition has a date. A stay counts under the one in force when it began, so a definition that changes in
the middle of a report gives two rows instead of one that mixes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from acd.core import service_level as figures
from acd.core.agent_time import Times, occupancy, utilisation
from acd.core.episodes import Outcome, Stay
from kernel.agent import AgentWord
from kernel.figures import Definition

Row = dict[str, object]

#: The definition in force for a council's stay that began then (Unix seconds).
InForce = Callable[[str | None, float], Definition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is counted together."""

    queue: str
    council: str | None
    definition: Definition
    #: Begin of the interval, Unix seconds; None: the whole stretch.
    interval: float | None


def queue_rows(
    stays: Iterable[Stay], in_force: InForce, targets: Mapping[str, float], every_s: float | None = None
) -> list[Row]:
    """One row a queue, definition and interval, in that order. ``targets``: a queue's own service-level T, seconds."""
    parts: dict[Part, list[Stay]] = {}
    for stay in stays:
        step = None if every_s is None else round(every_s * 1000)
        interval = None if step is None else int(stay.entered * 1000 // step) * step / 1000
        definition = in_force(stay.council, stay.entered)
        part = Part(queue=stay.queue, council=stay.council, definition=definition, interval=interval)
        parts.setdefault(part, []).append(stay)
    order = sorted(parts, key=lambda one: (one.queue, one.definition.begins, one.interval or 0.0))
    return [_row(part, parts[part], targets) for part in order]


def _row(part: Part, stays: Sequence[Stay], targets: Mapping[str, float]) -> Row:
    target = part.definition.service_level_s
    t_s = targets.get(part.queue, Definition.SERVICE_LEVEL_S) if target is None else target
    t_ms, s_ms = round(t_s * 1000), round(part.definition.short_abandon_s * 1000)
    return {
        "queue": part.queue,
        "council": part.council,
        "interval": part.interval,
        "definition": part.definition.version,
        "service_level_s": t_s,
        "short_abandon_s": part.definition.short_abandon_s,
        "offered": figures.offered(stays),
        "moved_in": sum(stay.moved_in for stay in stays),
        "outcomes": {outcome.value: figures.count(stays, outcome) for outcome in Outcome},
        "answered": figures.answered(stays),
        "abandoned": figures.abandoned(stays),
        "short_abandoned": figures.short_abandoned(stays, s_ms),
        "other_exits": figures.other_exits(stays),
        "still_open": figures.still_open(stays),
        "service_level": {name: formula(stays, t_ms) for name, _what, formula in figures.SIDE_BY_SIDE},
        "service_level_without_short": figures.service_level_without_short(stays, t_ms, s_ms),
        "abandonment": figures.abandonment(stays),
        "abandonment_without_short": figures.abandonment_without_short(stays, s_ms),
        "asa_s": figures.average_speed_of_answer(stays),
        "longest_wait_s": figures.longest_wait(stays),
    }


def agent_rows(times: Mapping[str, Times], reasons: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """One row an agent: seconds by word and, of the pauses, by reason; together they are her time logged in (C27)."""
    return [
        {
            "agent": agent,
            "logged_in_s": round(sum(s for word, s in spent.items() if word is not AgentWord.OFFLINE), 3),
            "words_s": {word.value: round(seconds, 3) for word, seconds in sorted(spent.items())},
            "paused_s": {why: round(seconds, 3) for why, seconds in sorted(reasons.get(agent, {}).items())},
            "occupancy": occupancy(spent),
            "utilisation": utilisation(spent),
        }
        for agent, spent in sorted(times.items())
    ]
