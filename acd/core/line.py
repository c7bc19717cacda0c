"""Sorted lines per queue, split by kind, so that a decision looks at heads instead of at everybody."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from kernel.agent import AgentProfile
from kernel.ids import QueueId, TenantId
from kernel.skill import Skills, meets

#: In ``people.yaml`` an agent for every council has this one.
ALL_COUNCILS = TenantId("*")


class Ability(NamedTuple):
    """What an agent can take, apart from queues. Agents with the same ability stand in one line."""

    skills: frozenset[tuple[str, int]]
    councils: frozenset[TenantId]
    #: Seconds a contact must have waited before they see it.
    delay_s: float = 0.0


class Need(NamedTuple):
    """What a contact needs of an agent, apart from the queue. Contacts with the same need stand in one line."""

    skills: frozenset[tuple[str, int]]
    council: TenantId


def ability(skills: Skills, councils: tuple[TenantId, ...]) -> Ability:
    """The line an agent with these stands in while idle."""
    return Ability(frozenset(skills.items()), frozenset(councils))


def lines_of(profile: AgentProfile) -> tuple[tuple[QueueId, Ability], ...]:
    """The lines an agent stands in while idle, one for each of her queues."""
    able = ability(profile.skills, profile.councils)
    return tuple(
        (queue, able._replace(delay_s=profile.delay_s[queue]) if queue in profile.delay_s else able)
        for queue in profile.queues
    )


def need(skills: Skills, council: TenantId) -> Need:
    """The line a contact with this wish stands in while waiting."""
    return Need(frozenset(skills.items()), council)


@lru_cache(maxsize=65536)
def can_take(able: Ability, needed: Need) -> bool:
    """Whether agents of this ability may take contacts of this need."""
    if needed.council not in able.councils and ALL_COUNCILS not in able.councils:
        return False
    return meets(dict(able.skills), dict(needed.skills))


_Kind = TypeVar("_Kind")
_Place = TypeVar("_Place", bound=tuple[object, ...])


class Line(Generic[_Kind, _Place]):
    """Places kept sorted per queue and kind. Lists with bisect: a memmove of 10,000 entries takes microseconds."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, dict[_Kind, list[_Place]]] = {}

    def add(self, queue: QueueId, kind: _Kind, place: _Place) -> None:
        """Put ``place`` where its order says."""
        insort(self._queues.setdefault(queue, {}).setdefault(kind, []), place)

    def remove(self, queue: QueueId, kind: _Kind, place: _Place) -> None:
        """Take ``place`` out; it must be there."""
        kinds = self._queues[queue]
        places = kinds[kind]
        index = bisect_left(places, place)
        if index == len(places) or places[index] != place:
            raise KeyError(place)
        del places[index]
        if not places:
            del kinds[kind]

    def kinds(self, queue: QueueId) -> Mapping[_Kind, list[_Place]]:
        """The lines of one queue; for reading only."""
        return self._queues.get(queue, {})
