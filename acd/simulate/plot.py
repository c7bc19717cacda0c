"""A picture of a day by half hour, as SVG: what was offered, waits, abandons, service level, occupancy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from acd.core import service_level as figures
from acd.core.episodes import Stay, by_interval
from acd.simulate.run import HALF_HOUR_S, Result

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 900, 150, 70, 40, 55
#: Told apart by people who see no red or green, and by dashes on paper (Okabe and Ito's palette).
_LINES = (("#0072b2", ""), ("#d55e00", "6 3"), ("#009e73", "2 3"))

Panel = tuple[str, Callable[[Sequence[Stay], int], float | None]]

_PANELS: tuple[Panel, ...] = (
    ("calls offered", lambda stays, _t: figures.offered(stays)),
    ("average speed of answer, s", lambda stays, _t: figures.average_speed_of_answer(stays)),
    ("abandoned, %", lambda stays, _t: _percent(figures.abandonment(stays))),
    ("service level, %", lambda stays, t: _percent(figures.service_level_negative(stays, t))),
)


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def plot(days: Sequence[tuple[str, Result]], service_level_s: float) -> str:
    """Draw each day as one line in each panel; half hours by arrival, service level "abandons negative"."""
    t_ms = round(service_level_s * 1000)
    halves = [(name, list(by_interval(result.stays, HALF_HOUR_S))) for name, result in days]
    moments = sorted({begin for _, parts in halves for begin, _ in parts}) or [0.0]
    height = _TOP + (len(_PANELS) + 1) * (_HEIGHT + _GAP)
    size = f'width="{_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect {size} fill="white"/>',
    ]
    for index, (name, _) in enumerate(halves):
        colour, dash = _LINES[index % len(_LINES)]
        x = _LEFT + index * 220
        parts.append(_path([(x, 14.0), (x + 30, 14.0)], colour, dash))
        parts.append(f'<text x="{x + 36}" y="18">{escape(name)}</text>')
    for index, (title, figure) in enumerate(_PANELS):
        lines = [[(begin, figure(stays, t_ms)) for begin, stays in each] for _, each in halves]
        parts += _panel(title, lines, moments, _TOP + index * (_HEIGHT + _GAP))
    busy = [[(t, _percent(share)) for t, share in result.occupancy_by_half_hour] for _, result in days]
    parts += _panel("occupancy, %", busy, moments, _TOP + len(_PANELS) * (_HEIGHT + _GAP))
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    title: str, lines: Sequence[Sequence[tuple[float, float | None]]], moments: Sequence[float], top: int
) -> list[str]:
    values = [value for line in lines for _, value in line if value is not None]
    most = max(values, default=0.0) or 1.0
    first, last = moments[0], max(moments[-1], moments[0] + HALF_HOUR_S)
    wide, bottom = _WIDTH - _LEFT - 20, top + 20 + _HEIGHT - 20

    def place(t: float, value: float) -> tuple[float, float]:
        return _LEFT + (t - first) / (last - first) * wide, bottom - value / most * (_HEIGHT - 20)

    parts = [f'<text x="{_LEFT}" y="{top + 12}" font-weight="bold">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = place(first, most * share)[1]
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + wide}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:.4g}</text>')
    for t in moments[:: max(1, len(moments) // 12)]:
        hour, minute = divmod(int(t) // 60 % 1440, 60)
        x = place(t, 0.0)[0]
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{hour:02}:{minute:02}</text>')
    for index, line in enumerate(lines):
        colour, dash = _LINES[index % len(_LINES)]
        parts.append(
            _path([place(t, value) for t, value in line if value is not None and first <= t <= last], colour, dash)
        )
    return parts


def _path(points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
