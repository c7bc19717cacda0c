"""Types of a flow's variables: worked out from the steps that set them, checked where they are used."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterator, Mapping

from ivr.core.expression import Expression, Type
from ivr.core.flow import Flow, Verb
from ivr.core.known import known_types
from kernel.ids import QueueId
from kernel.located import ConfigError, Located
from kernel.queues import Queue
from kernel.schema import WrongInside
from kernel.tenant import Tenant

#: A variable set from a variable set from a variable …: so long a chain is followed.
_ROUNDS = 10

Steps = Mapping[str, Verb]


def types_of(
    steps: Steps, tenant: Tenant, queues: Mapping[QueueId, Queue], pieces: Mapping[str, Flow]
) -> dict[str, Type]:
    """Return the type of every variable that the steps, or the pieces they call, set; the first to set it decides."""
    types: dict[str, Type] = {name: kind for piece in pieces.values() for name, kind in piece.types.items()}
    known = known_types(tenant.hours, queues)
    assignments = [(name, kind) for verb in steps.values() for _, name, kind in verb.variables_set()]
    for _ in range(_ROUNDS):
        before = len(types)
        for name, kind in assignments:
            if name in types:
                continue
            if not isinstance(kind, Expression):
                types[name] = kind
            elif all(used in types or used in known for used, _ in kind.names()):
                with contextlib.suppress(WrongInside):
                    types[name] = kind.type_in(ChainMap(types, known))
        if len(types) == before:
            break
    return types


def check_types(
    tree: Located, steps: Steps, types: Mapping[str, Type], tenant: Tenant, queues: Mapping[QueueId, Queue]
) -> Iterator[ConfigError]:
    """Every expression that is wrong, at its character; every variable set to two types; every secret given away."""
    known = {**known_types(tenant.hours, queues), **types}
    secrets = {name for verb in steps.values() for name in verb.secrets_set()}
    for step, verb in steps.items():
        for path, expression, wanted in verb.expressions():
            place = tree.at(("steps", step, *path))
            try:
                kind = expression.type_in(known)
            except WrongInside as wrong:
                yield ConfigError(place.inside(wrong.offset), "bad_expression", str(wrong))
                continue
            if wanted is not None and kind != wanted:
                yield ConfigError(place, "bad_expression", f"a {wanted} is expected, this is a {kind}")
            if not verb.keeps_secrets():
                for name, _ in expression.names():
                    if name in secrets:
                        message = f"'{name}' is secret: it may be compared in a branch, nothing else"
                        yield ConfigError(place, "secret", message)
        for path, name, given in verb.variables_set():
            if isinstance(given, str) and types.get(name, given) != given:
                message = f"'{name}' is a {given} here and a {types[name]} elsewhere"
                yield ConfigError(tree.at(("steps", step, *path)), "two_types", message)
        yield from _set_twice(tree, step, verb, known, types)


def _set_twice(
    tree: Located, step: str, verb: Verb, known: Mapping[str, Type], types: Mapping[str, Type]
) -> Iterator[ConfigError]:
    for path, name, given in verb.variables_set():
        if isinstance(given, Expression):
            try:
                kind = given.type_in(known)
            except WrongInside:
                continue
            if name in types and types[name] != kind:
                message = f"'{name}' is a {kind} here and a {types[name]} elsewhere"
                yield ConfigError(tree.at(("steps", step, *path)), "two_types", message)
