"""What no single file can tell of who serves whom: names that must exist, and queues that could wait for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from adapters.files.cross_checks import Council, serves
from adapters.files.shapes import AgentShape, QueueShape
from kernel.located import ConfigError, Located
from kernel.schema import did_you_mean


def check_routing(councils: Sequence[Council], skills: Collection[str]) -> Iterator[ConfigError]:
    """Everything that is wrong with languages and orders of queues."""
    agents = [agent for council in councils for agent in council.people[1].agents]
    for council in councils:
        yield from _check_twice(council)
        tree, file = council.queues
        for at, queue in enumerate(file.queues):
            yield from _check_languages(council, at, queue, skills)
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
