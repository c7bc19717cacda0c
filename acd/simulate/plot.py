"""A picture of a day by half hour, as SVG: what was offered, waits, abandons, service level, occupancy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from acd.core import service_level as figures
from acd.core.episodes import Stay, by_interval
from acd.simulate.run import HALF_HOUR_S, Result

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 900, 150, 70, 40, 55
#: Told apart by people who see no red or green, and by dashes on paper (Okabe and Ito's palette).
_LINES = (("#0072b2", ""), ("#d55e00", "6 3"), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3"))

#: What it shows; of the stays of a half hour; the top of its axis where that is always the same.
Panel = tuple[str, Callable[[Sequence[Stay], int], float | None], float | None]

_PANELS: tuple[Panel, ...] = (
    ("calls offered, by half hour of arrival", lambda stays, _t: figures.offered(stays), None),
    ("average speed of answer, s", lambda stays, _t: figures.average_speed_of_answer(stays), None),
    ("abandoned, %", lambda stays, _t: _percent(figures.abandonment(stays)), None),
    (
        "service level in {t:g} s, every abandon a failure, %",
        lambda stays, t: _percent(figures.service_level_negative(stays, t)),
        100.0,
    ),
)
#: What the top of an axis is rounded up to, times a power of ten.
_ROUND = (1.0, 2.0, 4.0, 5.0, 10.0)
_DAY_S = 86_400.0
#: Seconds between the times below an axis, the narrowest that leaves room.
_STEPS = (1800.0, 3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0, _DAY_S)
_MOST_TICKS = 14


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def plot(days: Sequence[tuple[str, Result]], service_level_s: float) -> str:
    """Draw each day as one line in each panel; half hours by arrival, service level "abandons negative"."""
    t_ms = round(service_level_s * 1000)
    halves = [(name, list(by_interval(result.stays, HALF_HOUR_S))) for name, result in days]
    moments = sorted({begin for _, parts in halves for begin, _ in parts}) or [0.0]
    # A line each: a what-if can be long.
    begin = _TOP + 20 * (len(days) - 1)
    height = begin + (len(_PANELS) + 1) * (_HEIGHT + _GAP)
    size = f'width="{_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect {size} fill="white"/>',
    ]
    for index, (name, _) in enumerate(halves):
        colour, dash = _LINES[index % len(_LINES)]
        y = 14.0 + 20 * index
        parts.append(_path([(_LEFT, y), (_LEFT + 30, y)], colour, dash))
        parts.append(f'<text x="{_LEFT + 36}" y="{y + 4:g}">{escape(name)}</text>')
    for index, (title, figure, most) in enumerate(_PANELS):
        lines = [[(moment, figure(stays, t_ms)) for moment, stays in each] for _, each in halves]
        named = title.format(t=service_level_s)
        parts += _panel(named, lines, moments, (begin + index * (_HEIGHT + _GAP), most))
    busy = [[(t, _percent(share)) for t, share in result.occupancy_by_half_hour] for _, result in days]
    parts += _panel("occupancy, %", busy, moments, (begin + len(_PANELS) * (_HEIGHT + _GAP), 100.0))
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    title: str,
    lines: Sequence[Sequence[tuple[float, float | None]]],
    moments: Sequence[float],
    where: tuple[int, float | None],
) -> list[str]:
    """``where``: the panel's top, and that of its axis where it is fixed."""
    top, fixed = where
    values = [value for line in lines for _, value in line if value is not None]
    most = fixed or _rounded(max(values, default=0.0))
    first, last = moments[0], max(moments[-1], moments[0] + HALF_HOUR_S)
    wide, bottom = _WIDTH - _LEFT - 20, top + 20 + _HEIGHT - 20

    def place(t: float, value: float) -> tuple[float, float]:
        return _LEFT + (t - first) / (last - first) * wide, bottom - value / most * (_HEIGHT - 20)

    parts = [f'<text x="{_LEFT}" y="{top + 12}" font-weight="bold">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = place(first, most * share)[1]
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + wide}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:.4g}</text>')
    for t in _ticks(first, last):
        x = place(t, 0.0)[0]
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{_time(t)}</text>')
    for index, line in enumerate(lines):
        colour, dash = _LINES[index % len(_LINES)]
        for stretch in _stretches([(t, value) for t, value in line if first <= t <= last]):
            points = [place(t, value) for t, value in stretch]
            parts.append(_path(points, colour, dash))
            # A line through one point alone, as on a day of one half hour, cannot be seen.
            parts += (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)
    return parts


def _ticks(first: float, last: float) -> list[float]:
    """Where times stand below an axis: at round ones, and as many as can be read beside one another."""
    step = next((step for step in _STEPS if (last - first) / step <= _MOST_TICKS), None)
    if step is None:
        step = math.ceil((last - first) / _DAY_S / _MOST_TICKS) * _DAY_S
    at = math.ceil(first / step) * step
    return [at + number * step for number in range(int((last - at) // step) + 1)]


def _time(t: float) -> str:
    """The time of day; at midnight, which day of the file begins."""
    day, second = divmod(round(t), round(_DAY_S))
    if day and not second:
        return f"day {day + 1}"
    return f"{second // 3600:02}:{second // 60 % 60:02}"


def _stretches(line: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """A line without what is not known: one across a night would tell of waits that nobody had."""
    found: list[list[tuple[float, float]]] = []
    before = -math.inf
    for t, value in line:
        if value is not None:
            if t - before > HALF_HOUR_S:
                found.append([])
            found[-1].append((t, value))
            before = t
    return found


def _rounded(most: float) -> float:
    """The top of an axis: a number that people read at a glance."""
    if most <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(one * power for one in _ROUND if most <= one * power)


def _path(points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
