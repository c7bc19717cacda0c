"""What if: the same day with more or fewer agents, or with other routing."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

from acd.simulate.day import Day, DayAgent
from kernel.errors import BadInput
from kernel.located import ConfigError, parse
from kernel.schema import did_you_mean

_AGENTS = re.compile(r"agents(?:@(?P<queue>[^=]+))?=(?P<count>[+-][0-9]{1,4})")
_KEY = re.compile(r"(?P<path>[^=]+)=(?P<value>.+)")
_HOW = "a what-if is written agents=+3, agents@northmere.waste=-2 or northmere.waste.weight=2; 'and' joins several"
#: As a value: the key goes away.
_NONE = "none"


def what_if(day: Day, change: str) -> Day:
    """Return the day after ``change``. Raises ``BadInput`` for one that cannot be done.

    ``agents=+3`` and ``agents@QUEUE=-2`` change the roster; ``QUEUE.KEY=VALUE`` and ``COUNCIL.KEY=VALUE`` change what
    ``routing`` says, in its words: ``northmere.waste.limits.timeout.after=5m``. ``none`` takes a key away.
    """
    parts = re.split(r"\s+and\s+", change.strip())
    keys = [part.partition("=")[0] for part in parts if not _AGENTS.fullmatch(part)]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise BadInput("bad_what_if", f"'{change}' names {twice} twice: which of the two is meant?")
    for part in parts:
        if found := _AGENTS.fullmatch(part):
            day = _roster(day, found["queue"], int(found["count"]))
        elif found := _KEY.fullmatch(part):
            day = _routing(day, found["path"], found["value"])
        else:
            raise BadInput("bad_what_if", f"'{part}': {_HOW}")
    return day


def _roster(day: Day, queue: str | None, count: int) -> Day:
    """Spread evenly over the roster, so that three more of twelve agents come from all of its queues and hours.

    An added agent is the double of one who is there, with her queues, skills and hours.
    """
    roster = list(day.agents)
    those = [agent for agent in roster if queue is None or any(serves.queue == queue for serves in agent.queues)]
    if count < -len(those) or (count > 0 and not those):
        who = "agents" if queue is None else f"agents who serve {queue}"
        raise BadInput("bad_what_if", f"the day has {len(those)} {who}: it cannot be done with {count:+}")
    if count < 0:
        gone = {those[index * len(those) // -count].agent for index in range(-count)}
        return day.model_copy(update={"agents": tuple(agent for agent in roster if agent.agent not in gone)})
    taken = {agent.agent for agent in roster}
    for index in range(count):
        agent = those[(index * len(those) // count) % len(those)]
        roster.append(_double(agent, index + 1, taken))
    return day.model_copy(update={"agents": tuple(roster)})


def _double(agent: DayAgent, number: int, taken: set[str]) -> DayAgent:
    name = f"{agent.agent}-extra{number}"
    while name in taken:
        name += "x"
    taken.add(name)
    return agent.model_copy(update={"agent": name})


def _routing(day: Day, path: str, value: str) -> Day:
    """What comes of it is checked when the section is read again."""
    section: Any = copy.deepcopy(day.routing) if isinstance(day.routing, dict) else {}
    queues, councils = section.setdefault("queues", []), section.setdefault("councils", {})
    of_calls = {call.queue for call in day.calls} | {one.queue for agent in day.agents for one in agent.queues}
    names = {*of_calls, *(one.get("id", "") for one in queues)}
    of_agents = {council for agent in day.agents for council in agent.councils}
    them = {call.council for call in day.calls} | of_agents | set(councils)
    # The longest name first: `n.waste.night` is no key of `n.waste`.
    name = next((one for one in sorted(names | them, key=len, reverse=True) if path.startswith(f"{one}.")), None)
    if name is None:
        hint = did_you_mean(path.rpartition(".")[0], sorted(names | them))
        raise BadInput("bad_what_if", f"'{path}' begins with no queue or council of the day: {hint or _HOW}")
    if name in names:
        here = next((one for one in queues if one.get("id") == name), None)
        if here is None:
            here = {"id": name}
            queues.append(here)
    else:
        here = councils.setdefault(name, {})
    _put(here, path.removeprefix(f"{name}.").split("."), value)
    return day.model_copy(update={"routing": section})


def _put(here: Any, keys: Sequence[str], value: str) -> None:  # noqa: ANN401 - JSON of any shape
    for key in keys[:-1]:
        here = _inside(here, key)
    if isinstance(here, list):
        here[_number(here, keys[-1])] = _value(value)
    elif not isinstance(here, dict):
        raise BadInput("bad_what_if", f"'{'.'.join(keys)}' leads into something that has no keys")
    elif value == _NONE:
        here.pop(keys[-1], None)
    else:
        here[keys[-1]] = _value(value)


def _inside(here: Any, key: str) -> Any:  # noqa: ANN401 - as above
    if isinstance(here, list):
        return here[_number(here, key)]
    if isinstance(here, dict):
        return here.setdefault(key, {})
    raise BadInput("bad_what_if", f"'{key}' leads into something that has no keys")


def _number(here: Sequence[object], key: str) -> int:
    if not key.isdecimal() or int(key) >= len(here):
        raise BadInput("bad_what_if", f"'{key}': a list is counted from 0, and this one has {len(here)}")
    return int(key)


def _value(text: str) -> object:
    """Written as in the councils' files: ``30s``, ``no``, ``{after: 30s, to: message, prompts: [exit_sorry]}``."""
    try:
        return parse(text, "the value").plain()
    except ConfigError as error:
        raise BadInput("bad_what_if", f"'{text}': {error.message}") from None
