"""What a checker of facts remembers: agents, calls and policies, as the lines read so far tell them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from kernel.agent import AgentWord
from kernel.skill import NO_SKILLS, Skills, meets

#: A fact's ``t`` is rounded to the microsecond, a deadline inside the engine is not; seconds.
ROUNDING_S = 1e-5

#: Place in a queue: higher priority first, then earlier arrival, then the order of lines.
Place = tuple[float, float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An invariant that does not hold. ``invariant``: I1 to I10; ``t``: seconds, on the clock of the facts."""

    invariant: str
    t: float
    call: str | None
    agent: str | None
    message: str


@dataclass(slots=True, kw_only=True)
class Policy:
    """A queue's policy in force."""

    max_parallel_offers: int = 1
    wrapup_s: float = 0.0
    rona_exclude_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Agent:
    """An agent as last seen. Unknown skills or queues (no profile yet) count as none."""

    id: str
    state: AgentWord | None = None
    skills: Skills = field(default_factory=dict)
    queues: frozenset[str] = frozenset()
    councils: frozenset[str] = frozenset()
    #: Whether skills, queues and councils were ever told.
    known: bool = False
    #: Calls her phone is being rung for.
    offers: set[str] = field(default_factory=set)
    #: Since when she could take work; None while she cannot. Seconds.
    idle_since: float | None = None
    #: Since when skills, queues and councils are as they are.
    profile_since: float = float("-inf")
    #: Held for emergencies: ``queues`` are the emergency queues alone, ``own_queues`` all of hers.
    held: bool = False
    own_queues: frozenset[str] = frozenset()

    def serves(self, council: str | None) -> bool:
        """Whether she may take that council's calls."""
        return council is None or "*" in self.councils or council in self.councils


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """From ``since`` until ``until`` the call may not be offered to an agent for whom ``holds``; seconds."""

    since: float
    until: float
    why: str
    #: Exactly one of these two is set.
    only: frozenset[str] | None = None
    not_: str | None = None

    def holds(self, agent: str) -> bool:
        """Whether it stands in this agent's way."""
        return agent not in self.only if self.only is not None else agent == self.not_


