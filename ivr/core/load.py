"""A flow from its file: the schema first, then what only the whole can tell: names, reach, ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.core.flow import Flow
from ivr.core.verbs import AnyVerb
from kernel.ids import QueueId
from kernel.located import ConfigError, ConfigErrors, Located
from kernel.queues import Queue
from kernel.schema import Id, Schema, did_you_mean, fill
from kernel.tenant import Tenant


class FlowFile(Schema):
    """The schema of ``flows/<name>.yaml``."""

    start: Id
    steps: dict[Id, AnyVerb]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a flow may name: its council, that council's queues, and the prompts it can play."""

    tenant: Tenant
    queues: Mapping[QueueId, Queue]
    prompts: Collection[str]


def load_flow(tree: Located, name: str, around: Surroundings) -> Flow:
    """Return the flow of a council. Raises ``ConfigErrors`` with everything that is wrong with it."""
    file = fill(tree, FlowFile)
    own = {queue.id: queue for queue in around.queues.values() if queue.tenant == around.tenant.id}
    errors = [
        *_unknown_targets(tree, file),
        *_unknown_names(tree, file, around.prompts, own),
    ]
    # Reach is only worth telling once every name is right.
    if errors or (errors := [*_out_of_reach(tree, file), *_endless(tree, file)]):
        raise ConfigErrors(errors)
    return Flow(
        tenant=around.tenant.id,
        name=name,
        start=file.start,
        steps=file.steps,
        queues=own,
        default_queue=around.tenant.default_queue,
    )


def _unknown_targets(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    if file.start not in file.steps:
        yield _unknown(tree, ("start",), "step", file.start, file.steps)
    for name, verb in file.steps.items():
        for key, target in verb.targets().items():
            if target not in file.steps:
                yield _unknown(tree, ("steps", name, *key.split(".")), "step", target, file.steps)


def _unknown_names(
    tree: Located, file: FlowFile, prompts: Collection[str], queues: Mapping[QueueId, Queue]
) -> Iterator[ConfigError]:
    for name, verb in file.steps.items():
        for key, used in verb.prompts_used().items():
            for at, prompt in enumerate(used):
                if prompt not in prompts:
                    yield _unknown(tree, ("steps", name, key, at), "prompt", prompt, prompts)
        for key, queue in verb.queues_used().items():
            if queue not in queues:
                yield _unknown(tree, ("steps", name, key), "queue", queue, queues)


def _out_of_reach(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    reached: set[str] = set()
    ahead = [file.start]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(file.steps[name].targets().values())
    for name in file.steps:
        if name not in reached:
            yield ConfigError(tree.at(("steps", name)), "unreachable", f"no way leads to step '{name}'", "remove it")


def _endless(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    """Steps that no end can be reached from: the caller would go round for ever."""
    before: dict[str, set[str]] = {name: set() for name in file.steps}
    for name, verb in file.steps.items():
        for target in verb.targets().values():
            before[target].add(name)
    ending: set[str] = set()
    ahead = [name for name, verb in file.steps.items() if not verb.targets()]
    while ahead:
        name = ahead.pop()
        if name not in ending:
            ending.add(name)
            ahead.extend(before[name])
    for name in file.steps:
        if name not in ending:
            hint = "lead it to an enqueue or a hangup"
            yield ConfigError(tree.at(("steps", name)), "no_end", f"from step '{name}' the call never ends", hint)


def _unknown(tree: Located, path: tuple[str | int, ...], what: str, name: str, known: Collection[str]) -> ConfigError:
    return ConfigError(tree.at(path), f"unknown_{what}", f"unknown {what} '{name}'", did_you_mean(name, known))
