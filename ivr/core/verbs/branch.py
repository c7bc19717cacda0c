"""`branch`: the first condition that holds gives the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ivr.core.expression import YES_NO, Expression, Type
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input, LookedAround
from ivr.core.known import known_values, look_for
from ivr.core.shapes import Formula
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Id


class Branch(Verb):
    """Conditions from top to bottom. One that depends on something nobody knows just now does not hold."""

    summary: ClassVar[str] = "the first condition that holds gives the way; else `otherwise`"

    verb: Literal["branch"]
    cases: Annotated[dict[Formula, Id], Field(min_length=1, max_length=20)]
    otherwise: Id

    def enter(self, walk: Walk) -> Turn:
        """Decide at once, or look first at what the conditions speak of."""
        look = look_for(self.cases, walk.flow)
        return self._decide(walk, None) if look is None else Stay(walk=walk, effect=look)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Decide."""
        return self._decide(walk, heard if isinstance(heard, LookedAround) else None)

    def _decide(self, walk: Walk, seen: LookedAround | None) -> Turn:
        values = known_values(walk, seen)
        for condition, step in self.cases.items():
            if condition.value_in(values) is True:
                return Go(walk=walk, to=step)
        return Go(walk=walk, to=self.otherwise)

    def targets(self) -> dict[str, str]:
        """Every case, and the way of none."""
        return {**{f"cases.{one.text}": step for one, step in self.cases.items()}, "otherwise": self.otherwise}

    def keeps_secrets(self) -> bool:
        """A decision tells nobody what it was made from."""
        return True

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """The conditions; each is yes or no."""
        for one in self.cases:
            yield ("cases", one.text), one, YES_NO
