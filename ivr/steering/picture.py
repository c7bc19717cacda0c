"""The confusion matrix as a picture (SVG), readable by eye and by screen reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

_CELL, _LEFT, _TOP = 26, 170, 150
_OUT = "out of scope"
#: Right is green, wrong is red; the number in the cell says it without colour (WCAG 1.4.1).
_RIGHT, _WRONG = "#1a7f37", "#b42318"


def confusion_svg(labels: Sequence[str], table: Sequence[Sequence[int]], title: str) -> str:
    """Rows are what was meant, columns what was understood."""
    names = [label or _OUT for label in labels]
    width, height = _LEFT + _CELL * len(names) + 20, _TOP + _CELL * len(names) + 40
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            "<style>text { font: 12px sans-serif }</style>",
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="10" y="18">{escape(title)}</text>',
            '<text x="10" y="36">rows: what was meant; columns: what was understood</text>',
            *_names(names),
            *_cells(names, table),
            "</svg>",
            "",
        ]
    )


def _names(names: Sequence[str]) -> Iterator[str]:
    for at, name in enumerate(names):
        middle = _CELL * at + _CELL // 2
        yield f'<text x="{_LEFT - 6}" y="{_TOP + middle + 4}" text-anchor="end">{escape(name)}</text>'
        x, y = _LEFT + middle + 4, _TOP - 6
        yield f'<text x="{x}" y="{y}" transform="rotate(-60 {x} {y})">{escape(name)}</text>'


def _cells(names: Sequence[str], table: Sequence[Sequence[int]]) -> Iterator[str]:
    for row, counts in enumerate(table):
        total = sum(counts)
        for column, count in enumerate(counts):
            x, y = _LEFT + _CELL * column, _TOP + _CELL * row
            colour = _RIGHT if row == column else _WRONG
            depth = 0.15 + 0.55 * count / total if count else 0.0
            yield (
                f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" stroke="#bbb" fill="{colour}"'
                f' fill-opacity="{depth:.2f}">'
                f"<title>{escape(names[row])} understood as {escape(names[column])}: {count}</title></rect>"
            )
            if count:
                yield f'<text x="{x + _CELL / 2}" y="{y + 17}" text-anchor="middle">{count}</text>'
