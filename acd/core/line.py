"""Sorted lines per queue, split by kind, so that a decision looks at heads instead of at everybody."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from kernel.agent import AgentProfile
from kernel.ids import QueueId, TenantId
from kernel.skill import Skills, meets

#: In ``people.yaml`` an agent for every council has this one.
ALL_COUNCILS = TenantId("*")


class Need:
    """What a contact needs of an agent, apart from the queue. Contacts with the same need stand in one line.

    There is one object a kind, so that a line is found by identity: hashing skills over and over was a third of a
    decision. There are as many kinds as configuration and flows can name, so they are never forgotten.
    """

    __slots__ = ("council", "skills")

    def __init__(self, skills: frozenset[tuple[str, int]], council: TenantId) -> None:
        self.skills, self.council = skills, council


class Ability:
    """What an agent can take, apart from queues. Agents with the same ability stand in one line; one object a kind."""

    __slots__ = ("councils", "delay_s", "skills", "takes")

    def __init__(self, skills: frozenset[tuple[str, int]], councils: frozenset[TenantId], delay_s: float) -> None:
        """``delay_s``: seconds a contact must have waited before they see it."""
        self.skills, self.councils, self.delay_s = skills, councils, delay_s
        #: Answers of ``can_take`` so far.
        self.takes: dict[Need, bool] = {}


_NEEDS: dict[tuple[frozenset[tuple[str, int]], TenantId], Need] = {}
_ABILITIES: dict[tuple[frozenset[tuple[str, int]], frozenset[TenantId], float], Ability] = {}


def ability(skills: Skills, councils: tuple[TenantId, ...], delay_s: float = 0.0) -> Ability:
    """The line an agent with these stands in while idle."""
    kind = (frozenset(skills.items()), frozenset(councils), delay_s)
    return _ABILITIES.get(kind) or _ABILITIES.setdefault(kind, Ability(*kind))


def lines_of(profile: AgentProfile) -> tuple[tuple[QueueId, Ability], ...]:
    """The lines an agent stands in while idle, one for each of her queues."""
    able = ability(profile.skills, profile.councils)
    return tuple(
        (queue, ability(profile.skills, profile.councils, profile.delay_s[queue]) if queue in profile.delay_s else able)
        for queue in profile.queues
    )


def need(skills: Skills, council: TenantId) -> Need:
    """The line a contact with this wish stands in while waiting."""
    kind = (frozenset(skills.items()), council)
    return _NEEDS.get(kind) or _NEEDS.setdefault(kind, Need(*kind))


def can_take(able: Ability, needed: Need) -> bool:
    """Whether agents of this ability may take contacts of this need."""
    known = able.takes.get(needed)
    if known is None:
        council = needed.council in able.councils or ALL_COUNCILS in able.councils
        known = able.takes[needed] = council and meets(dict(able.skills), dict(needed.skills))
    return known


_Kind = TypeVar("_Kind")
_Place = TypeVar("_Place", bound=tuple[object, ...])


class Line(Generic[_Kind, _Place]):
    """Places kept sorted per queue and kind, and the kinds of a queue by their first places.

    Whoever looks for the first place she may have goes through the heads in order and stops at the first that will do.
    Lists with bisect: a memmove of 10,000 entries takes microseconds. No place stands twice in a queue.
    """

    def __init__(self) -> None:
        self._queues: dict[QueueId, dict[_Kind, list[_Place]]] = {}
        self._heads: dict[QueueId, list[tuple[_Place, _Kind]]] = {}

    def add(self, queue: QueueId, kind: _Kind, place: _Place) -> None:
        """Put ``place`` where its order says."""
        places = self._queues.setdefault(queue, {}).setdefault(kind, [])
        if not places or place < places[0]:
            heads = self._heads.setdefault(queue, [])
            if places:
                del heads[bisect_left(heads, (places[0],))]
            insort(heads, (place, kind))
        insort(places, place)

    def remove(self, queue: QueueId, kind: _Kind, place: _Place) -> None:
        """Take ``place`` out; it must be there."""
        kinds = self._queues[queue]
        places = kinds[kind]
        index = bisect_left(places, place)
        if index == len(places) or places[index] != place:
            raise KeyError(place)
        del places[index]
        if index == 0:
            heads = self._heads[queue]
            del heads[bisect_left(heads, (place,))]
            if places:
                insort(heads, (places[0], kind))
        if not places:
            del kinds[kind]

    def kinds(self, queue: QueueId) -> Mapping[_Kind, list[_Place]]:
        """The lines of one queue; for reading only."""
        return self._queues.get(queue, {})

    def heads(self, queue: QueueId) -> Sequence[tuple[_Place, _Kind]]:
        """The first place of each line of one queue, in order; for reading only."""
        return self._heads.get(queue, ())
