"""I4 and the second half of I6: nobody idles for more than a second while a call waits that he may take.

Theory of operation. A pair of an idle agent and an un-offered call is looked at once, when the pair ends: the agent
gets busy, the call is offered or goes, what either may or needs changes, the engine stops deciding, the lines end.
Only then is it known how long they stood side by side. Since a right engine leaves hardly any such pair older than a
second, little is looked at: agents idle for long against calls un-offered for long, of queues and kinds that fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.invariants_state import Agent, Breach, Call, Floor, may_take
from kernel.skill import meets

#: The invariant's second.
LIMIT_S = 1.0


class IdleWatch:
    """Looks at pairs that end; ``deciding_since`` is None while the engine decides nothing (down, reconciling)."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.deciding_since: float | None = float("-inf")

    def agent_ends(self, agent: Agent, t: float) -> Iterator[Breach]:
        """Look at the agent's pairs: she stops being idle, or what she may take changes."""
        since = self._since(agent.idle_since)
        if since is None or t - since <= LIMIT_S:
            return
        for line in self._floor.lines_for(agent, agent.queues):
            for call in list(line.calls.values()):
                yield from self._pair(agent, call, t)

    def call_ends(self, call: Call, t: float) -> Iterator[Breach]:
        """Look at the call's pairs: it stops waiting un-offered, or what it needs changes."""
        since = self._since(call.unoffered_since)
        if since is None or t - since <= LIMIT_S or not call.known:
            return
        for agent in list(self._floor.idle_in(call.queue)):
            yield from self._pair(agent, call, t)

    def all_end(self, t: float) -> Iterator[Breach]:
        """Look at all pairs: the engine stops deciding, or the lines end."""
        for agent in self._floor.agents.values():
            yield from self.agent_ends(agent, t)

    def _since(self, moment: float | None) -> float | None:
        if moment is None or self.deciding_since is None:
            return None
        return max(moment, self.deciding_since)

    def _pair(self, agent: Agent, call: Call, t: float) -> Iterator[Breach]:
        if call.told_idle or not may_take(agent, call):
            return
        idle, waits = self._since(agent.idle_since), self._since(call.unoffered_since)
        if idle is None or waits is None:
            return
        since = max(idle, waits, agent.profile_since, _qualified_since(agent, call))
        for began, ended in _gaps(call, agent.id, since, t):
            if ended - began <= LIMIT_S:
                continue
            call.told_idle = True
            waited = f"stood side by side for {ended - began:.3f} s, she available, it un-offered"
            yield Breach(invariant="I4", t=began, call=call.id, agent=agent.id, message=waited)
            if call.after_failure and call.unoffered_since is not None and began <= call.unoffered_since:
                late = f"not offered again within {LIMIT_S:g} s after a ring-out or refusal"
                yield Breach(invariant="I6", t=began, call=call.id, agent=agent.id, message=late)
            return


def _qualified_since(agent: Agent, call: Call) -> float:
    """Since when the agent has had every skill the call required, over all its relaxing."""
    since = float("-inf")
    for (_began, skills), (ended, _next) in zip(call.needs, call.needs[1:], strict=False):
        if not meets(agent.skills, skills):
            since = ended
    return since


def _gaps(call: Call, agent: str, since: float, until: float) -> Iterator[tuple[float, float]]:
    """Yield the times between ``since`` and ``until`` in which no bar stood between the two."""
    bars = sorted((bar.since, bar.until) for bar in call.bars if bar.holds(agent))
    for began, ended in bars:
        if began > since:
            yield since, min(began, until)
        since = max(since, ended)
        if since >= until:
            return
    yield since, until
