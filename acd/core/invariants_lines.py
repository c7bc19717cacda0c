"""One line of a facts export, read with its types checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.agent import AgentWord
from kernel.errors import BadInput
from kernel.skill import Skills


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A line and its number, from 1. Every reader raises ``BadInput`` that names line, kind and field."""

    number: int
    fields: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(name) is not None

    @property
    def ev(self) -> str:
        """The kind of fact."""
        return self.text("ev")

    @property
    def t(self) -> float:
        """When it happened, seconds; the ``export`` line may leave it to ``from``."""
        return self.amount("t" if self.has("t") else "from")

    def text(self, name: str) -> str:
        """Read a text that must be there."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self._bad(name, "a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Read a text that may be absent."""
        return self.text(name) if self.has(name) else None

    def amount(self, name: str) -> float:
        """Read a number that must be there."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(name, "a number")
        return float(value)

    def words(self, name: str) -> frozenset[str]:
        """Read a list of texts."""
        value = self.fields.get(name)
        if not isinstance(value, list | tuple | set | frozenset):
            raise self._bad(name, "a list")
        return frozenset(str(word) for word in value)

    def skills(self, name: str = "skills") -> Skills:
        """Read skills with their levels; absent means none."""
        value = self.fields.get(name, {})
        if not isinstance(value, Mapping):
            raise self._bad(name, "an object of skill: level")
        return {str(skill): int(level) for skill, level in value.items()}

    def agent_state(self) -> AgentWord | None:
        """Read an agent's state; None when the line tells none."""
        if not self.has("state"):
            return None
        try:
            return AgentWord(self.text("state"))
        except ValueError:
            raise self._bad("state", "one of: " + ", ".join(AgentWord)) from None

    def snapshot(self) -> list[FactLine]:
        """Read the agents of an ``export`` line: a list of objects, or an object by agent."""
        agents = self.fields.get("agents") or []
        if isinstance(agents, Mapping):
            agents = [{"agent": name} | dict(told) for name, told in agents.items()]
        if not isinstance(agents, list) or not all(isinstance(one, Mapping) for one in agents):
            raise self._bad("agents", "a list of objects")
        return [FactLine(number=self.number, fields={"t": self.t, "ev": "agent", **one}) for one in agents]

    def _bad(self, name: str, wanted: str) -> BadInput:
        return BadInput("bad_fact", f"line {self.number}: {self.fields.get('ev')}: {name} must be {wanted}")
