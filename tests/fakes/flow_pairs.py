"""A drawn flow twice: what becomes of a caller by the engine's own walk, and what by the dialplan made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.asterisk.static_dialplan import static_dialplan
from guildhall.static_wiring import with_notices
from ivr.core.effects import Effect, Enqueue, HangUp, Listen, LookAround, NoteStep, Play, Say
from ivr.core.fallback import static_flow
from ivr.core.flow import Flow, Verb
from ivr.core.inputs import Began, Input, KeyPressed, LookedAround, NoKey, NotDone, PlaybackFailed, Played
from ivr.core.step import begin, step
from kernel.hours import Override
from kernel.ids import QueueId
from kernel.static_plan import Loss
from tests.fakes.dialplan import QUIET
from tests.fakes.flows_drawn import COUNCIL, LANGUAGES, QUEUES, verb

MADE_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
_CONF = Path(__file__).parents[2] / "asterisk_conf"


def in_honesty(flow: Flow) -> Flow:
    """The flow as `guildhall fallback` says it goes without an engine: what it can do, and the way of the rest.

    Nothing is typed in, remembered, looked up, asked after the talk or recorded; where that leads is written here once
    more, apart from the compiler.
    """
    ways: dict[str, Callable[[Any], str]] = {
        "gather": lambda verb: str(verb.no_input),
        "set": lambda verb: str(verb.next),
        "lookup": lambda verb: str(verb.failed or verb.not_found),
        "survey": lambda verb: str(verb.next),
        "voicemail": lambda verb: str(verb.failed),
    }

    def honest(step: Verb) -> Verb:
        word = str(getattr(step, "verb", ""))
        return verb("goto", next=ways[word](step)) if word in ways else step

    pieces = {name: in_honesty(piece) for name, piece in flow.pieces.items()}
    steps = {name: honest(step) for name, step in flow.steps.items()}
    return dataclasses.replace(flow, steps=steps, pieces=pieces)


@dataclass(slots=True)
class Told:
    """What became of a call."""

    heard: list[str] = field(default_factory=list)
    end: tuple[object, ...] = ()


def sound(_council: str, language: str, prompt: str) -> str | None:
    if prompt == "gone" or (prompt == "flood" and language == "cy"):
        return None
    return f"/s/{'en' if prompt == 'english' else language}/{prompt}"


def spoken(_council: str, language: str, text: str) -> str | None:
    return None if (language, text) == ("en", "Flooded.") else f"/n/{language}/{text.split(maxsplit=1)[0]}"


NOTICE_WORDS = ("Snow. Ring tomorrow.", "Flooded.", "Ar gau.")


@dataclass(slots=True)
class Fingers:
    """What a caller presses."""

    #: Where she is listened to, ``.`` a silence.
    keys: list[str]
    #: Over each prompt that may not be interrupted.
    over: list[str]

    @classmethod
    def of(cls, keys: str, over: Sequence[str] = ()) -> Fingers:
        """One caller's, to be used up once."""
        return cls(list(keys), list(over))


def by_the_engine(flow: Flow, fingers: Fingers, typed: str, at: datetime, notices: tuple[Override, ...] = ()) -> Told:
    """The real walk; all it asks of the world is out but prompts, keys, the clock and notices."""
    told, left = Told(), fingers
    walk, effects = begin(flow, Began(typed=typed), language="en", number="03069990001")
    while not walk.done:
        heard = None
        for effect in effects:
            heard = _answer(effect, told, left, at, notices)
        assert heard is not None
        walk, effects = step(walk, heard)
    for effect in effects:
        _answer(effect, told, left, at)
    return told


def _answer(  # noqa: PLR0911 - a table of effects
    effect: Effect, told: Told, left: Fingers, at: datetime, notices: tuple[Override, ...] = ()
) -> Input | None:
    match effect:
        case Play():
            found = [path for one in effect.prompts if (path := sound("", effect.language, one)) is not None]
            told.heard += found
            return Played(keys=_over(effect, left)) if found else PlaybackFailed()
        case Listen():
            key = left.keys.pop(0) if left.keys else "."
            return NoKey() if key == "." else KeyPressed(key=key)
        case LookAround():
            return LookedAround(now=at.timestamp(), notices={"office": notices})
        case Enqueue():
            told.end = (effect.queue, effect.priority, dict(effect.skills), effect.language)
        case HangUp():
            told.end = (effect.why,)
        case Say(text=text, language=language) if text in NOTICE_WORDS:
            path = spoken("", language, text)
            told.heard += [path] if path else []
            return Played(keys=_over(effect, left)) if path else PlaybackFailed()
        case Say():
            return PlaybackFailed()
        case NoteStep():
            pass
        case _:
            return NotDone()
    return None


def _over(effect: Play | Say, left: Fingers) -> str:
    return left.over.pop(0) if left.over and not effect.interruptible else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Flows as dialplan."""

    text: str
    #: The context `main` begins in, without its language.
    begins: str
    losses: tuple[Loss, ...]


def written(flows: Mapping[str, Flow], notices: tuple[Override, ...] = ()) -> Written:
    """The compiler's work, and the house's own contexts that belong to the walk; Queue is Asterisk's own affair."""
    made = [static_flow(flow, LANGUAGES) for flow in flows.values()]
    noticed = [with_notices(flow, {"office": notices}) for flow, _ in made]
    text, begins = static_dialplan(noticed, sound, MADE_AT, spoken, lambda seconds: f"{QUIET}{seconds:g}")
    losses = tuple(loss for _, found in made for loss in found)
    return Written(text=text, begins=begins[COUNCIL, "main"], losses=losses)


def own_contexts() -> str:
    """`[static]` of asterisk_conf/static.conf, before app_queue comes in."""
    static = (_CONF / "static.conf").read_text(encoding="utf-8")
    return static[static.index("\n[static]\n") : static.index("; --- app_queue")]


def keys_context() -> str:
    """`[keys]` of asterisk_conf/keys.conf: what notes keys."""
    return (_CONF / "keys.conf").read_text(encoding="utf-8")


def told_by(ended: str, variables: Mapping[str, str], heard: list[str]) -> Told:
    """What became of a call in the dialplan, from what stands on its channel where it left the walk."""
    if ended == "hangup":
        return Told(heard=heard, end=(variables["GH_WHY"],))
    assert ended == "hold", ended
    policy = QUEUES[QueueId(variables["GH_QUEUE"])]
    skills = variables["GH_SKILLS"]
    asked = {one.split(":")[0]: int(one.split(":")[1]) for one in skills.split("/")} if skills else policy.skills
    priority = int(variables["GH_PRIORITY"] or policy.priority)
    return Told(heard=heard, end=(policy.id, priority, dict(asked), variables["GH_LANG"]))
