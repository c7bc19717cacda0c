"""``routing`` in a day file: queues and councils in the words of `queues.yaml` and `tenant.yaml`, for the simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from adapters.files.ask_checks import check_questions
from adapters.files.limits_shape import check_limits
from adapters.files.meant import policy_meant
from adapters.files.routing_checks import share_mistakes
from adapters.files.shapes import Label, QueueShape
from kernel.ids import QueueId, TenantId
from kernel.located import ConfigError, ConfigErrors, Place, Placed
from kernel.queues import Queue
from kernel.schema import Count, Id, Schema, did_you_mean, filled

#: Where the section stands in the day file.
SECTION = "routing"
#: A simulated call has these of its own, or the day has a default of its own: what is not named stays as it was.
_OF_THE_DAY = {"ring_time": "ring_time_s", "wrap_up": "wrap_up_s", "service_level": "service_level_s"}


class DayQueueShape(QueueShape):
    """A queue as in ``queues.yaml``, by its full name; JSON numbers are seconds where a duration is expected."""

    id: Id
    name: Label = "-"


class DayCouncilShape(Schema):
    """A council: what ``tenant.yaml`` says of all its queues."""

    share: Annotated[Count, Field(ge=1, le=100)] | None = None
    cap: Annotated[Count, Field(ge=1, le=100)] | None = None
    emergency_queue: Id | None = None
    default_queue: Id | None = None


class RoutingShape(Schema):
    """The whole section."""

    queues: tuple[DayQueueShape, ...] = ()
    councils: dict[Id, DayCouncilShape] = Field(default_factory=dict)


def routed(raw: object, places: Placed, plain: Sequence[Queue]) -> tuple[Queue, ...]:
    """The queues of a day with what ``raw``, its section, says of them; ``plain``: as they are without it.

    A queue that only the section names belongs to the council before the dot. Raises ``ConfigErrors``.
    """
    shape = filled(raw, RoutingShape, places, (SECTION,))
    base = {queue.id: queue for queue in plain}
    councils = {one.id: base[QueueId(one.id)].tenant if one.id in base else _before_dot(one.id) for one in shape.queues}
    councils |= {queue.id: queue.tenant for queue in plain}
    # Each once: the limits are looked at again for each emergency queue.
    if mistakes := {str(mistake): mistake for mistake in _mistakes(shape, places, councils)}:
        raise ConfigErrors(list(mistakes.values()))
    named = {one.id: one for one in shape.queues}
    found: list[Queue] = []
    for name in sorted(councils):
        was = base.get(QueueId(name)) or Queue(id=QueueId(name), tenant=councils[name], name=name, wrap_up_s=0.0)
        agreed = shape.councils.get(councils[name], DayCouncilShape())
        one = named.get(name, DayQueueShape(id=name))
        kept = {field: getattr(was, field) for key, field in _OF_THE_DAY.items() if key not in one.model_fields_set}
        found.append(replace(policy_meant(was.id, was.tenant, one, agreed), name=name, recording=was.recording, **kept))
    return tuple(found)


def _before_dot(name: str) -> TenantId:
    return TenantId(name.partition(".")[0])


def _mistakes(shape: RoutingShape, places: Placed, councils: Mapping[str, TenantId]) -> Iterator[ConfigError]:
    seen: set[str] = set()
    for at, queue in enumerate(shape.queues):
        if queue.id in seen:
            place = places.at((SECTION, "queues", at, "id"))
            yield ConfigError(place, "duplicate", f"queue '{queue.id}' stands twice")
        seen.add(queue.id)
    yield from _of_councils(shape, places, councils)
    limits = {queue.id: (at, queue.limits) for at, queue in enumerate(shape.queues)}
    # An overflow may lead to a queue that the section says nothing of.
    limits |= {name: (len(shape.queues), DayQueueShape(id=name).limits) for name in councils.keys() - limits.keys()}
    inside = _Inside(places)
    for at, queue in enumerate(shape.queues):
        yield from check_questions(inside, at, queue, None)
    for emergency in {one.emergency_queue for one in shape.councils.values()} or {None}:
        yield from check_limits(inside, limits, prompts=None, numbers=None, serving=None, emergency=emergency)


def _of_councils(shape: RoutingShape, places: Placed, councils: Mapping[str, TenantId]) -> Iterator[ConfigError]:
    there = set(councils.values())
    for council, one in shape.councils.items():
        path = (SECTION, "councils", council)
        if council not in there:
            message = f"no queue of the day belongs to a council '{council}'"
            yield ConfigError(places.at(path), "unknown_council", message, did_you_mean(council, there))
        if one.emergency_queue is not None and one.emergency_queue not in councils:
            message, hint = f"unknown queue '{one.emergency_queue}'", did_you_mean(one.emergency_queue, councils)
            yield ConfigError(places.at((*path, "emergency_queue")), "unknown_queue", message, hint)
        elif one.emergency_queue is not None and councils[one.emergency_queue] != council:
            message = f"queue '{one.emergency_queue}' belongs to council '{councils[one.emergency_queue]}'"
            yield ConfigError(places.at((*path, "emergency_queue")), "unknown_queue", message)
    silent = {str(council): DayCouncilShape() for council in there} if shape.councils else {}
    agreed = {name: (one.share, one.cap) for name, one in (silent | shape.councils).items()}
    for council, key, message in share_mistakes(agreed):
        yield ConfigError(places.at((SECTION, "councils", council, key)), "bad_share", f"{council}: {message}")
    floors = {one.emergency_queue for one in shape.councils.values()}
    for at, queue in enumerate(shape.queues):
        if queue.floor and queue.id not in floors:
            hint = f"name it as 'emergency_queue' of its council in {SECTION}.councils"
            place = places.at((SECTION, "queues", at, "floor"))
            yield ConfigError(place, "bad_floor", "only the emergency queue may hold agents", hint)


class _Inside:
    """The places of the section, for checks that think it is the whole file."""

    def __init__(self, places: Placed) -> None:
        self._places = places

    def at(self, path: Sequence[str | int]) -> Place:
        """Where ``path`` leads from the section on."""
        return self._places.at((SECTION, *path))
