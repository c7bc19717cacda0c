"""`queues.conf`: queues and their members."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guildhall.importing.conf_text import Left, Line, Section

#: app_queue's strategy -> ours. The nearest one; where it is not the same, the second word says how.
_STRATEGIES: Mapping[str, tuple[str, str]] = {
    "ringall": ("longest_idle", "rings up to 8 phones at once here ('ring_at_once')"),
    "leastrecent": ("longest_idle", ""),
    "fewestcalls": ("fewest_calls", ""),
    "random": ("random", ""),
    "wrandom": ("random", "without weights"),
    "rrmemory": ("round_robin", ""),
    "rrordered": ("round_robin", ""),
    "linear": ("fixed_order", ""),
}
#: app_queue's key -> ours, in seconds, with the least and most we take.
_SECONDS = {
    "timeout": ("ring_time", 3, 120),
    "wrapuptime": ("wrap_up", 0, 3600),
    "servicelevel": ("service_level", 1, 3600),
}
#: Nothing is lost by leaving these out: we do it always, or never, or have another way.
_QUIET = frozenset(
    """musicclass context monitor-type monitor-format eventwhencalled reportholdtime retry ringinuse autopause
    setinterfacevar setqueuevar setqueueentryvar autofill persistentmembers shared_lastcall log_membername_as_agent
    updatecdr memberdelay timeoutpriority timeoutrestart""".split()  # noqa: SIM905 - read as words
)
#: Theirs -> what an engineer does about it.
_ADVICE: Mapping[str, str] = {
    "maxlen": "say under 'limits: full' what a caller then meets",
    "joinempty": "say under 'limits: nobody' what a caller meets with nobody there",
    "leavewhenempty": "say under 'limits: nobody' what a caller meets with nobody there",
    "announce-frequency": "say it under 'announce' of the queue",
    "announce-position": "say it under 'announce' of the queue",
    "announce-holdtime": "say it under 'announce' of the queue",
    "periodic-announce": "say it under 'announce: comfort' of the queue",
    "periodic-announce-frequency": "say it under 'announce: every' of the queue",
}
_TECHNOLOGY = re.compile(r"(?:PJSIP|SIP|IAX2|Local)/([A-Za-z0-9_.-]{1,40})")


@dataclass(slots=True)
class Queues:
    """What `queues.yaml` and `people.yaml` will say."""

    #: Name in Asterisk -> id here.
    ids: dict[str, str] = field(default_factory=dict)
    queues: list[dict[str, object]] = field(default_factory=list)
    #: Endpoint -> (name people read, queue ids).
    members: dict[str, tuple[str, list[str]]] = field(default_factory=dict)


def import_queues(sections: Mapping[str, Section], left: list[Left]) -> Queues:
    """Turn every section but ``[general]`` into a queue."""
    found = Queues()
    for section in sections.values():
        if section.name != "general":
            _queue(section, found, left)
    return found


def an_id(text: str, taken: set[str]) -> str:
    """A name of ours for one of theirs: letters, digits, underscores, not taken yet."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:28] or "unnamed"
    name = plain if plain[0].isalpha() else f"n_{plain}"
    number = 2
    while name in taken:
        name, number = f"{plain[:26]}_{number}", number + 1
    return name


def _queue(section: Section, found: Queues, left: list[Left]) -> None:
    name = an_id(section.name, set(found.ids.values()))
    found.ids[section.name] = name
    queue: dict[str, object] = {"id": name, "name": section.name.replace("_", " ").strip()[:100]}
    for line in section.lines:
        if line.key == "member":
            _member(line, name, found, left)
        else:
            queue.update(_setting(line, left))
    found.queues.append(queue)


def _setting(line: Line, left: list[Left]) -> Iterator[tuple[str, object]]:
    if line.key == "strategy" and line.value in _STRATEGIES:
        ours, remark = _STRATEGIES[line.value]
        yield "strategy", ours
        if line.value == "ringall":
            yield "ring_at_once", 8
        if remark:
            left.append(Left(file=line.file, line=line.number, why=f"strategy {line.value} became {ours}: {remark}"))
    elif line.key in _SECONDS and line.value.isdecimal():
        ours, least, most = _SECONDS[line.key]
        yield ours, f"{min(max(int(line.value), least), most)}s"
    elif line.key == "weight" and line.value.isdecimal():
        if int(line.value):
            yield "weight", min(int(line.value), 100)
            why = f"weight {line.value}: there it goes before all others, here its calls count as so many minutes older"
            left.append(Left(file=line.file, line=line.number, why=why))
    elif line.key in _ADVICE:
        if line.value != "0":
            why = f"{line.key} = {line.value[:60]}: {_ADVICE[line.key]}"
            left.append(Left(file=line.file, line=line.number, why=why))
    elif line.key not in _QUIET:
        left.append(
            Left(file=line.file, line=line.number, why=f"{line.key} = {line.value[:60]} has no counterpart here")
        )


def _member(line: Line, queue: str, found: Queues, left: list[Left]) -> None:
    interface, _, rest = line.value.partition(",")
    penalty, _, rest = rest.partition(",")
    endpoint = _TECHNOLOGY.match(interface.strip())
    if endpoint is None:
        left.append(Left(file=line.file, line=line.number, why=f"member {interface[:60]} is no phone of an agent"))
        return
    name = rest.partition(",")[0].strip().strip('"') or endpoint[1]
    queues = found.members.setdefault(endpoint[1], (name[:100], []))[1]
    if queue not in queues:
        queues.append(queue)
    if penalty.strip() not in {"", "0"}:
        why = f"penalty {penalty.strip()[:10]}: give the agent an 'order' for this queue in people.yaml"
        left.append(Left(file=line.file, line=line.number, why=why))
