"""The walk through a flow: ``begin`` and ``step``, pure."""

from __future__ import annotations

import dataclasses

from ivr.core.effects import Effect, HangUp, NoteStep
from ivr.core.flow import RETURN, Flow
from ivr.core.inputs import Began, Input, PlaybackFailed, Played
from ivr.core.walk import End, Go, Turn, Walk
from kernel.needs import Need

#: No loop for ever: after so many steps the caller goes to a person. A long honest flow has some twenty.
MAX_STEPS = 100
#: Playbacks failing in a row before we stop trusting our prompts and go to a person.
MAX_FAILURES = 2
#: Keys kept; a caller who leans on the keypad fills no memory.
MAX_TYPED = 32
#: Pieces that call pieces; the loader refuses rings, so this is a second wall.
MAX_FRAMES = 8


def begin(
    flow: Flow, began: Began, *, language: str, number: str = "", relay: bool = False
) -> tuple[Walk, tuple[Effect, ...]]:
    """Enter the flow. All effects are to be done in order; what the last one brings goes into ``step``."""
    relay, keys = relay or Need.RELAY in began.needs, _keys(began.typed)
    walk = Walk(flow=flow, language=language, number=number, relay=relay, keys=keys, needs=began.needs)
    return _follow(Go(walk=walk, to=flow.start))


def step(walk: Walk, heard: Input) -> tuple[Walk, tuple[Effect, ...]]:
    """Go on with what came back. After ``Enqueue`` or ``HangUp`` the walk is ``done`` and answers with no effect."""
    if walk.done:
        return walk, ()
    if isinstance(heard, PlaybackFailed):
        walk = dataclasses.replace(walk, failures=walk.failures + 1)
        if walk.failures >= MAX_FAILURES:
            return _follow(_to_person(walk))
    elif isinstance(heard, Played):
        walk = dataclasses.replace(walk, failures=0, keys=_keys(walk.keys + heard.keys))
    return _follow(walk.flow.steps[walk.at].react(walk, heard))


def _follow(turn: Turn) -> tuple[Walk, tuple[Effect, ...]]:
    """Go from step to step until one waits for the caller or ends the flow."""
    effects: list[Effect] = []
    while isinstance(turn, Go):
        walk = turn.walk
        if turn.to == RETURN and walk.frames:
            *outer, frame = walk.frames
            turn = Go(walk=dataclasses.replace(walk, flow=frame.flow, frames=tuple(outer)), to=frame.next)
            continue
        if walk.entered >= MAX_STEPS or turn.to == RETURN or len(walk.frames) > MAX_FRAMES:
            turn = _to_person(walk)
            break
        walk = dataclasses.replace(
            walk, at=turn.to, entered=walk.entered + 1, silences=0, misses=0, digits="", asked=()
        )
        effects.append(NoteStep(flow=walk.flow.name, step=turn.to))
        turn = walk.flow.steps[turn.to].enter(walk)
    if isinstance(turn, End) and isinstance(turn.effect, HangUp) and turn.walk.failures:
        # The last words to her failed: hung up on in silence she would never know why (law 5).
        turn = _to_person(turn.walk)
    done = isinstance(turn, End)
    walk = dataclasses.replace(turn.walk, done=done, notes=())
    return walk, (*turn.walk.notes, *effects, turn.effect)


def _to_person(walk: Walk) -> End:
    return End(walk=walk, effect=walk.enqueue(walk.flow.default_queue))


def _keys(typed: str) -> str:
    return "".join(key for key in typed if key in "0123456789*#")[:MAX_TYPED]
