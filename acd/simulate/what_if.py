"""What if: the same day with more or fewer agents."""

from __future__ import annotations

import re

from acd.simulate.day import Day
from kernel.errors import BadInput

_CHANGE = re.compile(r"agents=([+-][0-9]{1,4})")


def what_if(day: Day, change: str) -> Day:
    """Return the day after ``change``: ``agents=+3`` or ``agents=-2``. Raises ``BadInput`` for anything else.

    Spread evenly over the roster, so that three more of twelve agents come from all of its queues and hours: an added
    agent is the double of one who is there, with her queues, skills and hours.
    """
    found = _CHANGE.fullmatch(change)
    if not found:
        raise BadInput("bad_what_if", "a what-if is written agents=+3 or agents=-2")
    count, roster = int(found[1]), list(day.agents)
    if count < -len(roster) or (count > 0 and not roster):
        raise BadInput("bad_what_if", f"the day has {len(roster)} agents: it cannot be done with agents={count:+}")
    if count < 0:
        gone = {index * len(roster) // -count for index in range(-count)}
        kept = tuple(agent for index, agent in enumerate(roster) if index not in gone)
        return day.model_copy(update={"agents": kept})
    doubles = [roster[(index * len(roster) // count) % len(roster)] for index in range(count)]
    taken = {agent.agent for agent in roster}
    for index, agent in enumerate(doubles, 1):
        name = f"{agent.agent}-extra{index}"
        while name in taken:
            name += "x"
        taken.add(name)
        roster.append(agent.model_copy(update={"agent": name}))
    return day.model_copy(update={"agents": tuple(roster)})
