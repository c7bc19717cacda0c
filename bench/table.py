"""Tables as Markdown: readable in a terminal, and pasted into docs/performance.md as they are."""

from __future__ import annotations

from bench.measurement import Figure, Result, Table


def as_text(table: Table) -> str:
    """The table with columns of even width."""
    cells = [table.headings, *[tuple(_cell(figure) for figure in row) for row in table.rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.headings))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([table.title, "", *lines])


def report(result: Result) -> str:
    """Everything a person should read of a result."""
    parts = [as_text(table) for table in result.tables]
    parts += ["\n".join(result.notes)] if result.notes else []
    parts += [f"FAILED: {failure}" for failure in result.failures]
    return "\n\n".join(parts)


def _cell(figure: Figure) -> str:
    if figure is None:
        return "–"
    if isinstance(figure, float):
        return f"{figure:.2f}" if abs(figure) < 100 else f"{figure:.0f}"  # noqa: PLR2004 - three figures are enough
    return str(figure)
