"""What a good flow ought to have and the loader does not insist on: findings by file, line and column.

The loader refuses what cannot run. Here stands what runs and hurts: a caller who goes round for ever, an emergency that
needs a working speech engine, a call that ends without a word, a transfer to a number that costs a pound a minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.core.emergency import leads_to
from ivr.core.flow import Flow, Verb
from ivr.core.graph import rings
from ivr.core.verbs.gather import Gather
from ivr.core.verbs.hangup import HangUp
from ivr.core.verbs.menu import Menu
from ivr.core.verbs.say import Say
from ivr.core.verbs.subflow import Subflow
from kernel.located import Located, Place, Plain
from kernel.number_kind import NumberKind, kind_of
from kernel.schema import did_you_mean
from kernel.tenant import Tenant

#: The PBX plays these by itself; no flow names them.
_PLAYED_BY_THE_PBX = {"opening"}
#: A caller who hears nothing for longer thinks the line is dead.
_LONG_LISTENING_S = 10.0

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. ``level``: an ``error`` ought to keep a version from being published, a ``warning`` not."""

    place: Place
    level: str
    code: str
    message: str
    hint: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As `guildhall check --json` writes it."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        told = f"{self.place.file}:{self.place.line}: {self.message}" + (f": {self.hint}" if self.hint else "")
        return told if self.level == ERROR else f"{told} (warning)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """A council's flows as they were bound, with the trees they came from."""

    tenant: Tenant
    flows: Mapping[str, Flow]
    trees: Mapping[str, Located]
    #: Trees of ``tenant.yaml``, ``prompts.yaml``, ``queues.yaml``.
    files: Mapping[str, Located]
    #: Prompts of the council's own.
    prompts: Collection[str]


def lint(council: Council) -> list[Finding]:
    """Everything found in one council, in the order of the files."""
    found = [
        *(finding for name in council.flows for finding in _flow(council, name)),
        *_emergency(council),
        *_transfer_targets(council),
        *_secure_flows(council),
        *_unused(council),
    ]
    return sorted(found, key=lambda one: (one.place.file, one.place.line, one.place.column, one.code))


def _flow(council: Council, name: str) -> Iterator[Finding]:
    flow, tree = council.flows[name], council.trees[name]
    ways = {step: set(verb.by_itself().values()) for step, verb in flow.steps.items()}
    for ring in rings(ways):
        first = min(ring, key=lambda step: tree.at(("steps", step)).line)
        message = f"a caller who does nothing goes round for ever through '{first}'"
        hint = "lead silence to an enqueue after a number of tries"
        yield Finding(place=tree.at(("steps", first)), level=ERROR, code="loop", message=message, hint=hint)
    for step, verb in flow.steps.items():
        if isinstance(verb, Menu | Gather) and verb.timeout > _LONG_LISTENING_S:
            place = tree.at(("steps", step, "timeout"))
            message = f"{verb.timeout:g} seconds of silence sound like a dead line"
            yield Finding(place=place, level=WARNING, code="long_silence", message=message, hint="10s are enough")
    yield from _silent_ends(council, flow, tree)


def _silent_ends(council: Council, flow: Flow, tree: Located) -> Iterator[Finding]:
    """Hang-ups that are reached without a word: from where a number leads, and after what failed."""
    starts = {flow.start} if flow.name in _answering(council.tenant) else set()
    failures = {verb.targets()["failed"] for verb in flow.steps.values() if "failed" in verb.targets()}
    for step in sorted(_unspoken(flow, starts | failures)):
        if isinstance(flow.steps[step], HangUp):
            message = f"the call can end at '{step}' before the caller has heard a word"
            hint = "play something first, or lead to a person"
            yield Finding(place=tree.at(("steps", step)), level=ERROR, code="silent_end", message=message, hint=hint)


def _unspoken(flow: Flow, starts: Collection[str]) -> set[str]:
    found: set[str] = set()
    ahead = list(starts)
    while ahead:
        step = ahead.pop()
        if step in found or step not in flow.steps:
            continue
        found.add(step)
        if not _speaks(flow.steps[step]):
            ahead.extend(flow.steps[step].targets().values())
    return found


def _speaks(verb: Verb) -> bool:
    return bool(verb.prompts_used()) or isinstance(verb, Say | Subflow)


