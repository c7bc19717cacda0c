"""How long agents stood in each word, and the shares that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.core.invariants_lines import FactLine
from kernel.agent import AgentWord

#: Seconds per word.
Times = Mapping[AgentWord, float]

_HANDLING = (AgentWord.TALKING, AgentWord.WRAP_UP)
_READY = (*_HANDLING, AgentWord.AVAILABLE, AgentWord.RINGING)


class AgentTime:
    """Reads facts line by line; the last word of each agent runs until ``times`` is asked.

    ``every_s``: also keep the sum of all agents in intervals of so many seconds.
    """

    def __init__(self, every_s: float | None = None) -> None:
        self._every = every_s
        self._parts: dict[int, dict[AgentWord, float]] = {}
        self._spent: dict[str, dict[AgentWord, float]] = {}
        self._now: dict[str, tuple[AgentWord, float]] = {}
        #: Of a pause: why, and the seconds so far by agent and reason.
        self._why: dict[str, str] = {}
        self._paused: dict[str, dict[str, float]] = {}

    def begin(self, t: float) -> None:
        """Count from here on (seconds on the clock of the facts); who stands where is known from before."""
        self.times(t)
        self._spent.clear()
        self._paused.clear()
        self._parts.clear()

    def read(self, fields: Mapping[str, object]) -> None:
        """Take the next line in. Raises ``BadInput`` for a line that is not a fact."""
        if fields.get("ev") != "agent":
            return
        line = FactLine(number=0, fields=fields)
        word = line.agent_state()
        if word is not None:
            agent = line.text("agent")
            self._add(agent, line.t)
            self._now[agent] = (word, line.t)
            self._why[agent] = line.text_or_none("reason") or "unsaid"

    def times(self, until: float) -> dict[str, Times]:
        """Seconds per word of each agent, up to ``until`` (seconds on the clock of the facts)."""
        for agent, (word, _since) in list(self._now.items()):
            self._add(agent, until)
            self._now[agent] = (word, until)
        return {agent: dict(spent) for agent, spent in self._spent.items()}

    def reasons(self, until: float) -> dict[str, dict[str, float]]:
        """Seconds paused of each agent, by reason, up to ``until``."""
        self.times(until)
        return {agent: dict(paused) for agent, paused in self._paused.items()}

    def _add(self, agent: str, until: float) -> None:
        if agent in self._now:
            word, since = self._now[agent]
            spent = self._spent.setdefault(agent, {})
            spent[word] = spent.get(word, 0.0) + max(0.0, until - since)
            if word is AgentWord.PAUSED:
                paused, why = self._paused.setdefault(agent, {}), self._why.get(agent, "unsaid")
                paused[why] = paused.get(why, 0.0) + max(0.0, until - since)
            # Nobody asks how many were away, and that may last for weeks after the last one went home.
            if self._every is not None and word is not AgentWord.OFFLINE:
                self._split(word, since, until, self._every)

    def _split(self, word: AgentWord, since: float, until: float, every: float) -> None:
        while since < until:
            number = int(since // every)
            end = min(until, (number + 1) * every)
            part = self._parts.setdefault(number, {})
            part[word] = part.get(word, 0.0) + end - since
            since = end

    def by_interval(self) -> list[tuple[float, Times]]:
        """(begin of interval, seconds per word of all agents), in order, as far as ``times`` was asked."""
        return [(number * (self._every or 0.0), dict(part)) for number, part in sorted(self._parts.items())]


def total(times: Iterable[Times]) -> Times:
    """The sum over agents."""
    summed: dict[AgentWord, float] = {}
    for one in times:
        for word, seconds in one.items():
            summed[word] = summed.get(word, 0.0) + seconds
    return summed


def occupancy(times: Times) -> float | None:
    """(talk + hold + wrap-up) / (that + available + ringing). Amazon Connect AGENT_OCCUPANCY; breaks are outside."""
    ready = sum(times.get(word, 0.0) for word in _READY)
    return sum(times.get(word, 0.0) for word in _HANDLING) / ready if ready > 0 else None


def utilisation(times: Times) -> float | None:
    """(talk + hold + wrap-up) / logged-in time, breaks included."""
    logged_in = sum(seconds for word, seconds in times.items() if word is not AgentWord.OFFLINE)
    return sum(times.get(word, 0.0) for word in _HANDLING) / logged_in if logged_in > 0 else None
