"""The wish as it stands on a caller's channel, read once here (law 1): GH_* variables to kernel words and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kernel.contact import Wish
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, LegId, QueueId, TenantId, checked_id
from kernel.queues import Queue
from kernel.skill import NO_SKILLS, Skills

#: `waste:1/welsh:2`. No comma: a comma would end an argument of UserEvent().
_BETWEEN = "/"
_LEVEL = re.compile(r"\d{1,2}")
_PRIORITY = re.compile(r"-?\d{1,5}(\.\d{1,17})?")
_PLACE = re.compile(r"\d{1,4}")
_WRITTEN = re.compile(r"\d{1,9}")
_LIMIT = re.compile(r"\d{1,4}")
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,6})?")


def write_priority(priority: float) -> str:
    """Return a priority as it stands on a channel: never with an exponent, which the dialplan's sums do not read."""
    return str(priority) if priority == int(priority) else f"{priority:.17f}".rstrip("0")


def write_skills(skills: Skills) -> str:
    """Return skills as they stand on a channel."""
    return _BETWEEN.join(f"{checked_id(name, 'a skill')}:{level}" for name, level in sorted(skills.items()))


def read_skills(text: str) -> dict[str, int]:
    """Return the skills written on a channel. Raises ``BadInput``."""
    skills: dict[str, int] = {}
    for part in filter(None, text.split(_BETWEEN)):
        name, _, level = part.partition(":")
        if not _LEVEL.fullmatch(level):
            raise BadInput("bad_skills", "skills on a channel read name:level/name:level")
        skills[checked_id(name, "a skill")] = int(level)
    return skills


def write_preferred(wish: Wish) -> str:
    """Return whom a call prefers, as it stands on a channel; empty for nobody."""
    if wish.preferred is None:
        return ""
    seconds = "" if wish.preferred_s is None else f"{_BETWEEN}{wish.preferred_s:.0f}"
    return f"{checked_id(wish.preferred, 'an agent')}{seconds}"


def read_wish(
    field: Callable[[str], str], *, channel: str, leg: str, now: float, queues: Mapping[QueueId, Queue]
) -> Wish:
    """Read a wish; ``field`` gives Contact, Tenant, Queue, Priority, Skills, Language, Arrived and so on as text.

    Empty ``Skills`` and ``Priority`` mean what the queue says. Raises ``BadInput`` when the contact, council
    or queue is not an id; damaged skills, priority or arrival fall back, so that the caller is still served.
    """
    queue = QueueId(checked_id(field("Queue"), "a queue"))
    policy = queues.get(queue)
    preferred, preferred_s = _preferred(field("Preferred"))
    priority, arrived, moved_in = field("Priority"), field("Arrived"), field("Moved_in")
    return Wish(
        contact=ContactId(checked_id(field("Contact"), "a contact")),
        channel=channel,
        leg=LegId(leg),
        tenant=TenantId(checked_id(field("Tenant"), "a council")),
        queue=queue,
        priority=_whole_or(float(priority)) if _PRIORITY.fullmatch(priority) else policy.priority if policy else 0,
        skills=_skills_or(field("Skills"), policy.skills if policy else NO_SKILLS),
        language=field("Language") or "en",
        arrived=float(arrived) if _SECONDS.fullmatch(arrived) else now,
        preferred=preferred,
        preferred_s=preferred_s,
        moved_in=float(moved_in) if _SECONDS.fullmatch(moved_in) else None,
        place=int(place) if _PLACE.fullmatch(place := field("Place")) and int(place) > 0 else None,
        agreed=int(agreed) if _LEVEL.fullmatch(agreed := field("Agreed")) else 0,
        written=int(written) if _WRITTEN.fullmatch(written := field("Written")) else 0,
    )


def _whole_or(priority: float) -> float:
    """A whole priority as a whole number: so it is written and told."""
    return int(priority) if priority == int(priority) else priority


def _skills_or(written: str, otherwise: Skills) -> Skills:
    try:
        return read_skills(written) or otherwise
    except BadInput:
        return otherwise


def _preferred(written: str) -> tuple[AgentId | None, float | None]:
    """``agent`` or ``agent/30``: who is to take the call, and for how many seconds nobody else may."""
    name, _, seconds = written.partition(_BETWEEN)
    try:
        agent = AgentId(checked_id(name, "an agent")) if name else None
    except BadInput:
        return None, None
    return agent, float(seconds) if _LIMIT.fullmatch(seconds) else None
