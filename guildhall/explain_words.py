"""An explanation as a supervisor reads it: a few lines a decision, times as the council's clock shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kernel.hours import LONDON

#: Where an agent is not meant at all: counted, not listed, or a large council's answer would be hundreds of lines.
_ELSEWHERE = {"queue": "do not serve this queue", "council": "do not serve this council"}
_WORDS = {
    "queue": "does not serve this queue",
    "council": "does not serve this council",
    "offline": "logged out, or her phone is away",
    "wrapup": "in wrap-up",
    "excluded": "an offer of this call to her failed",
    "preferred": "the call waits for somebody else",
    "floor": "she is held for emergencies",
    "cap": "her council's callers use as many agents as they may",
    "delay": "she serves this queue only after a delay",
    "leg": "her phone is still in another call",
    "not_due": "the caller was elsewhere: on the way, resting before the next try, or in Asterisk's own queue",
}
#: What each rule goes by.
_RULES = {
    "longest_idle": "idle longest",
    "best_skill": "the highest levels of what is required",
    "least_skilled": "the least skills beyond what is required",
    "least_occupied": "the smallest share of her time in calls",
    "round_robin": "next in turn",
    "fewest_calls": "fewest calls since logging in",
    "fixed_order": "first in people.yaml",
    "random": "by lot",
}
_ENDS = {
    "rona": "she let it ring",
    "reject": "she refused it",
    "busy": "her phone was busy",
    "unreachable": "her phone was out of reach",
    "caller_gone": "the caller hung up",
    "answered_elsewhere": "another of the phones answered",
    "withdrawn": "it was taken back",
    "stale_token": "it was out of date",
}

#: How a caller's music ended that an agent had begun.
_OVER = {
    "completed": "the caller went on",
    "cancelled": "the agent took the caller back",
    "resumed": "the agent took the caller back",
    "left": "whoever was asked hung up",
    "agent_gone": "the agent hung up",
    "lost": "nothing was heard of it, and the caller went back to the queue",
}
_LEFT = {
    "caller_hung_up": "the caller hung up",
    "agent_hung_up": "she hung up",
    "transferred": "she sent the caller on",
    "failed": "her phone, or the line to it, failed",
}
_BY_WAY = {"consult": "who had been asked", "fallback": "by Asterisk's own queue", "barge": "who barged in"}


def in_words(told: Mapping[str, Any]) -> str:
    """A few lines for people; of a past call each offer has its own."""
    decisions: Sequence[Mapping[str, Any]] = told.get("decisions") or [told]
    parts = [(float(one["at"]), list(_decision(one))) for one in decisions]
    parts += [(float(one["at"]), [_move(one)]) for one in told.get("moves", ())]
    lines = [line for _, part in sorted(parts, key=lambda part: part[0]) for line in part]
    if ended := told.get("ended"):
        lines.append(f"ended at {moment(ended['at'])}: {ended['why']}")
    lines += _notes(told.get("notes", ()))
    return "\n".join(lines)


def _move(told: Mapping[str, Any]) -> str:
    """What an agent did with the call, or what became of it then."""
    who, why = told.get("agent"), str(told.get("why"))
    match told["what"]:
        case "consult" if told.get("to") is None:
            text = f"{who} put the caller on hold"
        case "consult":
            text = f"{who} asked {_somebody(told['to'])}; the caller heard music"
        case "consult_end":
            text = f"the music was over after {told['seconds']:.0f} s: {_OVER.get(why) or _ENDS.get(why, why)}"
        case "transfer":
            text = f"sent on to {told.get('queue') or who}"
        case "leave":
            text = f"{who} left: {_LEFT.get(why, why)}"
        case _:
            text = f"joined with {who}, {_BY_WAY.get(str(told['via']), told['via'])}"
    return f"at {moment(told['at'])}: {text}"


def _somebody(to: str) -> str:
    return "somebody outside" if to == "outside" else to


def _notes(notes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in notes:
        text = f": {one['text']}" if "text" in one else " (--notes shows what)"
        yield f"noted at {moment(one['at'])} by {one['by']}{text}"


def _decision(told: Mapping[str, Any]) -> Iterator[str]:
    ahead = f", {told['ahead']} ahead of it" if told.get("ahead") is not None else ""
    yield f"{told['call']} in {told['queue']} at {moment(told['at'])}: waited {told['waited_s']:.0f} s{ahead}"
    if "score" in told:
        last = f"of this priority nobody who comes after {moment(told['ahead_only_before'])} goes ahead of it"
        yield f"priority {told['priority']}, score {told['score']:.0f} s against other queues: {last}"
    required = ", ".join(f"{skill} {level} or more" for skill, level in told["required"].items()) or "no skill"
    later = f" until {moment(told['next_step_at'])}" if told.get("next_step_at") is not None else ""
    yield f"step {told['step']}: requires {required}{later}; rule {told['rule']}"
    yield f"eligible: {', '.join(row['agent'] for row in told['eligible']) or 'nobody'}"
    yield from _chosen(told)
    near = [row for row in told["not_eligible"] if row["why"] not in _ELSEWHERE]
    yield from (f"  not {row['agent']}: {_why(row)}" for row in near)
    for why, words in _ELSEWHERE.items():
        if number := sum(row["why"] == why for row in told["not_eligible"]):
            yield f"  not {number} others, who {words}"
    if (asked := told.get("asked")) and asked["next_at"] is not None:
        yield f"asked at {moment(asked['next_at'])} whether step {asked['step']} may begin"
    yield from (f"leaves at {moment(row['at'])} ({row['why']}): {row['to']}" for row in told.get("limits", ()))


def _chosen(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("offered_to"):
        yield f"rings now: {told['offered_to']}"
    if told.get("chosen"):
        by, rule = told.get("by"), _RULES.get(told["rule"])
        how = f", chosen by {by}" if by else f", {rule}" if rule and len(told["eligible"]) > 1 else ""
        came = told.get("came_of")
        what = f": {_came(came)}" if came else ""
        yield f"offered to: {told['chosen']}{how}{what}"


def _came(came: Mapping[str, Any]) -> str:
    why = str(came["why"])
    return f"{_ENDS.get(why, why)} at {moment(came['at'])}"


def _why(row: Mapping[str, Any]) -> str:
    why = str(row["why"])
    text = _WORDS.get(why, why)
    if why in {"skills", "ask_first"}:
        text = (
            ("the caller has not agreed: " if why == "ask_first" else "")
            + "lacks "
            + ", ".join(f"{skill} {level}" for skill, level in row["lacks"].items())
        )
    if row.get("reason"):
        text += f" ({row['reason']})"
    if row.get("for"):
        text += f" ({row['for']})"
    return text + (f" until {moment(row['until'])}" if row.get("until") is not None else "")


def moment(t: float) -> str:
    """A moment (Unix seconds) by the council's clock."""
    return datetime.fromtimestamp(t, LONDON).strftime("%H:%M:%S %Z")
