"""What the checker does with offers and what comes of them: I1, I2, I3, I6, I8, I9."""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.invariants_idle import IdleWatch
from acd.core.invariants_lines import FactLine
from acd.core.invariants_state import ROUNDING_S, Agent, Breach, Call, Floor, may_take
from kernel.agent import AgentWord

#: Nobody in one of these may be offered anything.
_BUSY = frozenset({AgentWord.TALKING, AgentWord.PAUSED, AgentWord.WRAP_UP, AgentWord.OFFLINE})
#: Ends of an offer that keep the call away from that agent for the exclusion time: ring-out and refusal.
_FAILURES = frozenset({"rona", "reject", "busy", "unreachable"})


def offer(floor: Floor, watch: IdleWatch, call: Call, line: FactLine) -> Iterator[Breach]:
    """The agent's phone is being rung."""
    agent, t = floor.agent(line.text("agent")), line.t
    yield from _agent_free(agent, call, t)
    policy = floor.policy(call.queue)
    if call.known and len(call.offers) >= policy.max_parallel_offers:
        many = f"offered to {len(call.offers) + 1} agents at once, {policy.max_parallel_offers} allowed"
        yield Breach(invariant="I1", t=t, call=call.id, agent=agent.id, message=many)
    if not line.has("by"):
        yield from _excluded(call, agent, t)
        yield from _overtaken(floor, call, agent, t)
    yield from watch.call_ends(call, t)
    yield from watch.agent_ends(agent, t)
    floor.waits_no_more(call)
    call.offers.add(agent.id)
    call.offered[agent.id] = not (call.known and agent.known) or may_take(agent, call)
    agent.offers.add(call.id)
    floor.refresh(agent, t)


def _agent_free(agent: Agent, call: Call, t: float) -> Iterator[Breach]:
    if agent.offers:
        yield Breach(invariant="I2", t=t, call=call.id, agent=agent.id, message="the agent has an offer already")
    if agent.state in _BUSY:
        yield Breach(invariant="I2", t=t, call=call.id, agent=agent.id, message=f"the agent is {agent.state}")
    if agent.state is AgentWord.WRAP_UP:
        yield Breach(invariant="I9", t=t, call=call.id, agent=agent.id, message="offered during wrap-up")


def _excluded(call: Call, agent: Agent, t: float) -> Iterator[Breach]:
    failed, exclude_s = call.failed.get(agent.id, (t, 0.0))
    if t < failed + exclude_s - ROUNDING_S:
        again = f"offered again to the same agent after {t - failed:.3f} s, excluded for {exclude_s:g} s"
        yield Breach(invariant="I6", t=t, call=call.id, agent=agent.id, message=again)


def _overtaken(floor: Floor, call: Call, agent: Agent, t: float) -> Iterator[Breach]:
    if not (call.known and call.waiting and agent.known) or call.queue not in agent.queues:
        return
    for line in floor.lines_for(agent, (call.queue,)):
        for other in line.ahead_of(call.place):
            if other is call or other.due > t - ROUNDING_S or other.barred(agent.id, t):
                continue
            message = f"{other.id} has the better place and could have been offered to this agent"
            yield Breach(invariant="I3", t=t, call=call.id, agent=agent.id, message=message)
            return


def offer_end(floor: Floor, call: Call, line: FactLine) -> Iterator[Breach]:
    """The offer ended without an answer: the call has its old place back."""
    agent, t, why = floor.agent(line.text("agent")), line.t, line.text("why")
    call.offers.discard(agent.id)
    agent.offers.discard(call.id)
    if why in _FAILURES:
        # By the policy under which it failed, wherever the call waits by then.
        call.failed[agent.id] = (t, floor.policy(call.queue).rona_exclude_s)
    if call.waiting and not call.offers:
        call.after_failure = why in _FAILURES
        floor.waits(call, t)
    floor.refresh(agent, t)
    yield from ()


def answer(floor: Floor, watch: IdleWatch, call: Call, line: FactLine) -> Iterator[Breach]:
    """Caller and agent are joined."""
    agent, t = floor.agent(line.text("agent")), line.t
    if (line.text_or_none("via") or "offer") == "offer":
        yield from _rightly_answered(call, agent, t)
    yield from watch.call_ends(call, t)
    yield from watch.agent_ends(agent, t)
    floor.waits_no_more(call)
    call.waiting = False
    call.offers.discard(agent.id)
    agent.offers.discard(call.id)
    agent.state = AgentWord.TALKING
    floor.refresh(agent, t)
    if not call.joined:
        call.joined_at = t
    call.joined.add(agent.id)


def _rightly_answered(call: Call, agent: Agent, t: float) -> Iterator[Breach]:
    if agent.id not in call.offers:
        # A call that was open before the export may have been offered before it, too.
        if call.known or call.offered:
            message = "answered by an agent it was not offered to"
            yield Breach(invariant="I8", t=t, call=call.id, agent=agent.id, message=message)
    elif not call.offered[agent.id] and not may_take(agent, call):
        message = "answered by an agent without the skills, queue or council it needs"
        yield Breach(invariant="I8", t=t, call=call.id, agent=agent.id, message=message)


def leave(floor: Floor, call: Call, line: FactLine) -> Iterator[Breach]:
    """The agent's part ended; wrap-up begins, whether or not her own line says so yet."""
    agent = floor.agent(line.text("agent"))
    _part(call, {agent.id}, line.t)
    if agent.state is AgentWord.TALKING:
        # Without a known wrap-up her own line must tell what she does next.
        wraps_up = call.known and floor.policy(call.queue).wrapup_s > 0
        agent.state = AgentWord.WRAP_UP if wraps_up else None
        floor.refresh(agent, line.t)
    yield from ()


def _part(call: Call, agents: set[str], t: float) -> None:
    if not call.joined & agents:
        return
    call.joined -= agents
    call.left_at = t
    if not call.joined:
        call.talked += max(0.0, t - call.joined_at)


def transfer(floor: Floor, watch: IdleWatch, call: Call, line: FactLine) -> Iterator[Breach]:
    """Back to waiting with the arrival it had, or on the way to one certain agent."""
    yield from watch.call_ends(call, line.t)
    floor.waits_no_more(call)
    call.after_failure = False
    call.waiting = line.has("queue")
    if not call.waiting:
        return
    call.queue = line.text("queue")
    call.needs = [(line.t, line.skills() if line.has("skills") else call.skills)]
    if not call.offers:
        floor.waits(call, line.t)


def callback(floor: Floor, watch: IdleWatch, call: Call, line: FactLine) -> Iterator[Breach]:
    """The caller left the line and keeps the place; nothing is owed before it is due."""
    yield from watch.call_ends(call, line.t)
    floor.waits_no_more(call)
    call.after_failure = False
    call.waiting = True
    call.due = line.amount("due") if line.has("due") else line.t
    if not call.offers:
        floor.waits(call, max(line.t, call.due))


def end(floor: Floor, watch: IdleWatch, call: Call, line: FactLine) -> Iterator[Breach]:
    """The call is over for everybody."""
    yield from watch.call_ends(call, line.t)
    floor.waits_no_more(call)
    call.waiting = False
    _part(call, set(call.joined), line.t)
    for name in call.offers:
        agent = floor.agent(name)
        agent.offers.discard(call.id)
        floor.refresh(agent, line.t)
    call.offers.clear()
    call.ended = True
