"""What was in force at a point of the facts: agents, policies, the engine, the calls still open."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.tables import FACTS

Line = dict[str, object]

#: Written at first sight of an agent and when they change; the other facts of an agent carry none of them.
_PROFILE = ("skills", "queues", "council", "councils")


def _earlier(before: int | None, seq: ColumnElement[int] = FACTS.c.seq) -> ColumnElement[bool]:
    return true() if before is None else seq < before


async def agents(connection: AsyncConnection, before: int) -> list[Line]:
    """Return one object an agent: her last state, and her skills, queues and councils, before that ``seq``."""
    states = await _last_by_agent(connection, FACTS.c.seq < before)
    for field in _PROFILE:
        # A JSON key is looked for as text: it works the same on both databases, and no value can hold a bare quote.
        carrying = (FACTS.c.seq < before) & FACTS.c.body.contains(f'"{field}":', autoescape=True)
        for name, line in (await _last_by_agent(connection, carrying)).items():
            states[name][field] = line[field]
    return [{key: value for key, value in line.items() if key not in {"t", "ev"}} for line in states.values()]


async def _last_by_agent(connection: AsyncConnection, condition: ColumnElement[bool]) -> dict[str, Line]:
    last = select(func.max(FACTS.c.seq)).where(FACTS.c.ev == "agent", condition).group_by(FACTS.c.agent)
    bodies = await connection.scalars(select(FACTS.c.body).where(FACTS.c.seq.in_(last)).order_by(FACTS.c.agent))
    lines: list[Line] = [json.loads(body) for body in bodies]
    return {str(line["agent"]): line for line in lines}


async def policies(connection: AsyncConnection, before: int) -> list[Line]:
    """Return the last ``config`` fact of each queue before that ``seq``, the one for all queues first."""
    bodies = await connection.scalars(
        select(FACTS.c.body).where(FACTS.c.ev == "config", FACTS.c.seq < before).order_by(FACTS.c.seq)
    )
    lines: list[Line] = [json.loads(body) for body in bodies]
    last = {str(line.get("queue", "")): line for line in lines}
    return [last[queue] for queue in sorted(last)]


async def engine_state(connection: AsyncConnection, before: int | None) -> Line | None:
    """Return the last ``engine`` fact before that ``seq`` (None: of all)."""
    body = await connection.scalar(
        select(FACTS.c.body).where(FACTS.c.ev == "engine", _earlier(before)).order_by(FACTS.c.seq.desc()).limit(1)
    )
    if body is None:
        return None
    line: Line = json.loads(body)
    return line


def of_open_calls(before: int | None) -> Select[Any]:
    """Select the lines of the calls that began and have no end, in order, before that ``seq``."""
    end = FACTS.alias("the_end")
    ended = exists().where(end.c.call == FACTS.c.call, end.c.ev == "end", _earlier(before, end.c.seq))
    begun = FACTS.alias("begun")
    began = select(begun.c.call).where(begun.c.ev.in_(("call", "arrive")), _earlier(before, begun.c.seq))
    return select(FACTS.c.body).where(FACTS.c.call.in_(began), ~ended, _earlier(before)).order_by(FACTS.c.seq)
