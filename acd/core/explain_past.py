"""Why a past call was offered to whom it was: read from the facts, so that it needs no memory and forgets nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acd.core.explain import Row, lacking
from acd.core.invariants import Checker
from acd.core.invariants_lines import FactLine
from acd.core.invariants_state import Agent, Call
from acd.core.telling import EXCLUDED
from kernel.agent import AgentWord
from kernel.queues import Strategy
from kernel.skill import meets

#: What agents do with a call they have, and what of it is told. An answer that came of an offer stands with the offer.
_MOVES = frozenset({"consult", "consult_end", "transfer", "leave"})
_OF_MOVES = ("agent", "to", "queue", "why", "via", "seconds")
_OFFERED = frozenset({"offer", "transfer_agent", "pull"})


def explain_past(lines: Iterable[Mapping[str, object]], call: str) -> Row | None:
    """Explain every offer of ``call`` out of the lines of a facts export; None when the call is not in them.

    The answer is that of the last offer, in the shape of ``explain``; ``decisions`` holds one of each offer with what
    came of it, ``ended`` when and why the call was over (None: not yet), ``moves`` what its agents did with it. A call
    that was never offered is explained as of its end, or as of the last line. Raises ``BadInput`` for a line that is
    not a fact.
    """
    checker = Checker()
    decisions: list[Row] = []
    moves: list[Row] = []
    rules: dict[str, str] = {}
    steps, line, ended = 0, None, None
    for number, fields in enumerate(lines, 1):
        line = FactLine(number=number, fields=fields)
        if line.ev == "config" and line.has("strategy"):
            rules[line.text_or_none("queue") or ""] = line.text("strategy")
        mine = fields.get("call") == call
        known = checker.floor.calls.get(call)
        if mine and line.ev == "relax":
            steps += 1
        if mine and line.ev == "end":
            ended = {"at": line.t, "why": line.text("why")}
            break
        if mine and known is not None and line.ev == "offer":
            decisions.append(_decision(checker, known, line, steps, rules))
        if mine and line.ev in {"offer_end", "answer"}:
            _came_of(decisions, line)
        if mine and (line.ev in _MOVES or fields.get("via", "offer") not in _OFFERED):
            moves.append({"at": line.t, "what": line.ev} | {key: fields[key] for key in _OF_MOVES if key in fields})
        checker.read(fields)
    known = checker.floor.calls.get(call)
    if line is not None and known is not None and known.known and not decisions:
        decisions.append({**_decision(checker, known, line, steps, rules), "chosen": None})
    return {**decisions[-1], "decisions": decisions, "moves": moves, "ended": ended} if decisions else None


def _came_of(decisions: list[Row], line: FactLine) -> None:
    """Note at the offer to this agent how it ended."""
    why = "answered" if line.ev == "answer" else line.text("why")
    for one in reversed(decisions):
        if one["chosen"] == line.text("agent") and one["came_of"] is None:
            one["came_of"] = {"at": line.t, "why": why}
            return


def _decision(checker: Checker, call: Call, line: FactLine, steps: int, rules: Mapping[str, str]) -> Row:
    eligible: list[Row] = []
    not_eligible: list[Row] = []
    for name in sorted(checker.floor.agents):
        reason = _reason(call, checker.floor.agents[name], line.t)
        (eligible if reason is None else not_eligible).append({"agent": name} | (reason or {}))
    return {
        "call": call.id,
        "at": line.t,
        "state": "ended",
        "queue": call.queue,
        "priority": call.priority,
        "waited_s": round(line.t - call.arrived, 3),
        "required": dict(call.skills),
        "eligible": eligible,
        "not_eligible": not_eligible,
        "step": steps,
        "rule": rules.get(call.queue) or rules.get("") or Strategy.LONGEST_IDLE.value,
        "chosen": line.text_or_none("agent"),
        # Who chose her where it was not the rule: a transferring agent, a supervisor.
        "by": line.text_or_none("by"),
        "came_of": None,
    }


def _reason(call: Call, agent: Agent, t: float) -> Row | None:
    if call.queue not in agent.queues:
        return {"why": "floor" if agent.held and call.queue in agent.own_queues else "queue", "until": None}
    if not agent.serves(call.council):
        return {"why": "council", "until": None}
    if not meets(agent.skills, call.skills):
        return {"why": "skills", "until": None, "lacks": lacking(agent.skills, call.skills)}
    bars = [bar for bar in call.bars if bar.since <= t < bar.until and bar.holds(agent.id)]
    # Her phone stops ringing a moment after her offer failed: the failure is what a reader wants to know.
    failed = any(bar.why == EXCLUDED for bar in bars)
    if not failed and (agent.state is not AgentWord.AVAILABLE or agent.offers):
        state = "ringing" if agent.offers else agent.state.value if agent.state else "unknown"
        return {"why": state, "until": None}
    if bars:
        latest = max(bars, key=lambda bar: bar.until)
        return {"why": latest.why, "until": latest.until if latest.until != float("inf") else None}
    return None
