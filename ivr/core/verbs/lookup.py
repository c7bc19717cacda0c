"""`lookup`: find something out by a key, in a table of the repository or from a service."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from ivr.core.effects import AskService
from ivr.core.expression import TEXT, Expression, Type
from ivr.core.flow import Path, Verb
from ivr.core.inputs import Input, LookedAround, LookedUp, NothingFound
from ivr.core.known import known_values, look_for
from ivr.core.shapes import Formula, Variable
from ivr.core.walk import Go, Stay, Turn, Walk
from kernel.schema import Id

#: A field's text goes into variables; a service that answers more is cut short.
MAX_FIELD = 200

Field_ = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Lookup(Verb):
    """Looks a key up in `tables.yaml`, or asks a service of `tenant.yaml`; its fields become variables (texts).

    A service that does not answer within its time, or that nothing here can ask, is `failed`.
    """

    summary: ClassVar[str] = "look a key up in a table of the council, or in one of its services"

    verb: Literal["lookup"]
    key: Formula
    table: Id | None = None
    service: Id | None = None
    values: Annotated[dict[Variable, Field_], Field(max_length=20)] = Field(default_factory=dict)
    next: Id
    not_found: Id
    failed: Id | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Lookup:
        if (self.table is None) == (self.service is None):
            raise ValueError("give exactly one of 'table' and 'service'")
        if (self.service is None) != (self.failed is None):
            raise ValueError("'failed' goes with 'service': what a table holds is always there")
        return self

    def enter(self, walk: Walk) -> Turn:
        """Look up, or look first at what the key speaks of."""
        look = look_for([self.key], walk.flow)
        return self._find(walk, None) if look is None else Stay(walk=walk, effect=look)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Take what was found."""
        if isinstance(heard, LookedAround):
            return self._find(walk, heard)
        if isinstance(heard, LookedUp):
            return self._found(walk, heard.fields)
        return Go(walk=walk, to=self.not_found if isinstance(heard, NothingFound) else self.failed or self.not_found)

    def _find(self, walk: Walk, seen: LookedAround | None) -> Turn:
        key = self.key.value_in(known_values(walk, seen))
        if key is None:
            return Go(walk=walk, to=self.not_found)
        if self.service is not None:
            return Stay(walk=walk, effect=AskService(service=self.service, key=str(key)))
        row = walk.flow.tables[self.table or ""].get(str(key))
        return Go(walk=walk, to=self.not_found) if row is None else self._found(walk, row)

    def _found(self, walk: Walk, fields: Mapping[str, str]) -> Turn:
        texts = {name: fields[field][:MAX_FIELD] if field in fields else None for name, field in self.values.items()}
        return Go(walk=dataclasses.replace(walk, variables={**walk.variables, **texts}), to=self.next)

    def targets(self) -> dict[str, str]:
        """Found, not found, failed."""
        ways = {"next": self.next, "not_found": self.not_found}
        return ways if self.failed is None else {**ways, "failed": self.failed}

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """The table or the service."""
        if self.table is not None:
            yield "table", ("table",), self.table
        if self.service is not None:
            yield "service", ("service",), self.service

    def keeps_secrets(self) -> bool:
        """A table is inside; a service is not."""
        return self.table is not None

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """The key; of any type, it is written as text."""
        yield ("key",), self.key, None

    def variables_set(self) -> Iterator[tuple[Path, str, Type | Expression]]:
        """The fields, as texts."""
        for name in self.values:
            yield ("values", name), name, TEXT
