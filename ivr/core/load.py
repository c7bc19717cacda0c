"""A flow from its file: the schema first, then what only the whole can tell: names, types, reach, ends."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.core.flow import RETURN, Flow, Path
from ivr.core.graph import ending, reached
from ivr.core.variables import check_types, types_of
from ivr.core.verbs import AnyVerb
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.say import Say
from ivr.core.verbs.steer import Steer, said_by_steering
from kernel.ids import AgentId, QueueId
from kernel.located import ConfigError, ConfigErrors, Located
from kernel.queues import Queue
from kernel.schema import MAX_ERRORS, Id, Schema, did_you_mean, fill
from kernel.tenant import Tenant


class FlowFile(Schema):
    """The schema of ``flows/<name>.yaml``."""

    start: Id
    steps: dict[Id, AnyVerb]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a flow may name: its council, that council's queues, the prompts it can play, the flows it can call."""

    tenant: Tenant
    queues: Mapping[QueueId, Queue]
    prompts: Collection[str]
    pieces: Mapping[str, Flow] = field(default_factory=dict)
    #: Who serves which queue; a call may wait for nobody else.
    agents: Mapping[QueueId, Collection[AgentId]] = field(default_factory=dict)


def load_flow(tree: Located, name: str, around: Surroundings) -> Flow:
    """Return the flow of a council. Raises ``ConfigErrors`` with everything that is wrong with it."""
    return bind_flow(tree, fill(tree, FlowFile), name, around)


def bind_flow(tree: Located, file: FlowFile, name: str, around: Surroundings) -> Flow:
    """Bind a file that was read to its surroundings. Raises ``ConfigErrors`` with everything that is wrong with it."""
    tenant = around.tenant
    own = {queue.id: queue for queue in around.queues.values() if queue.tenant == tenant.id}
    called = pieces_called(file)
    pieces = {one: flow for one, flow in around.pieces.items() if one in called}
    types = types_of(file.steps, tenant, own, pieces)
    # Lazily: a file of a thousand mistakes has one cause, and did-you-mean costs time.
    wrong = itertools.chain(
        _unknown_targets(tree, file),
        _unknown_names(tree, file, around, own),
        _foreign_agents(tree, file, around),
        _unsaid(tree, file, around),
        _missing_languages(tree, file, tenant),
        check_types(tree, file.steps, types, tenant, own),
    )
    errors = list(itertools.islice(wrong, MAX_ERRORS))
    # Reach is only worth telling once every name is right, and what nobody reaches once every way ends somewhere.
    for more in (_endless(tree, file), _out_of_reach(tree, file)):
        errors = errors or list(itertools.islice(more, MAX_ERRORS))
    if errors:
        raise ConfigErrors(errors)
    return Flow(
        tenant=tenant.id,
        name=name,
        start=file.start,
        steps=file.steps,
        queues=own,
        default_queue=tenant.default_queue,
        pieces=pieces,
        hours=tenant.hours,
        incidents=tenant.incidents,
        tables=tenant.tables,
        transfer_to=tenant.transfer_to,
        steering=tenant.steering,
        types=types,
    )


def pieces_called(file: FlowFile) -> dict[str, Path]:
    """The flows its steps call, and where the first call of each stands."""
    found: dict[str, Path] = {}
    for name, verb in file.steps.items():
        for what, path, flow in verb.names_used():
            if what == "flow":
                found.setdefault(flow, ("steps", name, *path))
    return found


