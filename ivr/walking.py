"""A flow walked on a line, from its first step until the call waits, ends, or leaves the flow."""

from __future__ import annotations

from ivr.core.effects import Effect
from ivr.core.flow import Flow
from ivr.core.inputs import Began, Input
from ivr.core.step import begin, step
from ivr.outside import Outside
from ivr.perform import perform
from kernel.needs import Need


async def walk_flow(
    outside: Outside, flow: Flow, *, language: str, typed: str, needs: frozenset[Need] = frozenset()
) -> None:
    """Do what each step asks and bring back what comes of it. Raises ``LineGone``, and what a port raises."""
    line = outside.line
    began = Began(typed=typed, needs=needs)
    walk, effects = begin(flow, began, language=language, number=line.number, relay=line.relay)
    while effects:
        heard = await _perform_all(effects, outside)
        if walk.done or heard is None:
            return
        walk, effects = step(walk, heard)


async def _perform_all(effects: tuple[Effect, ...], outside: Outside) -> Input | None:
    heard = None
    for effect in effects:
        heard = await perform(effect, outside)
    return heard
