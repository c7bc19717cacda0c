"""What every measurement is and gives: a name, a sentence, figures, and whether what must hold held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.progress import Progress

Figure = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of figures under headings; numbers are rounded when printed, not before."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Figure, ...], ...]


def figures_table(title: str, figures: Mapping[str, Figure]) -> Table:
    """A row a figure, under the name that programs read."""
    return Table(title=title, headings=("figure", "value"), rows=tuple(figures.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a measurement found."""

    tables: tuple[Table, ...]
    #: The one or two sentences a reader should take away, with what makes them doubtful.
    notes: tuple[str, ...]
    #: Figures for programs, by name with their unit: ``ratio_median``, ``wait_p95_ms``.
    figures: dict[str, Figure] = field(default_factory=dict)
    #: What must hold and did not; empty is success. Speed alone never stands here.
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One thing that can be measured. ``run`` takes ``quick`` (fewer samples) and where to say progress."""

    name: str
    #: One line for ``--help``.
    tells: str
    takes: str
    run: Callable[[bool, Progress], Result]