def _emergency(council: Council) -> Iterator[Finding]:
    tenant, tree = council.tenant, council.files["tenant.yaml"]
    if tenant.emergency_queue is None:
        message = "no 'emergency_queue' is named: nobody checks that danger reaches a person"
        yield Finding(place=tree.place, level=WARNING, code="no_emergency_queue", message=message)
        return
    for at, number in enumerate(tenant.numbers):
        flow = council.flows.get(number.flow or "")
        if flow is not None and not leads_to(flow, tenant.emergency_queue):
            message = f"flow '{flow.name}' does not always lead to '{tenant.emergency_queue}'"
            hint = "give every menu a way to it that needs no speech and no open hours"
            place = tree.at(("numbers", at, "flow"))
            yield Finding(place=place, level=ERROR, code="no_emergency", message=message, hint=hint)


def _transfer_targets(council: Council) -> Iterator[Finding]:
    tree = council.files["tenant.yaml"]
    for name, number in council.tenant.transfer_to.items():
        kind, place = kind_of(number), tree.at(("transfer_to", name))
        message = f"'{name}' is {kind.value}"
        if kind is NumberKind.NONE:
            hint = "write it as it is dialled"
            yield Finding(place=place, level=ERROR, code="dead_number", message=message, hint=hint)
        elif council.tenant.outside.refuses(number) is not None:
            hint = "it costs the council, and 'outside:' does not allow it"
            yield Finding(place=place, level=ERROR, code="costly_number", message=message, hint=hint)


def _secure_flows(council: Council) -> Iterator[Finding]:
    """A queue's flow for secret digits that is not there: the agent's key would do nothing."""
    tree = council.files["queues.yaml"]
    for at, flow in _secure_named(council).items():
        if flow not in council.flows:
            place, hint = tree.at(("queues", at, "recording", "secure_input")), did_you_mean(flow, council.flows)
            yield Finding(
                place=place, level=ERROR, code="unknown_flow", message=f"there is no flow '{flow}'", hint=hint
            )


def _unused(council: Council) -> Iterator[Finding]:
    prompts = _prompts_used(council)
    file = council.files["prompts.yaml"]
    for prompt in sorted(set(council.prompts) - prompts):
        if not prompt.startswith("say-"):
            yield _leftover(file.at(("prompts", prompt)), "prompt", prompt, prompts)
    verbs = [verb for flow in council.flows.values() for verb in flow.steps.values()]
    called = {name for verb in verbs for what, _, name in verb.names_used() if what == "flow"}
    called.update(_secure_named(council).values())
    for name in sorted(council.flows.keys() - called - _answering(council.tenant)):
        tree = council.trees[name]
        # A shared piece is there for whoever wants it.
        if "/_shared/" not in f"/{tree.place.file}":
            yield _leftover(tree.place, "flow", name, ())
    queues: set[str | None] = {council.tenant.default_queue, council.tenant.emergency_queue}
    queues.update(queue for verb in verbs for queue in verb.queues_used().values())
    queues.update(number.queue for number in council.tenant.numbers)
    for at, queue in enumerate(_queue_ids(council)):
        if queue not in queues:
            yield _leftover(council.files["queues.yaml"].at(("queues", at, "id")), "queue", queue, ())


def _prompts_used(council: Council) -> set[str]:
    found = set(_PLAYED_BY_THE_PBX)
    for flow in council.flows.values():
        found.update(prompt for verb in flow.steps.values() for used in verb.prompts_used().values() for prompt in used)
    found.update(prompt for incident in council.tenant.incidents.values() for prompt in incident.prompts)
    return found


def _queue_rows(council: Council) -> list[dict[str, Plain]]:
    listed = council.files["queues.yaml"].plain()
    rows = listed.get("queues", []) if isinstance(listed, dict) else []
    return [row for row in rows if isinstance(row, dict)]


def _queue_ids(council: Council) -> list[str]:
    return [f"{council.tenant.id}.{row['id']}" for row in _queue_rows(council)]


def _secure_named(council: Council) -> dict[int, str]:
    """Which flow each queue's recording rule names for secret digits, by the queue's place in the file."""
    rules = ((at, row.get("recording")) for at, row in enumerate(_queue_rows(council)))
    return {at: str(rule["secure_input"]) for at, rule in rules if isinstance(rule, dict) and "secure_input" in rule}


def _leftover(place: Place, what: str, name: str, used: Collection[str]) -> Finding:
    hint = did_you_mean(name, used) if used and len(used) > 1 else None
    near = hint if hint is not None and hint.startswith("did you mean") else "remove it, or lead to it"
    return Finding(
        place=place, level=WARNING, code=f"unused_{what}", message=f"nothing uses {what} '{name}'", hint=near
    )


def _answering(tenant: Tenant) -> set[str]:
    return {number.flow for number in tenant.numbers if number.flow is not None}
