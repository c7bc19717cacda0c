"""Flows as any council might write them, and what becomes of a caller by the engine's own walk and by the dialplan."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from adapters.asterisk.static_dialplan import static_dialplan
from guildhall.static_wiring import with_notices
from ivr.core.effects import Effect, Enqueue, HangUp, Listen, LookAround, NoteStep, Play, Say
from ivr.core.fallback import static_flow
from ivr.core.flow import Flow, Verb
from ivr.core.inputs import Began, Input, KeyPressed, LookedAround, NoKey, NotDone, PlaybackFailed, Played
from ivr.core.step import begin, step
from ivr.core.verbs import VERBS
from kernel.hours import LONDON, Hours, Override, Span
from kernel.ids import QueueId, TenantId
from kernel.number import parse_dialled
from kernel.queues import Queue
from kernel.static_plan import Loss
from kernel.tenant import Incident
from tests.fakes.dialplan import QUIET

T = TypeVar("T")
COUNCIL, DEFAULT = TenantId("northmere"), QueueId("northmere.general")
MADE_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LANGUAGES = ("en", "cy")
QUEUES = {
    queue.id: queue
    for queue in (
        Queue(id=DEFAULT, tenant=COUNCIL, name="Any", skills={"general": 1}, priority=1),
        Queue(id=QueueId("northmere.waste"), tenant=COUNCIL, name="Bins", skills={"waste": 2}),
    )
}
OFFICE = Hours(
    name="office",
    weekly={day: (Span(opens=540, closes=1020),) for day in range(5)} | {4: (Span(opens=1320, closes=360),)},
    holidays={date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day (substitute)"},
    overrides=(
        Override(
            begins=datetime(2026, 12, 24, 12, tzinfo=LONDON),
            ends=datetime(2026, 12, 25, 10, tzinfo=LONDON),
            open=False,
            why="early closing",
        ),
        Override(
            begins=datetime(2026, 12, 28, 9, tzinfo=LONDON),
            ends=datetime(2026, 12, 28, 11, tzinfo=LONDON),
            open=True,
            why="flood",
        ),
    ),
)
FLOOD = Incident(
    prompts=("flood",),
    begins=datetime(2026, 12, 1, tzinfo=LONDON),
    ends=datetime(2027, 3, 1, tzinfo=LONDON),
)
_CONF = Path(__file__).parents[2] / "asterisk_conf"
#: Made into a file beforehand; never spoken; passed over, for nobody knows the value.
TEXTS = ("We are closed.", "You dialled {number:digits}.", "You owe {amount:money}.")
STEPS = tuple(f"s{number}" for number in range(7))
#: `gone` was never made; `english` only in English.
PROMPTS = ("hello", "choices", "english", "flood", "more", "gone")
CONDITIONS = (
    "account = '12'",
    "not (account = '12') or hour > 3",
    "open.office",
    "hour < 9 or not open.office",
    "weekday in ['sat', 'sun'] and hour + 1 - 2 >= 8",
    "staff.waste > 0 or language = 'cy'",
    "not (number = '03069990001')",
    "number != '3069990001' and council = 'northmere'",
    "waiting.waste > 3",
    "(open.office) or hour > 21",
)


def verb(word: str, **fields: object) -> Verb:
    return VERBS[word].model_validate({"verb": word, **fields})


@dataclass(slots=True)
class _Dice:
    """Bytes that hypothesis drew, one a choice: quick to draw, and they shrink to the first choice of all."""

    data: bytes
    at: int = 0

    def pick(self, choices: Sequence[T]) -> T:
        found = choices[self.data[self.at] % len(choices)]
        self.at += 1
        return found


def _silence(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    return {"no_input": dice.pick(to), "no_match": dice.pick(to), "tries": dice.pick("12")}


def _menu(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    keys = {dice.pick("01"): dice.pick(to), dice.pick("9*#"): dice.pick(to)}
    return {"prompts": _prompts(dice), "keys": keys, "interruptible": dice.pick(("yes", "no")), **_silence(dice, to)}


def _said(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    return {"interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)}


def _prompts(dice: _Dice) -> list[str]:
    return [dice.pick(PROMPTS), dice.pick(PROMPTS)][: dice.pick((1, 2))]


def _branch(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    cases = {dice.pick(CONDITIONS): dice.pick(to), dice.pick(CONDITIONS): dice.pick(to)}
    return {"cases": cases, "otherwise": dice.pick(to)}


def _wait(dice: _Dice, _to: Sequence[str]) -> dict[str, object]:
    language = dice.pick(({}, {"language": "cy"}))
    return {"queue": dice.pick(sorted(QUEUES)), "priority": dice.pick("03"), **language}


def _lookup(dice: _Dice, to: Sequence[str]) -> dict[str, object]:
    place = dice.pick(({"table": "areas"}, {"service": "tax", "failed": dice.pick(to)}))
    return {"key": "account", "next": dice.pick(to), "not_found": dice.pick(to), **place}


#: Verb -> its fields. `menu` and `enqueue` more than once: they are what a flow is mostly made of.
_MAKE: tuple[tuple[str, Callable[[_Dice, Sequence[str]], dict[str, object]]], ...] = (
    ("enqueue", _wait),
    ("menu", _menu),
    ("goto", lambda dice, to: {"next": dice.pick(to)}),
    (
        "play",
        lambda dice, to: {"prompts": _prompts(dice), "interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)},
    ),
    (
        "hours",
        lambda dice, to: {"of": "office", "open": dice.pick(to), "closed": dice.pick(to), "holiday": dice.pick(to)},
    ),
    (
        "announce",
        lambda dice, to: {"incident": "flood", "interruptible": dice.pick(("yes", "no")), "next": dice.pick(to)},
    ),
    ("branch", _branch),
    ("language", lambda dice, to: {"to": dice.pick(LANGUAGES), "next": dice.pick(to)}),
    ("say", lambda dice, to: {"text": {"en": dice.pick(TEXTS)}, "next": dice.pick(to)}),
    ("steer", lambda dice, to: {"prompts": ["hello"], "intents": {"bins": dice.pick(to)}, **_silence(dice, to)}),
    ("callback", lambda dice, to: {"queue": "northmere.waste", "failed": dice.pick(to), "next": dice.pick(to)}),
    ("transfer", lambda dice, to: {"to": "police", "failed": dice.pick(to)}),
    (
        "gather",
        lambda dice, to: {"prompts": ["hello"], "variable": "account", "next": dice.pick(to), **_silence(dice, to)},
    ),
    ("set", lambda dice, to: {"values": {"account": "'12'"}, "next": dice.pick(to)}),
    ("lookup", _lookup),
    ("survey", lambda dice, to: {"name": "good", "prompts": ["hello"], "answers": {"1": "yes"}, "next": dice.pick(to)}),
    (
        "voicemail",
        lambda dice, to: {"box": "night", "prompts": ["hello"], "next": dice.pick(to), "failed": dice.pick(to)},
    ),
    ("hangup", lambda _dice, _to: {"why": "informed"}),
    *(("menu", _menu), ("enqueue", _wait)) * 4,
    ("subflow", lambda dice, to: {"flow": "piece", "next": dice.pick(to)}),
)


def flows_of(data: bytes) -> dict[str, Flow]:
    """A council with two flows; `main` may go through `piece`, which comes back."""
    dice = _Dice(data)
    back = (*STEPS, "return", "return")
    piece = a_flow("piece", {name: _step(dice, back, _MAKE[:-1]) for name in STEPS}, {})
    main = a_flow("main", {name: _step(dice, STEPS, _MAKE) for name in STEPS}, {"piece": piece})
    return {"piece": piece, "main": main}


def _step(dice: _Dice, to: Sequence[str], make: Sequence[tuple[str, Callable[..., dict[str, object]]]]) -> Verb:
    word, fields = dice.pick(make)
    return verb(word, **fields(dice, to))


def a_flow(name: str, steps: Mapping[str, Verb], pieces: Mapping[str, Flow]) -> Flow:
    return Flow(
        tenant=COUNCIL,
        name=name,
        start="s0",
        steps=steps,
        queues=QUEUES,
        default_queue=DEFAULT,
        pieces=pieces,
        hours={"office": OFFICE, "northmere.waste": OFFICE},
        incidents={"flood": FLOOD},
        transfer_to={"police": parse_dialled("03069990199")},
        tables={"areas": {"12": {"day": "Monday"}}},
    )


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
