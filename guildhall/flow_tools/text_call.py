"""One call through a flow as text: a scripted caller, a scripted world, and the story of what was heard and decided.

Nothing here touches a telephone: the same core that carries real calls (``ivr/core/step.py``) is driven by a script.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ivr.core.effects import (
    AskService,
    BookCallback,
    Effect,
    Enqueue,
    HangUp,
    Listen,
    LookAround,
    NoteAnswer,
    NoteSteering,
    NoteStep,
    OfferCallback,
    Play,
    RecordMessage,
    Say,
    Steer,
    Transfer,
)
from ivr.core.flow import Flow
from ivr.core.inputs import (
    Began,
    CallbackOffered,
    Done,
    Input,
    KeyPressed,
    LookedAround,
    LookedUp,
    NoKey,
    NotDone,
    NothingFound,
    NotUnderstood,
    PlaybackFailed,
    Played,
    Understood,
)
from ivr.core.step import begin, step
from ivr.core.walk import Walk
from kernel.ids import QueueId, TenantId
from kernel.meaning import Meaning
from kernel.needs import Need
from kernel.steering import SteeringBook

if TYPE_CHECKING:
    from ivr.steering.understand import Understanding

#: A walk ends after 100 steps (``ivr/core/step.py``); each asks for a few things.
_MAX_INPUTS = 1000
#: What can be out in a script.
OUTAGES = ("prompts", "speech", "services", "transfer", "messages", "answers", "callbacks", "steering", "floor")

#: A council's steering, taught when it is first asked for; None: it was taught nothing.
Steering: TypeAlias = "Callable[[TenantId], Understanding | None]"
#: Whom a promise would ring back: a number of Ofcom's, kept for drama.
_CALLER = "01632960123"

#: Prompt, language -> the words.
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The caller and the world. ``.`` among the keys is a silence."""

    number: str
    at: datetime
    keys: str = ""
    #: Keys after the talk, where the flow asks then (`survey:` of an enqueue); None: the caller hangs up first.
    after: str | None = None
    #: The keys are pressed at once, before anything is said, as an impatient caller does.
    ahead: bool = False
    says: tuple[str, ...] = ()
    #: The same as sound files, for a real call; as many as ``says``, or none.
    sounds: tuple[Path, ...] = ()
    waiting: Mapping[QueueId, int] = field(default_factory=dict)
    staff: Mapping[QueueId, int] = field(default_factory=dict)
    outages: frozenset[str] = frozenset()
    #: Service -> key -> fields.
    services: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    #: What is known of the caller before her first prompt (docs/decisions/0035-needs-and-words.md).
    needs: frozenset[Need] = frozenset()


@dataclass(slots=True)
class Story:
    """What happened: lines for people, and what a scenario asks about."""

    lines: list[str] = field(default_factory=list)
    #: Prompt ids and said texts, in order.
    heard: list[str] = field(default_factory=list)
    #: (flow, step), in order.
    steps: list[tuple[str, str]] = field(default_factory=list)
    outcome: str = "nothing"
    queue: str | None = None
    priority: int | None = None
    #: For whom alone the call waits at first, and how long; empty: for anybody.
    preferred: str = ""
    #: What is noted on the call for whoever answers; empty: nothing.
    note: str = ""
    language: str | None = None
    #: The flow that asks after the talk, and what was answered: survey -> answer.
    survey: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    #: (flow, step) where the caller was first listened to with no key left; None when she had enough.
    silent_at: tuple[str, str] | None = None


def run_call(flow: Flow, words: Words, language: str, script: Script, steering: Steering = lambda _: None) -> Story:
    """Walk the flow by the script, to its end."""
    return _TextCall(words, script, steering).run(flow, language)


def run_survey(flow: Flow, words: Words, script: Script, story: Story) -> None:
    """Walk the flow after the talk and add it to the story; the call has had its outcome."""
    story.lines.append("    (they talk, and the agent hangs up first)")
    asked = dataclasses.replace(script, keys=script.after or "", ahead=False)
    after = _TextCall(words, asked, lambda _: None).run(flow, story.language or "")
    story.lines += after.lines
    story.heard += after.heard
    story.steps += after.steps
    story.answers |= after.answers


