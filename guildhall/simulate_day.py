"""A day file for the simulator: read, with the routing it names or the councils' folder has, and changed by what-if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd.simulate.day import Day, DayAgent, Serves, read_day
from acd.simulate.people import plain_queues
from acd.simulate.what_if import what_if
from adapters.files.day_shape import routed
from adapters.files.dialplans import Dialplans, read_dialplans
from kernel.agent import AgentProfile
from kernel.ids import QueueId
from kernel.located import Place, Placed
from kernel.located_json import JsonText
from kernel.queues import Queue

#: What ``queues.yaml`` means where it says nothing, and a day file by itself does not (adapters/files/shapes.py).
_OF_QUEUES_YAML = {"ring_time": "15s", "wrap_up": "10s", "service_level": "20s"}
_OF_COUNCILS = ("share", "cap", "emergency_queue", "default_queue")
#: Of ``queues.yaml``: what a simulated call has no use for.
_NOT_SIMULATED = ("recording",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A day and the policies of its queues."""

    day: Day
    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBook:
    """A day as it was read, to be played as it is and with changes."""

    day: Day
    places: Placed
    service_level_s: float

    def plan(self) -> Plan:
        """As it was read. Raises ``ConfigErrors``."""
        return self._plan(self.day, self.places)

    def changed(self, change: str) -> Plan:
        """After a what-if. Raises ``BadInput``."""
        return self._plan(what_if(self.day, change), _Command(change))

    def _plan(self, day: Day, places: Placed) -> Plan:
        plain = plain_queues(day, self.service_level_s)
        return Plan(day=day, queues=plain if day.routing is None else routed(day.routing, places, plain))


class _Command:
    """What a what-if made wrong stands on the command line."""

    def __init__(self, change: str) -> None:
        self._place = Place(file=f"--what-if '{change}'")

    def at(self, path: object) -> Place:
        """The one place there is."""
        del path
        return self._place


def read_day_book(text: str, file: str, *, service_level_s: float, councils: Path | None = None) -> DayBook:
    """Read a day file; ``councils``: the folder whose queues, councils and people hold beneath it.

    Raises ``BadInput`` with file and line of every mistake.
    """
    day = read_day(text, file)
    if councils is not None:
        day = _under(day, read_dialplans(councils))
    return DayBook(day=day, places=JsonText(text, file), service_level_s=service_level_s)


def _under(day: Day, dialplans: Dialplans) -> Day:
    """Let the councils' files say what the day does not."""
    own: Any = {} if day.routing is None else day.routing
    if not isinstance(own, dict):
        # Not of the shape: told with its place when the section is read.
        return day
    queues, councils = _of_files(dialplans)
    # The day's own come first, so that a mistake in one of them keeps its place in the file.
    ours = [_over(queues.pop(_id(one), {}), one) for one in own.get("queues", ())]
    theirs = {name: _over(councils.pop(name, {}), one) for name, one in own.get("councils", {}).items()}
    known = {str(agent.id): agent for agent in dialplans.agents}
    agents = tuple(_person(one, known.get(one.agent)) for one in day.agents)
    routing = {"queues": [*ours, *queues.values()], "councils": {**theirs, **councils}}
    return day.model_copy(update={"routing": routing, "agents": agents})


def _of_files(dialplans: Dialplans) -> tuple[dict[str, Any], dict[str, Any]]:
    """Queues and councils as their files have them, under their full names."""
    queues, councils = dict[str, Any](), dict[str, Any]()
    for council, files in dialplans.files.items():
        of_queues: Any = files["queues.yaml"].plain()
        for one in of_queues["queues"]:
            kept = {key: value for key, value in one.items() if key not in _NOT_SIMULATED}
            name = f"{council}.{one['id']}"
            queues[name] = {**_OF_QUEUES_YAML, **kept, "id": name}
        of_tenant: Any = files["tenant.yaml"].plain()
        councils[council] = {key: of_tenant[key] for key in _OF_COUNCILS if key in of_tenant}
    return queues, councils


def _id(one: object) -> str:
    return str(one.get("id", "")) if isinstance(one, dict) else ""


def _over(beneath: Mapping[str, Any], own: object) -> object:
    return {**beneath, **own} if isinstance(own, dict) else own


def _person(agent: DayAgent, known: AgentProfile | None) -> DayAgent:
    """Whom ``people.yaml`` knows has her orders, delays and councils from there, where the day is mute."""
    if known is None:
        return agent
    told = any(one.order != 1 or one.delay > 0 for one in agent.queues)
    queues = agent.queues if told else tuple(_serves(one.queue, known) for one in agent.queues)
    return agent.model_copy(update={"queues": queues, "councils": agent.councils or known.councils})


def _serves(queue: str, known: AgentProfile) -> Serves:
    name = QueueId(queue)
    return Serves(queue=queue, order=known.order.get(name, 1), delay=known.delay_s.get(name, 0.0))