def _unknown_targets(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    if RETURN in file.steps:
        message, hint = f"no step can be called '{RETURN}'", "it is the way out of a piece"
        yield ConfigError(tree.at(("steps", RETURN)), "reserved", message, hint)
    if file.start not in file.steps:
        yield _unknown(tree, ("start",), "step", file.start, file.steps)
    for name, verb in file.steps.items():
        for key, target in verb.targets().items():
            if target not in file.steps and target != RETURN:
                # Once: an expression as a key may hold dots of its own.
                yield _unknown(tree, ("steps", name, *key.split(".", 1)), "step", target, file.steps)


def _unknown_names(
    tree: Located, file: FlowFile, around: Surroundings, queues: Mapping[QueueId, Queue]
) -> Iterator[ConfigError]:
    tenant = around.tenant
    known: dict[str, Collection[str]] = {
        "hours": tenant.hours,
        "incident": tenant.incidents,
        "table": tenant.tables,
        "service": tenant.services,
        "transfer": tenant.transfer_to,
        "language": tenant.languages,
        "flow": around.pieces,
        "agent": {agent for agents in around.agents.values() for agent in agents},
        "intent": (),
    }
    for name, verb in file.steps.items():
        for key, used in verb.prompts_used().items():
            for at, prompt in enumerate(used):
                if prompt not in around.prompts:
                    yield _unknown(tree, ("steps", name, key, at), "prompt", prompt, around.prompts)
        for key, queue in verb.queues_used().items():
            if queue not in queues:
                yield _unknown(tree, ("steps", name, key), "queue", queue, queues)
        for what, path, used_name in verb.names_used():
            if used_name not in known[what]:
                yield _unknown(tree, ("steps", name, *path), what, used_name, known[what], _NAMED_IN.get(what))


def _foreign_agents(tree: Located, file: FlowFile, around: Surroundings) -> Iterator[ConfigError]:
    """Calls that wait for an agent who does not serve the queue they wait in."""
    everybody = {agent for agents in around.agents.values() for agent in agents}
    for name, verb in file.steps.items():
        if isinstance(verb, Enqueue) and verb.preferred in everybody:
            own = around.agents.get(QueueId(verb.queue), ())
            if verb.preferred not in own:
                message = f"agent '{verb.preferred}' does not serve queue '{verb.queue}'"
                hint = did_you_mean(verb.preferred, own) or "give her the queue in people.yaml"
                yield ConfigError(tree.at(("steps", name, "preferred")), "foreign_agent", message, hint)


def _unsaid(tree: Located, file: FlowFile, around: Surroundings) -> Iterator[ConfigError]:
    """Prompts that a conversation about a step's intents needs and nobody wrote."""
    book = around.tenant.steering
    for name, verb in file.steps.items():
        if isinstance(verb, Steer) and book is not None:
            for prompt in sorted(said_by_steering(book, verb.intents) - set(around.prompts)):
                yield _unknown(tree, ("steps", name, "verb"), "prompt", prompt, around.prompts)


def _missing_languages(tree: Located, file: FlowFile, tenant: Tenant) -> Iterator[ConfigError]:
    for name, verb in file.steps.items():
        if isinstance(verb, Say):
            for language in tenant.languages:
                if language not in verb.text:
                    place = tree.at(("steps", name, "text"))
                    yield ConfigError(place, "missing_language", f"step '{name}' has no text in '{language}'")


def _out_of_reach(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    """Steps nobody comes to; of those that only such steps lead to, the first is enough."""
    found = reached(file.steps, file.start)
    led_to = {
        to for name, verb in file.steps.items() if name not in found for to in verb.targets().values() if to != name
    }
    lost = [name for name in file.steps if name not in found]
    # The heads first: what they lead to needs no word of its own. What is left goes round among itself.
    for name in sorted(lost, key=lambda one: one in led_to):
        if name not in found:
            found |= reached(file.steps, name)
            hint = "lead a way to it, or remove it"
            yield ConfigError(tree.at(("steps", name)), "unreachable", f"no way leads to step '{name}'", hint)


def _endless(tree: Located, file: FlowFile) -> Iterator[ConfigError]:
    """Steps that no end can be reached from: the caller would go round for ever."""
    found = ending(file.steps)
    for name in file.steps:
        if name not in found:
            hint = "lead it to an enqueue or a hangup"
            yield ConfigError(tree.at(("steps", name)), "no_end", f"from step '{name}' the call never ends", hint)


#: Where a council gives such names.
_NAMED_IN: Mapping[str, str] = {
    "hours": "name them under 'hours:' in tenant.yaml",
    "incident": "name it in incidents.yaml",
    "table": "name it in tables.yaml",
    "service": "name it under 'services:' in tenant.yaml",
    "transfer": "name its number under 'transfer_to:' in tenant.yaml",
    "language": "name it in 'languages:' of tenant.yaml",
    "flow": "its file stands in flows/",
    "intent": "name it in 'intents:' of this step",
}


def _unknown(  # noqa: PLR0913, PLR0917 - what is wrong, and what would be right
    tree: Located, path: Path, what: str, name: str, known: Collection[str], otherwise: str | None = None
) -> ConfigError:
    hint = did_you_mean(name, known) or otherwise
    return ConfigError(tree.at(path), f"unknown_{what}", f"unknown {what} '{name}'", hint)