class _TextCall:
    def __init__(self, words: Words, script: Script, steering: Steering) -> None:
        self._words, self._script, self._steering = words, script, steering
        self._keys = [] if script.ahead else list(script.keys)
        self._says = list(script.says)
        self.story = Story()

    def run(self, flow: Flow, language: str) -> Story:
        typed, needs = self._script.keys if self._script.ahead else "", self._script.needs
        if needs:
            self._tell(f"    (known of this caller: {', '.join(sorted(needs))})")
        walk, effects = begin(flow, Began(typed=typed, needs=needs), language=language, number=self._script.number)
        for _ in range(_MAX_INPUTS):
            heard = None
            for effect in effects:
                heard = self._do(effect, walk)
            if walk.done or heard is None:
                break
            walk, effects = step(walk, heard)
        return self.story

    def _tell(self, line: str) -> None:
        self.story.lines.append(line)

    def _out(self, what: str) -> bool:
        if what in self._script.outages:
            self._tell(f"    ({what}: out)")
            return True
        return False

    def _do(self, effect: Effect, walk: Walk) -> Input | None:  # noqa: PLR0911 - a table of effects
        match effect:
            case NoteStep():
                self.story.steps.append((effect.flow, effect.step))
                verb = walk.flow.steps.get(effect.step)
                self._tell(f"{effect.flow}/{effect.step}" + (f"  {getattr(verb, 'verb', '')}" if verb else ""))
                return None
            case NoteSteering():
                self._tell(f"    (steering: {effect.way}{f', {effect.intent}' if effect.intent else ''})")
                return None
            case Enqueue() | HangUp() | Transfer():
                return self._end(effect)
            case Play() | Say():
                return self._play(effect)
            case Listen() | Steer():
                return self._listen(effect, walk)
            case LookAround():
                return self._look()
            case AskService():
                return self._ask(effect)
            case OfferCallback():
                return NotDone() if self._out("callbacks") else CallbackOffered(number=effect.typed or _CALLER)
            case RecordMessage() | NoteAnswer() | BookCallback():
                return self._asked(effect)

    def _end(self, effect: Enqueue | HangUp | Transfer) -> Input | None:
        story = self.story
        if isinstance(effect, Transfer):
            if self._out("transfer"):
                return NotDone()
            story.outcome = "transfer"
            self._tell(f"=> transfer to {effect.to}")
        elif isinstance(effect, HangUp):
            story.outcome = effect.why
            self._tell(f"=> the call ends: {effect.why}")
        else:
            story.outcome, story.queue = "queue", effect.queue
            story.priority, story.language = effect.priority, effect.language
            story.survey = effect.survey or None
            story.preferred = "" if effect.preferred is None else f"{effect.preferred} for {effect.preferred_s:.0f}s"
            alone = f", for {story.preferred} alone" if story.preferred else ""
            story.note = effect.note
            if effect.note:
                self._tell(f'    noted for whoever answers: "{effect.note}"')
            self._tell(f"=> waits in {effect.queue}, priority {effect.priority}, language {effect.language}{alone}")
        return None

    def _play(self, effect: Play | Say) -> Input:
        if self._out("prompts" if isinstance(effect, Play) else "speech"):
            return PlaybackFailed()
        if isinstance(effect, Say):
            self.story.heard.append(effect.text)
            self._tell(f'    "{effect.text}"')
            return Played()
        self._say(effect.prompts, effect.language)
        return Played()

    def _say(self, prompts: tuple[str, ...], language: str) -> None:
        for prompt in prompts:
            texts = self._words.get(prompt, {})
            text = texts.get(language) or texts.get("en") or f"[{prompt}]"
            self.story.heard.append(prompt)
            self._tell(f'    "{" ".join(text.split())}"')

    def _listen(self, effect: Listen | Steer, walk: Walk) -> Input:
        if isinstance(effect, Steer):
            if self._out("steering"):
                return NotDone()
            self._say(effect.prompts, effect.language)
            if self._says:
                return self._understand(self._says.pop(0), effect, walk)
        if not self._keys and self.story.silent_at is None and self.story.steps:
            self.story.silent_at = self.story.steps[-1]
        key = self._keys.pop(0) if self._keys else "."
        waited = effect.seconds if isinstance(effect, Listen) else effect.patience.begin_s
        self._tell(f"  > {f'(silence of {waited:g} s)' if key == '.' else key}")
        return NoKey() if key == "." else KeyPressed(key=key)

    def _understand(self, said: str, effect: Steer, walk: Walk) -> Input:
        """By the council's own steering; the name of an intent, and nothing else, stands for it."""
        from ivr.steering.understand import meant  # noqa: PLC0415 - its arithmetic takes longer to import than a check

        self._tell(f"  > {said!r}")
        names = {one.replace("_", " "): one for one in effect.intents}
        called = names.get(said.strip().lower())
        # The name alone: a library in a sentence is a word like others, as on the line.
        spoken = {one: (*phrases, *([said] if one == called else ())) for one, phrases in effect.intents.items()}
        book = walk.flow.steering or SteeringBook(intents={})
        meaning = meant(book, lambda: self._steering(walk.flow.tenant), [said], effect.language, spoken)
        if meaning == Meaning():
            self._tell("    (not understood)")
            return NotUnderstood()
        ranked = ", ".join(f"{one.intent} {one.sure:.2f}" for one in meaning.guesses[:2])
        urgent = f"; {meaning.urgency}: {meaning.because}" if meaning.because else ""
        self._tell(f"    (understood: {ranked or 'no intent'}{urgent})")
        return Understood(intent=meaning.guesses[0].intent if meaning.guesses else "", meaning=meaning)

    def _look(self) -> Input:
        now, script = self._script.at.timestamp(), self._script
        if self._out("floor"):
            return LookedAround(now=now)
        return LookedAround(now=now, waiting=script.waiting, staff=script.staff)

    def _ask(self, effect: AskService) -> Input:
        if self._out("services") or effect.service not in self._script.services:
            return NotDone()
        fields = self._script.services[effect.service].get(effect.key)
        return NothingFound() if fields is None else LookedUp(fields=fields)

    def _asked(self, effect: RecordMessage | NoteAnswer | BookCallback) -> Input:
        what = {RecordMessage: "messages", NoteAnswer: "answers", BookCallback: "callbacks"}[type(effect)]
        if self._out(what):
            return NotDone()
        if isinstance(effect, NoteAnswer):
            self.story.answers[effect.survey] = effect.answer
        self._tell(f"    ({what}: kept)")
        return Done()
