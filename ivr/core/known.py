"""What an expression may name besides a flow's own variables, and what these names stand for in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from ivr.core.effects import LookAround
from ivr.core.expression import NUMBER, TEXT, YES_NO, Expression, Type, Value
from ivr.core.flow import Flow
from ivr.core.inputs import LookedAround
from ivr.core.walk import Walk
from kernel.hours import LONDON, open_at
from kernel.ids import QueueId

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Read-only names that every flow knows.
ALWAYS: Mapping[str, Type] = {"number": TEXT, "council": TEXT, "language": TEXT, "hour": NUMBER, "weekday": TEXT}
_TIMELY = {"hour", "weekday"}


def known_types(hours: Iterable[str], queues: Iterable[QueueId]) -> dict[str, Type]:
    """Return the read-only names of a council: `open.<hours>`, `waiting.<queue>`, `staff.<queue>` with short names."""
    types = dict(ALWAYS)
    types.update({f"open.{name}": YES_NO for name in hours if name.isidentifier()})
    for queue in queues:
        types |= {f"waiting.{_short(queue)}": NUMBER, f"staff.{_short(queue)}": NUMBER}
    return types


def look_for(expressions: Iterable[Expression], flow: Flow) -> LookAround | None:
    """What must be looked at before these can be evaluated; None when nothing."""
    names = {name for one in expressions for name, _ in one.names()}
    outside = {name for name in names if name in _TIMELY or "." in name}
    wanted = {name.partition(".")[2] for name in outside if name.startswith(("waiting.", "staff."))}
    if not outside:
        return None
    return LookAround(queues=tuple(sorted(queue for queue in flow.queues if _short(queue) in wanted)))


def known_values(walk: Walk, seen: LookedAround | None) -> dict[str, Value]:
    """Every name with its value in this call; what was not looked at is absent."""
    values = dict(walk.variables)
    values |= {"number": walk.number, "council": str(walk.flow.tenant), "language": walk.language}
    if seen is None:
        return values
    when = datetime.fromtimestamp(seen.now, UTC)
    local = when.astimezone(LONDON)
    values |= {"hour": local.hour, "weekday": WEEKDAYS[local.weekday()]}
    for name, hours in walk.flow.hours.items():
        if name.isidentifier():
            values[f"open.{name}"] = open_at(hours, when, notices=seen.notices.get(name, ())).open
    values |= {f"waiting.{_short(queue)}": count for queue, count in seen.waiting.items()}
    return values | {f"staff.{_short(queue)}": count for queue, count in seen.staff.items()}


def _short(queue: QueueId) -> str:
    return queue.partition(".")[2]
