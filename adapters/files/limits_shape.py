"""``limits:`` in `queues.yaml`: when a caller leaves a queue without an agent, and which way; its shape and checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from kernel.exits import Exit, ExitKind, Full, LeaveWhy, Limit, Limits
from kernel.ids import AgentId, QueueId
from kernel.located import ConfigError, Placed
from kernel.schema import Count, Duration, Id, Schema, did_you_mean

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
#: Which keys each way out must have, and which it may have.
_KEYS: Mapping[ExitKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ExitKind.OVERFLOW: (("queue",), ()),
    ExitKind.CALLBACK: ((), ("prompts",)),
    ExitKind.VOICEMAIL: (("box",), ("prompts",)),
    ExitKind.MESSAGE: (("prompts",), ()),
    ExitKind.PERSON: (("number",), ("prompts",)),
}
#: A person who is an agent: the caller stays in the queue, and hears nothing but its music.
_AGENT_KEYS = (("agent",), ("wait",))
#: Ways out that end without a person: none of them is for an emergency.
_NO_PERSON = frozenset({ExitKind.CALLBACK, ExitKind.VOICEMAIL, ExitKind.MESSAGE})

Path = tuple[str | int, ...]


class ExitShape(Schema):
    """One way out."""

    to: ExitKind
    queue: Id | None = None
    prompts: Annotated[tuple[Id, ...], Field(max_length=5)] = ()
    box: _Name | None = None
    number: _Name | None = None
    #: An agent who serves the queue, and how long the call waits for her alone.
    agent: Id | None = None
    wait: Annotated[Duration, Field(ge=1, le=3600)] | None = None


class WaitShape(ExitShape):
    """A limit that time brings."""

    after: Annotated[Duration, Field(ge=0, le=7200)]


class FullShape(ExitShape):
    """A limit of length."""

    at: Annotated[Count, Field(ge=1, le=10000)]


class LimitsShape(Schema):
    """A queue's limits; one that is not named does not exist."""

    steps_over: WaitShape | None = None
    timeout: WaitShape | None = None
    full: FullShape | None = None
    nobody: WaitShape | None = None
    on_break: WaitShape | None = None

    def ways(self) -> Iterator[tuple[str, ExitShape]]:
        """Every way out that is there, with its reason."""
        for why in LeaveWhy:
            way: ExitShape | None = getattr(self, why.value, None)
            if way is not None:
                yield why.value, way


def limits_meant(shape: LimitsShape) -> Limits:
    """The limits in the house's own words."""

    def wait(way: WaitShape | None) -> Limit | None:
        return None if way is None else Limit(after_s=way.after, exit=_exit(way))

    full = shape.full
    return Limits(
        steps_over=wait(shape.steps_over),
        timeout=wait(shape.timeout),
        full=None if full is None else Full(at=full.at, exit=_exit(full)),
        nobody=wait(shape.nobody),
        on_break=wait(shape.on_break),
    )


def _exit(way: ExitShape) -> Exit:
    return Exit(
        kind=way.to,
        queue=None if way.queue is None else QueueId(way.queue),
        prompts=way.prompts,
        box=way.box,
        number=way.number,
        agent=None if way.agent is None else AgentId(way.agent),
        **({} if way.wait is None else {"wait_s": way.wait}),
    )


#: Full name of a queue -> its place in the file, and its limits.
QueueLimits = Mapping[str, tuple[int, LimitsShape]]


def check_limits(  # noqa: PLR0913 - what the limits may name, each by name
    tree: Placed,
    queues: QueueLimits,
    *,
    prompts: Collection[str] | None,
    numbers: Collection[str] | None,
    serving: Mapping[str, Collection[str]] | None,
    emergency: str | None,
) -> Iterator[ConfigError]:
    """What is wrong with the limits of one council's queues.

    ``numbers``: names of ``transfer_to``. ``serving``: full name of a queue -> the agents who can answer it. None: any
    will do.
    """
    for name, (at, limits) in queues.items():
        for why, way in limits.ways():
            path: Path = ("queues", at, "limits", why)
            yield from _check_keys(tree, path, way)
            named = [("queue", "queue", way.queue, queues), ("number", "number", way.number, numbers)]
            for key, what, word, there in [*named, *(("prompts", "prompt", one, prompts) for one in way.prompts)]:
                if word is not None and there is not None and word not in there:
                    hint = did_you_mean(word, there)
                    yield ConfigError(tree.at((*path, key)), f"unknown_{what}", f"unknown {what} '{word}'", hint)
            if way.agent is not None and serving is not None and way.agent not in serving[name]:
                message = f"agent '{way.agent}' cannot answer queue '{name}'"
                hint = did_you_mean(way.agent, serving[name]) or "give her the queue and the skills it needs"
                yield ConfigError(tree.at((*path, "agent")), "unknown_agent", message, hint)
            if way.queue is not None and name in _reached(way.queue, queues):
                message = f"an overflow from '{name}' comes back to it"
                yield ConfigError(tree.at((*path, "queue")), "overflow_ring", message, "a call would go round for ever")
    yield from _check_emergency(tree, queues, emergency)


def _check_emergency(tree: Placed, queues: QueueLimits, emergency: str | None) -> Iterator[ConfigError]:
    for name in _reached(emergency, queues) if emergency else ():
        at, limits = queues[name]
        for why, way in limits.ways():
            if way.to in _NO_PERSON:
                message = f"an emergency may come to '{name}', and '{way.to}' leads to no person"
                hint = "overflow to another queue, or ring a number"
                yield ConfigError(tree.at(("queues", at, "limits", why, "to")), "emergency_exit", message, hint)


def _check_keys(tree: Placed, path: Path, way: ExitShape) -> Iterator[ConfigError]:
    to_agent = way.to is ExitKind.PERSON and way.agent is not None
    must, may = _AGENT_KEYS if to_agent else _KEYS[way.to]
    for key in ("queue", "prompts", "box", "number", "agent", "wait"):
        there = bool(getattr(way, key))
        if key in must and not there:
            also = " or 'agent'" if way.to is ExitKind.PERSON else ""
            yield ConfigError(tree.at(path), "missing_key", f"'{key}'{also} is missing: '{way.to}' needs it")
        if there and key not in (*must, *may):
            what = f"'{way.to}' with an agent" if to_agent else f"'{way.to}'"
            yield ConfigError(tree.at((*path, key)), "unknown_key", f"{what} takes no '{key}'")


def _reached(begin: str, queues: QueueLimits) -> list[str]:
    """The queues a call in ``begin`` may come to by overflows, itself the first."""
    found, to_do = list[str](), [begin]
    while to_do:
        name = to_do.pop()
        if name in queues and name not in found:
            found.append(name)
            to_do += [way.queue for _, way in queues[name][1].ways() if way.queue is not None]
    return found
