"""Who worked for whom: minutes that councils lent each other, for recharge. Read from the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from acd.core.invariants_lines import FactLine
from kernel.agent import AgentWord


@dataclass(slots=True, kw_only=True)
class Lent:
    """What agents of one council did for the callers of one council. Times in seconds."""

    calls: int = 0
    #: Joined, hold included: from ``answer`` to ``leave``.
    talk_s: float = 0.0
    #: From ``leave`` until the agent's next word that is not wrap-up.
    wrap_up_s: float = 0.0


#: (the agents' council, the callers' council) -> what was done.
Account = Mapping[tuple[str, str], Lent]

_UNKNOWN = "unknown"


class Recharge:
    """Reads facts line by line."""

    def __init__(self) -> None:
        self._employs: dict[str, str] = {}
        self._council: dict[str, str] = {}
        self._joined: dict[tuple[str, str], float] = {}
        self._wraps: dict[str, tuple[float, tuple[str, str]]] = {}
        self._account: dict[tuple[str, str], Lent] = {}

    def read(self, fields: Mapping[str, object]) -> None:
        """Take the next line in. Raises ``BadInput`` for a line that is not a fact."""
        line = FactLine(number=0, fields=fields)
        match line.ev:
            case "export":
                for one in line.snapshot():
                    self._agent(one)
            case "agent":
                self._agent(line)
            case "call" | "arrive" if line.has("council"):
                self._council[line.text("call")] = line.text("council")
            case "answer":
                self._joined[line.text("call"), line.text("agent")] = line.t
                self._of(line).calls += 1
            case "leave":
                began = self._joined.pop((line.text("call"), line.text("agent")), None)
                if began is not None:
                    self._of(line).talk_s += max(0.0, line.t - began)
                    self._wraps[line.text("agent")] = (line.t, self._key(line))

    def _agent(self, line: FactLine) -> None:
        agent = line.text("agent")
        if line.has("council"):
            self._employs[agent] = line.text("council")
        if agent in self._wraps and line.agent_state() not in {None, AgentWord.WRAP_UP}:
            since, key = self._wraps.pop(agent)
            self._account[key].wrap_up_s += max(0.0, line.t - since)

    def _key(self, line: FactLine) -> tuple[str, str]:
        lender = self._employs.get(line.text("agent"), _UNKNOWN)
        return lender, self._council.get(line.text("call"), _UNKNOWN)

    def _of(self, line: FactLine) -> Lent:
        return self._account.setdefault(self._key(line), Lent())

    def account(self) -> Account:
        """What was done up to the last line, by lender and borrower; a council for itself included."""
        return dict(sorted(self._account.items()))


def recharge(lines: Iterable[Mapping[str, object]]) -> Account:
    """Account for the lines of an export: who worked for whom."""
    read = Recharge()
    for line in lines:
        read.read(line)
    return read.account()
