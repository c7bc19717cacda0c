"""What no single file can tell: names that must exist elsewhere, things that must be there once only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from adapters.files.announce_shape import check_announce
from adapters.files.ask_checks import check_questions
from adapters.files.intents_shape import IntentsFile
from adapters.files.limits_shape import check_limits
from adapters.files.shapes import (
    AgentShape,
    IncidentsFile,
    NumberShape,
    PeopleFile,
    PromptsFile,
    QueuesFile,
    QueueShape,
    TablesFile,
    TenantFile,
)
from kernel.located import ConfigError, Located, Place
from kernel.schema import did_you_mean
from kernel.skill import meets

#: The PBX plays it by itself when it answers, so every council must have it.
OPENING = "opening"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """One council's files: each with its tree, so that mistakes can be told by place."""

    id: str
    tenant: tuple[Located, TenantFile]
    queues: tuple[Located, QueuesFile]
    people: tuple[Located, PeopleFile]
    prompts: tuple[Located, PromptsFile]
    flows: Mapping[str, Located]
    #: These two files a council may do without.
    tables: tuple[Located, TablesFile] | None = None
    incidents: tuple[Located, IncidentsFile] | None = None
    intents: IntentsFile | None = None


def check_all(
    councils: Sequence[Council], skills: Collection[str], shared: tuple[Located, PromptsFile]
) -> Iterator[ConfigError]:
    """Everything that is wrong between the files."""
    queues = {f"{council.id}.{queue.id}": queue for council in councils for queue in council.queues[1].queues}
    names = {council.id for council in councils}
    agents = [agent for council in councils for agent in council.people[1].agents]
    for council in councils:
        yield from _check_tenant(council)
        yield from _check_hours(council)
        yield from _check_incidents(council, shared[1])
        yield from _check_queues(council, skills, agents)
        yield from _check_people(council, names, queues, skills)
        yield from _check_limits(council, shared[1], agents)
        yield from _check_languages(council.prompts, council.tenant[1].languages)
        if OPENING not in council.prompts[1].prompts:
            place = council.prompts[0].at(("prompts",))
            hint = "the PBX plays it when it answers"
            yield ConfigError(place, "missing_prompt", f"prompt '{OPENING}' is missing", hint)
    spoken = {language: None for council in councils for language in council.tenant[1].languages}
    yield from _check_languages(shared, tuple(spoken))
    yield from _twice("number", _numbers(councils))
    yield from _twice("agent", _agent_words(councils, "id"))
    yield from _twice("SIP user", _agent_words(councils, "sip_user"))


def _check_tenant(council: Council) -> Iterator[ConfigError]:
    tree, tenant = council.tenant
    own = [f"{council.id}.{queue.id}" for queue in council.queues[1].queues]
    if tenant.default_queue not in own:
        yield _unknown(tree, ("default_queue",), "queue", tenant.default_queue, own)
    if tenant.emergency_queue is not None and tenant.emergency_queue not in own:
        yield _unknown(tree, ("emergency_queue",), "queue", tenant.emergency_queue, own)
    for at, number in enumerate(tenant.numbers):
        if (number.flow is None) == (number.queue is None):
            message, hint = "a number leads to a flow or to a queue", "give exactly one of 'flow' and 'queue'"
            yield ConfigError(tree.at(("numbers", at)), "bad_number", message, hint)
        yield from _check_number(tree, at, number, own, council.flows)


def _check_number(
    tree: Located, at: int, number: NumberShape, own: Collection[str], flows: Collection[str]
) -> Iterator[ConfigError]:
    if number.queue is not None and number.queue not in own:
        yield _unknown(tree, ("numbers", at, "queue"), "queue", number.queue, own)
    if number.flow is not None and number.flow not in flows:
        yield _unknown(tree, ("numbers", at, "flow"), "flow", number.flow, flows)


def _check_hours(council: Council) -> Iterator[ConfigError]:
    """Hours are found by their own name, by queue and by number: each of these leads to one desk's hours."""
    tree, tenant = council.tenant
    known = {
        "queues": [f"{council.id}.{queue.id}" for queue in council.queues[1].queues],
        "numbers": [number.number for number in tenant.numbers],
    }
    for key, there in known.items():
        named = [(name, at, one) for name, hours in tenant.hours.items() for at, one in enumerate(getattr(hours, key))]
        for name, at, one in named:
            if one not in there:
                yield _unknown(tree, ("hours", name, key, at), key.removesuffix("s"), one, there)
        yield from _twice(
            f"hours for {key.removesuffix('s')}", ((one, tree.at(("hours", name, key, at))) for name, at, one in named)
        )


def _check_incidents(council: Council, shared: PromptsFile) -> Iterator[ConfigError]:
    if council.incidents is None:
        return
    tree, file = council.incidents
    known = {**shared.prompts, **council.prompts[1].prompts}
    for name, incident in file.incidents.items():
        for at, prompt in enumerate(incident.prompts):
            if prompt not in known:
                yield _unknown(tree, ("incidents", name, "prompts", at), "prompt", prompt, known)


