"""Lines of a facts export, written as a test tells them, and what the ten invariants say of them."""

from __future__ import annotations

from acd.core.invariants import check

Line = dict[str, object]

POLICY: Line = {
    "t": 0.0,
    "ev": "config",
    "max_parallel_offers": 1,
    "wrapup_ms": 10_000,
    "rona_exclude_ms": 60_000,
    "sl_s": 20,
}


def fact(t: float, ev: str, **fields: object) -> Line:
    return {"t": t, "ev": ev} | {name.rstrip("_"): value for name, value in fields.items()}


def agent(t: float, name: str, state: str = "available", **fields: object) -> Line:
    profile: Line = {"skills": {"waste": 3}, "queues": ["n.waste"], "council": "n", "councils": ["n"]}
    return fact(t, "agent", agent=name, state=state, **(profile | fields))


def arrive(t: float, call: str, **fields: object) -> Line:
    wish: Line = {"queue": "n.waste", "priority": 0, "skills": {"waste": 1}, "council": "n"}
    return fact(t, "arrive", call=call, **(wish | fields))


def offer(t: float, call: str, name: str, **fields: object) -> Line:
    return fact(t, "offer", call=call, agent=name, **fields)


def offer_end(t: float, call: str, name: str, why: str = "rona") -> Line:
    return fact(t, "offer_end", call=call, agent=name, why=why)


def answer(t: float, call: str, name: str, **fields: object) -> Line:
    return fact(t, "answer", call=call, agent=name, **fields)


def leave(t: float, call: str, name: str) -> Line:
    return fact(t, "leave", call=call, agent=name, why="caller_hung_up")


def end(t: float, call: str, why: str = "completed") -> Line:
    return fact(t, "end", call=call, why=why)


def state(t: float, name: str, word: str) -> Line:
    return fact(t, "agent", agent=name, state=word)


def export(t: float = 0.0, **fields: object) -> Line:
    return fact(t, "export", **({"from": t, "to": t, "open": [], "agents": []} | fields))


def broken(*lines: Line) -> set[str]:
    return {breach.invariant for breach in check([POLICY, *lines])}


# A full, right life of a call; many stories below vary it.
def served(call: str, name: str, at: float = 10.0) -> list[Line]:
    return [
        arrive(at, call),
        offer(at, call, name),
        state(at, name, "ringing"),
        answer(at + 3, call, name),
        state(at + 3, name, "talking"),
        leave(at + 63, call, name),
        state(at + 63, name, "wrapup"),
        end(at + 63, call),
        state(at + 73, name, "available"),
    ]
