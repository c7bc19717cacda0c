"""What no single file can tell of who serves whom: names that must exist, and queues that could wait for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from adapters.files.cross_checks import Council, serves
from adapters.files.shapes import AgentShape, QueueShape
from kernel.located import ConfigError, Located
from kernel.schema import did_you_mean


def check_routing(councils: Sequence[Council], skills: Collection[str]) -> Iterator[ConfigError]:
    """Everything that is wrong with languages and orders of queues."""
    agents = [agent for council in councils for agent in council.people[1].agents]
    yield from _check_shares(councils)
    for council in councils:
        yield from _check_twice(council)
        tree, file = council.queues
        for at, queue in enumerate(file.queues):
            yield from _check_languages(council, at, queue, skills)
            yield from _check_floor(council, at, queue, agents)
            yield from _check_order(tree, at, f"{council.id}.{queue.id}", queue, agents)


def _check_twice(council: Council) -> Iterator[ConfigError]:
    """A queue named twice would put her into its line twice."""
    tree, file = council.people
    for at, agent in enumerate(file.agents):
        seen: set[str] = set()
        for n, one in enumerate(agent.queues):
            if one.queue in seen:
                yield ConfigError(
                    tree.at(("agents", at, "queues", n)), "duplicate", f"queue '{one.queue}' stands twice"
                )
            seen.add(one.queue)


def _check_languages(council: Council, at: int, queue: QueueShape, skills: Collection[str]) -> Iterator[ConfigError]:
    tree, spoken = council.queues[0], council.tenant[1].languages
    for language, needed in queue.languages.items():
        path = ("queues", at, "languages", language)
        if language not in spoken:
            hint = did_you_mean(language, spoken)
            yield ConfigError(tree.at(path), "unknown_language", f"the council has no language '{language}'", hint)
        for skill in needed:
            if skill not in skills:
                hint = did_you_mean(skill, skills)
                yield ConfigError(tree.at((*path, skill)), "unknown_skill", f"unknown skill '{skill}'", hint)


def _check_order(
    tree: Located, at: int, name: str, queue: QueueShape, agents: Sequence[AgentShape]
) -> Iterator[ConfigError]:
    """A queue that comes second with everybody has no bound on its waits (docs/decisions/0010)."""
    serving = [agent for agent in agents if serves(agent, name, queue)]
    if not serving or any(_first(agent, name) for agent in serving):
        return
    message = f"queue '{queue.id}' comes after another with every agent who serves it: its callers may wait for ever"
    hint = "let it be of the lowest 'order' with one agent at least"
    yield ConfigError(tree.at(("queues", at, "id")), "never_first", message, hint)


def _first(agent: AgentShape, name: str) -> bool:
    order = {one.queue: one.order for one in agent.queues}
    return order[name] == min(order.values())


def _check_floor(council: Council, at: int, queue: QueueShape, agents: Sequence[AgentShape]) -> Iterator[ConfigError]:
    tree, name = council.queues[0], f"{council.id}.{queue.id}"
    place = tree.at(("queues", at, "floor"))
    if queue.floor and council.tenant[1].emergency_queue != name:
        hint = "name the queue as 'emergency_queue' in tenant.yaml"
        yield ConfigError(place, "bad_floor", "only the emergency queue may hold agents", hint)
    serving = sum(serves(agent, name, queue) for agent in agents)
    if 0 < serving <= queue.floor:
        message = f"a floor of {queue.floor} holds all {serving} agents who can serve the queue, for ever"
        yield ConfigError(place, "bad_floor", message, "hold fewer, or let more agents serve the queue")


def _check_shares(councils: Sequence[Council]) -> Iterator[ConfigError]:
    agreed = {council.id: (council.tenant[1].share, council.tenant[1].cap) for council in councils}
    trees = {council.id: council.tenant[0] for council in councils}
    for council, key, message in share_mistakes(agreed):
        yield ConfigError(trees[council].at((key,)), "bad_share", message)


def share_mistakes(agreed: Mapping[str, tuple[int | None, int | None]]) -> Iterator[tuple[str, str, str]]:
    """Guarantees that cannot all be kept are none; who has none while others do could wait for ever.

    ``agreed``: council -> share and cap, per cent. Yields council, key and message.
    """
    given = [share for share, _cap in agreed.values() if share is not None]
    for council, (share, cap) in agreed.items():
        if share is not None and sum(given) > 100:  # noqa: PLR2004 - per cent
            yield council, "share", f"the councils' shares sum to {sum(given)} per cent, more than 100"
        if share is None and given:
            yield council, "share", "others have a share: this council needs one too"
        if share is not None and cap is not None and cap < share:
            yield council, "cap", f"a cap of {cap} is below the share of {share}"
