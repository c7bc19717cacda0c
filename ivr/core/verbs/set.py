"""`set`: remember something for later."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.expression import Expression, Type
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input, LookedAround
from ivr.core.known import known_values, look_for
from ivr.core.shapes import Formula, Variable
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Id


class Set(Verb):
    """Sets variables from top to bottom; each sees those above it. They live as long as the call is in its flow."""

    summary: ClassVar[str] = "remember values under names, for `branch`, `say` and `lookup`"

    verb: Literal["set"]
    values: Annotated[dict[Variable, Formula], Field(min_length=1, max_length=20)]
    next: Id

    def enter(self, walk: Walk) -> Turn:
        """Set at once, or look first at what the expressions speak of."""
        look = look_for(self.values.values(), walk.flow)
        return self._set(walk, None) if look is None else Stay(walk=walk, effect=look)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Set."""
        return self._set(walk, heard if isinstance(heard, LookedAround) else None)

    def _set(self, walk: Walk, seen: LookedAround | None) -> Turn:
        values = known_values(walk, seen)
        for name, formula in self.values.items():
            values[name] = formula.value_in(values)
        kept = {**walk.variables, **{name: values[name] for name in self.values}}
        return Go(walk=dataclasses.replace(walk, variables=kept), to=self.next)

    def targets(self) -> dict[str, str]:
        """The next step."""
        return {"next": self.next}

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """The right sides."""
        for name, formula in self.values.items():
            yield ("values", name), formula, None

    def variables_set(self) -> Iterator[tuple[Path, str, Type | Expression]]:
        """The left sides."""
        for name, formula in self.values.items():
            yield ("values", name), name, formula