def _check_waiting(tree: Located, at: int, queue: QueueShape, skills: Collection[str]) -> Iterator[ConfigError]:
    """What changes while a call waits: known skills, and ages that grow."""
    for number, step in enumerate(queue.relaxing):
        for skill in step.skills:
            if skill not in skills:
                yield _unknown(tree, ("queues", at, "relaxing", number, "skills", skill), "skill", skill, skills)
    for number, (younger, older) in enumerate(pairwise(queue.ageing), 1):
        if older.after <= younger.after:
            place = tree.at(("queues", at, "ageing", number, "after"))
            yield ConfigError(place, "bad_order", "a later step of ageing must come after the one before it")


def _check_queues(council: Council, skills: Collection[str], agents: Sequence[AgentShape]) -> Iterator[ConfigError]:
    tree, file = council.queues
    words = ((queue.id, tree.at(("queues", at, "id"))) for at, queue in enumerate(file.queues))
    yield from _twice("queue", words)
    for at, queue in enumerate(file.queues):
        for skill in queue.skills:
            if skill not in skills:
                yield _unknown(tree, ("queues", at, "skills", skill), "skill", skill, skills)
        yield from _check_waiting(tree, at, queue, skills)
        if not any(serves(agent, f"{council.id}.{queue.id}", queue) for agent in agents):
            message, hint = f"no agent can answer queue '{queue.id}'", "give one the queue and the skills it needs"
            yield ConfigError(tree.at(("queues", at, "id")), "nobody_answers", message, hint)


def serves(agent: AgentShape, queue: str, policy: QueueShape) -> bool:
    """Whether an agent can answer a queue as its calls arrive."""
    named = queue in {one.queue for one in agent.queues}
    return named and queue.partition(".")[0] in agent.councils and meets(agent.skills, policy.skills)


def _check_limits(council: Council, shared: PromptsFile, agents: Sequence[AgentShape]) -> Iterator[ConfigError]:
    tenant = council.tenant[1]
    prompts = {**shared.prompts, **council.prompts[1].prompts}
    for at, queue in enumerate(council.queues[1].queues):
        yield from check_announce(council.queues[0], at, queue.announce, prompts)
        yield from check_questions(council.queues[0], at, queue, prompts)
    yield from check_limits(
        council.queues[0],
        {f"{council.id}.{one.id}": (at, one.limits) for at, one in enumerate(council.queues[1].queues)},
        prompts=prompts,
        numbers=tenant.transfer_to,
        serving={
            name: [agent.id for agent in agents if serves(agent, name, queue)]
            for queue in council.queues[1].queues
            for name in [f"{council.id}.{queue.id}"]
        },
        emergency=tenant.emergency_queue,
    )


def _check_people(
    council: Council, councils: Collection[str], queues: Collection[str], skills: Collection[str]
) -> Iterator[ConfigError]:
    tree, file = council.people
    for at, agent in enumerate(file.agents):
        if not agent.id.startswith(f"{council.id}-"):
            message = f"the id of an agent of this council begins with '{council.id}-'"
            yield ConfigError(tree.at(("agents", at, "id")), "bad_id", message)
        for n, name in enumerate(agent.councils):
            if name not in councils:
                yield _unknown(tree, ("agents", at, "councils", n), "council", name, councils)
        for n, name in enumerate(one.queue for one in agent.queues):
            if name not in queues:
                yield _unknown(tree, ("agents", at, "queues", n), "queue", name, queues)
            elif (owner := name.partition(".")[0]) not in agent.councils:
                hint = f"add {owner} to 'councils'"
                place = tree.at(("agents", at, "queues", n))
                yield ConfigError(place, "foreign_queue", f"she may not serve council '{owner}'", hint)
        for skill in agent.skills:
            if skill not in skills:
                yield _unknown(tree, ("agents", at, "skills", skill), "skill", skill, skills)


def _check_languages(prompts: tuple[Located, PromptsFile], languages: Sequence[str]) -> Iterator[ConfigError]:
    tree, file = prompts
    for prompt, texts in file.prompts.items():
        for language in languages:
            if language not in texts:
                place = tree.at(("prompts", prompt))
                yield ConfigError(place, "missing_language", f"prompt '{prompt}' has no text in '{language}'")


def _numbers(councils: Sequence[Council]) -> Iterator[tuple[str, Place]]:
    for council in councils:
        tree, tenant = council.tenant
        for at, number in enumerate(tenant.numbers):
            yield number.number, tree.at(("numbers", at, "number"))
        if tenant.hours_line is not None:
            yield tenant.hours_line, tree.at(("hours_line",))


def _agent_words(councils: Sequence[Council], key: str) -> Iterator[tuple[str, Place]]:
    for council in councils:
        tree, people = council.people
        for at, agent in enumerate(people.agents):
            yield getattr(agent, key), tree.at(("agents", at, key))


def _twice(what: str, words: Iterator[tuple[str, Place]]) -> Iterator[ConfigError]:
    seen: dict[str, Place] = {}
    for word, place in words:
        if word in seen:
            hint = f"first in {seen[word].file}:{seen[word].line}"
            yield ConfigError(place, "duplicate", f"{what} '{word}' stands twice", hint)
        seen.setdefault(word, place)


def _unknown(tree: Located, path: Path, what: str, name: str, known: Collection[str]) -> ConfigError:
    return ConfigError(tree.at(path), f"unknown_{what}", f"unknown {what} '{name}'", did_you_mean(name, known))
