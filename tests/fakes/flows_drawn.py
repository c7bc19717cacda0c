"""Flows as any council might write them, drawn from bytes: every verb, hours, conditions, a piece that comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from ivr.core.flow import Flow, Verb
from ivr.core.verbs import VERBS
from kernel.hours import LONDON, Hours, Override, Span
from kernel.ids import QueueId, TenantId
from kernel.number import parse_dialled
from kernel.queues import Queue
from kernel.tenant import Incident

T = TypeVar("T")
COUNCIL, DEFAULT = TenantId("northmere"), QueueId("northmere.general")
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
    ("play", lambda dice, to: {"prompts": _prompts(dice), **_said(dice, to)}),
    (
        "hours",
        lambda dice, to: {"of": "office", "open": dice.pick(to), "closed": dice.pick(to), "holiday": dice.pick(to)},
    ),
    ("announce", lambda dice, to: {"incident": "flood", **_said(dice, to)}),
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
