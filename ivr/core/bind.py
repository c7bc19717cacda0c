"""All flows of a council together: pieces before the flows that call them, no ring of calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ivr.core.flow import RETURN, Flow
from ivr.core.load import FlowFile, Surroundings, bind_flow, pieces_called
from kernel.located import ConfigError, ConfigErrors, Located
from kernel.schema import fill
from kernel.tenant import Tenant

#: Flows that call flows that call flows; as deep as the walk allows (``ivr/core/step.py``).
_MAX_DEPTH = 8


def bind_all(trees: Mapping[str, Located], around: Surroundings) -> tuple[dict[str, Flow], list[ConfigError]]:
    """Return the flows that are right, and everything that is wrong with the others."""
    errors: list[ConfigError] = []
    files: dict[str, FlowFile] = {}
    for name, tree in trees.items():
        try:
            files[name] = fill(tree, FlowFile)
        except ConfigErrors as found:
            errors.extend(found.errors)
    errors.extend(_returns_nowhere(trees, files, around.tenant))
    binder = _Binder(trees, files, around, errors)
    for name in files:
        binder.bind(name, ())
    return {name: flow for name, flow in binder.bound.items() if flow is not None}, errors


class _Binder:
    """Binds each flow once, the pieces it calls first."""

    def __init__(
        self,
        trees: Mapping[str, Located],
        files: Mapping[str, FlowFile],
        around: Surroundings,
        errors: list[ConfigError],
    ) -> None:
        self._trees, self._files, self._around, self._errors = trees, files, around, errors
        #: None: it is wrong, and was told.
        self.bound: dict[str, Flow | None] = {}

    def bind(self, name: str, callers: tuple[str, ...]) -> None:
        if name in self.bound:
            return
        file, tree = self._files[name], self._trees[name]
        pieces: dict[str, Flow] = {}
        for piece, path in pieces_called(file).items():
            # What is not there is told by the flow itself; what could not be read was told already.
            if piece not in self._files:
                if piece in self._trees:
                    self.bound[name] = None
                continue
            if piece in (*callers, name) or len(callers) >= _MAX_DEPTH:
                message = f"flow '{piece}' comes round to itself, or calls lie too deep"
                self._errors.append(ConfigError(tree.at(path), "flow_ring", message, "use goto, or one flow fewer"))
                self.bound[name] = None
                continue
            self.bind(piece, (*callers, name))
            if (flow := self.bound.get(piece)) is not None:
                pieces[piece] = flow
            else:
                self.bound[name] = None
        if name not in self.bound:
            self.bound[name] = self._flow(name, pieces)

    def _flow(self, name: str, pieces: Mapping[str, Flow]) -> Flow | None:
        try:
            around = dataclasses.replace(self._around, pieces=pieces)
            return bind_flow(self._trees[name], self._files[name], name, around)
        except ConfigErrors as found:
            self._errors.extend(found.errors)
            return None


def _returns_nowhere(
    trees: Mapping[str, Located], files: Mapping[str, FlowFile], tenant: Tenant
) -> Iterator[ConfigError]:
    """A flow that answers a number has nobody to return to."""
    answering = {number.flow for number in tenant.numbers}
    for name in files.keys() & answering:
        for step, verb in files[name].steps.items():
            for key, target in verb.targets().items():
                if target == RETURN and RETURN not in files[name].steps:
                    place = trees[str(name)].at(("steps", step, *key.split(".", 1)))
                    hint = "lead it to an enqueue or a hangup"
                    yield ConfigError(place, "returns_nowhere", "a number leads here: nothing to return to", hint)