@dataclass(slots=True, kw_only=True)
class Call:
    """A call as the lines tell it."""

    id: str
    #: False for a call that was open when the export began: its queue, skills and place are not in the lines.
    known: bool = True
    queue: str = ""
    council: str | None = None
    priority: float = 0
    arrived: float = 0.0
    arrival_line: int = 0
    #: What was required since when, oldest first, over the present wait.
    needs: list[tuple[float, Skills]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    #: Waits in its queue: not joined, not on the way to one certain agent, not ended.
    waiting: bool = False
    #: A callback is not eligible before; seconds.
    due: float = float("-inf")
    #: A part of it was not recorded, by the queue's rule, because the caller declined, or with an alarm.
    unrecorded: bool = False
    #: Since when it waits un-offered (a callback: since it is due). Seconds; None while it does not.
    unoffered_since: float | None = None
    offers: set[str] = field(default_factory=set)
    #: Agents it was ever offered to, with whether each had skills, queue and council then.
    offered: dict[str, bool] = field(default_factory=dict)
    #: Agent -> when her offer of it failed last, and for how long she is kept from it; seconds.
    failed: dict[str, tuple[float, float]] = field(default_factory=dict)
    #: The present wait began with a ring-out or refusal.
    after_failure: bool = False
    #: I4 was told for the present wait: once is enough.
    told_idle: bool = False
    joined: set[str] = field(default_factory=set)
    joined_at: float = 0.0
    #: Seconds of finished talk, and when the last of it ended.
    talked: float = 0.0
    left_at: float = 0.0
    episode_at: float = float("-inf")
    ended: bool = False

    @property
    def place(self) -> Place:
        """Where it stands in its queue."""
        return (-self.priority, self.arrived, self.arrival_line)

    @property
    def skills(self) -> Skills:
        """What is required now."""
        return self.needs[-1][1] if self.needs else NO_SKILLS

    @property
    def kind(self) -> Kind:
        """What decides who may take it, apart from bars."""
        return (frozenset(self.skills.items()), self.council)

    def barred(self, agent: str, t: float) -> bool:
        """Whether a bar stands in this agent's way at ``t``."""
        return any(bar.since <= t < bar.until + ROUNDING_S and bar.holds(agent) for bar in self.bars)


#: Required skills and council.
Kind = tuple[frozenset[tuple[str, int]], str | None]


def may_take(agent: Agent, call: Call) -> bool:
    """Whether skills, queue and council allow it; bars are another matter."""
    return call.queue in agent.queues and agent.serves(call.council) and meets(agent.skills, call.skills)


@dataclass(slots=True)
class Line:
    """Un-offered calls of one queue and one kind, in the order of their places."""

    calls: dict[str, Call] = field(default_factory=dict)
    _order: list[tuple[Place, str]] = field(default_factory=list)

    def put(self, call: Call) -> None:
        """Add a call."""
        self.calls[call.id] = call
        insort(self._order, (call.place, call.id))

    def take(self, call: Call) -> None:
        """Remove a call; its place must be what it was when it was put."""
        del self.calls[call.id]
        del self._order[bisect_left(self._order, (call.place, call.id))]

    def ahead_of(self, place: Place) -> Iterator[Call]:
        """Yield the calls in front of that place, first one first."""
        for other, name in self._order:
            if other >= place:
                return
            yield self.calls[name]


class Floor:
    """Everybody and everything at once: who is idle where, and what waits un-offered where."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self._policies: dict[str | None, Policy] = {None: Policy()}
        self._lines: dict[str, dict[Kind, Line]] = {}
        self._idle: dict[str, dict[str, Agent]] = {}

    def agent(self, name: str) -> Agent:
        """Return the agent, met for the first time if need be."""
        return self.agents.setdefault(name, Agent(id=name))

    def policy(self, queue: str) -> Policy:
        """Return the queue's policy: its own, else the one for all."""
        return self._policies.get(queue) or self._policies[None]

    def set_policy(self, queue: str | None, told: Mapping[str, float]) -> None:
        """Take over the fields told; those not told stay as they are."""
        base = self._policies.get(queue) or self._policies[None]
        self._policies[queue] = Policy(
            max_parallel_offers=int(told.get("max_parallel_offers", base.max_parallel_offers)),
            wrapup_s=told.get("wrapup_ms", base.wrapup_s * 1000) / 1000,
            rona_exclude_s=told.get("rona_exclude_ms", base.rona_exclude_s * 1000) / 1000,
        )

    def waits(self, call: Call, since: float) -> None:
        """The call waits un-offered from now on, counted since ``since``."""
        self.waits_no_more(call)
        call.unoffered_since = since
        call.told_idle = False
        if call.known:
            self._lines.setdefault(call.queue, {}).setdefault(call.kind, Line()).put(call)

    def waits_no_more(self, call: Call) -> None:
        """The call is offered, joined or gone."""
        if call.unoffered_since is None:
            return
        call.unoffered_since = None
        if call.known:
            kinds = self._lines[call.queue]
            line = kinds[call.kind]
            line.take(call)
            if not line.calls:
                del kinds[call.kind]

    def moved(self, call: Call, change: Mapping[str, object]) -> None:
        """Change priority or requirement of a call, and its place with it; its wait goes on."""
        since, told = call.unoffered_since, call.told_idle
        self.waits_no_more(call)
        for name, value in change.items():
            setattr(call, name, value)
        if since is not None:
            self.waits(call, since)
            call.told_idle = told

    def lines_for(self, agent: Agent, queues: Collection[str]) -> Iterator[Line]:
        """Yield the un-offered calls of these queues that skills and council let this agent take."""
        for queue in queues:
            for (skills, council), line in self._lines.get(queue, {}).items():
                if agent.serves(council) and meets(agent.skills, dict(skills)):
                    yield line

    def idle_in(self, queue: str) -> Collection[Agent]:
        """Return the agents of a queue who could take work now."""
        return self._idle.get(queue, {}).values()

    def refresh(self, agent: Agent, t: float) -> None:
        """See whether the agent can take work now; call it after every change of state, offers or queues."""
        idle = agent.state is AgentWord.AVAILABLE and not agent.offers
        if idle and agent.idle_since is None:
            agent.idle_since = t
            for queue in agent.queues:
                self._idle.setdefault(queue, {})[agent.id] = agent
        elif not idle and agent.idle_since is not None:
            self.withdraw(agent)

    def withdraw(self, agent: Agent) -> None:
        """Take an agent out of the idle ones, also before her queues change."""
        agent.idle_since = None
        for queue in agent.queues:
            self._idle.get(queue, {}).pop(agent.id, None)
