"""`steer`: let the caller say what she wants."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from ivr.core.dialogue import Plan, Way, decide, sure_enough
from ivr.core.effects import Listening, NoteSteering, Play
from ivr.core.effects import Steer as SteerEffect
from ivr.core.flow import Path, Prompts, Verb
from ivr.core.inputs import Input, KeyPressed, NoKey, NotUnderstood, Understood
from ivr.core.walk import MORE_TIME_TIMES, End, Go, Stay, Turn, Walk
from kernel.meaning import Answer, Guess, Meaning, Urgency
from kernel.needs import Need
from kernel.schema import Count, Duration, Id, YesNo
from kernel.steering import SteeringBook

Phrase = Annotated[str, StringConstraints(min_length=2, max_length=100)]

#: Prompts of the conversation; a council says them in its own words by giving the prompt in its own file.
RIGHT, IS_IT, OR, WHICH, DANGER = "steer_right", "steer_is_it", "steer_or", "steer_which", "steer_danger"
_NOTHING = SteeringBook(intents={})
#: Keys that answer a question: yes or the first, no or the second, neither; and the way to a person in any question.
_FIRST, _SECOND, _NEITHER, _PERSON = "1", "2", "3", "0"
#: From here on a wish for a person is more than the sound of a small word.
_SURELY = 0.9
#: Answers that settle a question; "yes, please" sounds like a wish for a person and is none. A "no" settles nothing.
_SETTLES = frozenset({Answer.YES, Answer.FIRST, Answer.SECOND})


def said_by_steering(book: SteeringBook, intents: Collection[str]) -> set[str]:
    """The prompts a conversation about these intents may need."""
    return {RIGHT, IS_IT, OR, WHICH, DANGER} | {book.intents[one].says for one in intents if one in book.intents}


class Steer(Verb):
    """Speech instead of keys. `no_input` is the way of silence, of keys and without an engine: let a menu be there."""

    summary: ClassVar[str] = "let the caller say what she wants; without a speech engine `no_input` is the way"

    verb: Literal["steer"]
    prompts: Prompts
    #: Intent -> step.
    intents: Annotated[dict[Id, Id], Field(min_length=1)]
    #: Intent -> phrases that name it for certain, beside those of `intents.yaml`.
    phrases: dict[Id, tuple[Phrase, ...]] = Field(default_factory=dict)
    no_input: Id
    no_match: Id
    tries: Annotated[Count, Field(ge=1, le=2)]
    no_match_prompt: Id = "sorry_no_match"
    #: What is asked after words that were not understood: examples. Default: the apology and the question.
    again: Prompts | None = None
    #: The way of urgent words whose intent is not clear; default: the council's default queue, before others.
    urgent: Id | None = None
    #: The way of who asks for a person; default: the council's default queue.
    person: Id | None = None
    #: The way of callers whose language no recogniser here understands; default: `no_input`.
    other_language: Id | None = None
    #: Whether speech interrupts the question; keys always do.
    barge_in: YesNo = True
    #: How long she may think before she begins; how long a pause ends what she says (half as long again where her words
    #: hang: "it is about my"); how long she may speak. Twice as long for who needs more time.
    timeout: Annotated[Duration, Field(ge=2, le=15)] = 4.0
    pause: Annotated[Duration, Field(ge=0.4, le=3)] = 0.8
    longest: Annotated[Duration, Field(ge=5, le=30)] = 12.0

    def enter(self, walk: Walk) -> Turn:
        """Ask; who typed ahead wants keys, a relay assistant reads menus best, and no engine here knows Welsh."""
        if walk.keys or walk.relay:
            return Go(walk=walk, to=self.no_input)
        if walk.language not in self._book(walk).languages:
            return Go(walk=walk, to=self.other_language or self.no_input)
        return self._ask(walk, self.prompts)

    def react(self, walk: Walk, heard: Input) -> Turn:
        """Go where she wants, or ask."""
        if walk.asked[:1] == (DANGER,):
            return self._urgently(walk, walk.asked[1] if len(walk.asked) > 1 else None)
        if isinstance(heard, Understood):
            meaning = heard.meaning if heard.meaning != Meaning() else _certain(heard.intent)
            return self._understood(walk, meaning)
        if isinstance(heard, NotUnderstood):
            return self._missed(walk)
        if isinstance(heard, KeyPressed):
            return self._key(walk, heard.key)
        walk = dataclasses.replace(walk, silences=walk.silences + 1)
        if isinstance(heard, NoKey) and walk.silences < self.tries:
            return self._ask(walk, self._question(walk))
        return self._to(walk, self.no_input, "menu")

    def _understood(self, walk: Walk, meaning: Meaning) -> Turn:
        book = self._book(walk)
        if meaning.urgency is not Urgency.NONE:
            return self._haste(walk, meaning)
        if not (walk.asked and meaning.answer in _SETTLES):
            if meaning.wants_language is not None and meaning.wants_language not in book.languages:
                walk = dataclasses.replace(walk, language=meaning.wants_language)
                return self._to(walk, self.other_language or self.no_input, "menu", meaning)
            if _wants_person(walk, meaning):
                return self._person(walk, meaning)
        slower = meaning.wants_time and Need.MORE_TIME not in walk.needs
        if slower:
            walk = dataclasses.replace(walk, needs=walk.needs | {Need.MORE_TIME})
        if walk.asked:
            answered = self._answered(walk, meaning)
            if answered is not None:
                return answered
        plan = decide(book, meaning, self.intents)
        # A second question about the same thing is no progress: she named it twice, so there she goes.
        if plan.way is Way.QUESTION and walk.asked[1:] == plan.intents:
            plan = Plan(way=Way.STRAIGHT, intents=plan.intents)
        if slower and plan.way is not Way.STRAIGHT:
            return self._ask(walk, self._question(walk))
        return self._follow(walk, meaning, plan)

    def _follow(self, walk: Walk, meaning: Meaning, plan: Plan) -> Turn:
        if plan.way is Way.STRAIGHT:
            return self._to(walk, self.intents[plan.intents[0]], plan.way, meaning)
        if plan.way is Way.AGAIN or (len(walk.asked) > 1 and walk.misses + 1 >= self.tries):
            return self._missed(walk, meaning)
        # A question after a denied one counts as a try: nobody is asked for ever.
        misses = walk.misses + (1 if walk.asked else 0)
        word = RIGHT if plan.way is Way.QUESTION else IS_IT
        walk = dataclasses.replace(walk, asked=(word, *plan.intents), misses=misses)
        return self._ask(self._noted(walk, plan.way, meaning), self._question(walk))

    def _answered(self, walk: Walk, meaning: Meaning) -> Turn | None:
        """The way of an answer to our question; None when it was none."""
        word, *intents = walk.asked
        if meaning.answer is Answer.NO:
            return self._missed(_denied(walk), meaning)
        if word == RIGHT:
            return self._settled(walk, intents[0], "confirmed", meaning) if meaning.answer is Answer.YES else None
        if meaning.answer in {Answer.FIRST, Answer.SECOND}:
            return self._settled(walk, intents[meaning.answer is Answer.SECOND], "chosen", meaning)
        named = [one.intent for one in meaning.guesses if one.intent in intents][:1]
        likely = meaning.guesses[0].intent in intents if meaning.guesses else False
        return self._settled(walk, named[0], "chosen", meaning) if named and likely else None

    def _key(self, walk: Walk, typed: str) -> Turn:
        word, *intents = walk.asked or ("",)
        key = typed[:1]
        if word and key == _PERSON:
            return self._person(walk, None)
        if word == RIGHT and key == _FIRST:
            return self._settled(walk, intents[0], "confirmed", None)
        if word == IS_IT and key in {_FIRST, _SECOND}:
            return self._settled(walk, intents[key == _SECOND], "chosen", None)
        if (word, key) in {(RIGHT, _SECOND), (IS_IT, _NEITHER)}:
            return self._missed(_denied(walk))
        # The keys count in the menu that follows.
        return self._to(dataclasses.replace(walk, keys=typed), self.no_input, "menu")

    def _missed(self, walk: Walk, meaning: Meaning | None = None) -> Turn:
        walk = dataclasses.replace(walk, misses=walk.misses + 1)
        if walk.misses >= self.tries:
            return self._to(walk, self.no_match, "menu", meaning)
        # A yes that was not understood costs her the question once more, not her whole story.
        again = self._question(walk) if walk.asked else self.again or (self.no_match_prompt, *self.prompts)
        return self._ask(self._noted(walk, Way.AGAIN, meaning), again)

    def _haste(self, walk: Walk, meaning: Meaning) -> Turn:
        """Before everything else: the call's priority is raised; where life is at stake, 999 is named first."""
        book = self._book(walk)
        target = sure_enough(book, meaning, self.intents)
        walk = dataclasses.replace(walk, at_least=max(walk.at_least, book.urgent_priority))
        walk = self._noted(walk, meaning.urgency, meaning)
        if meaning.urgency is not Urgency.DANGER:
            return self._urgently(walk, target)
        walk = dataclasses.replace(walk, asked=(DANGER, *((target,) if target else ())))
        return Stay(walk=walk, effect=Play(prompts=(DANGER,), language=walk.language, interruptible=False))

    def _urgently(self, walk: Walk, intent: str | None) -> Turn:
        step = self.intents[intent] if intent is not None else self.urgent or self.person
        return Go(walk=walk, to=step) if step else End(walk=walk, effect=walk.enqueue(walk.flow.default_queue))

    def _person(self, walk: Walk, meaning: Meaning | None) -> Turn:
        if self.person is not None:
            return self._to(walk, self.person, "person", meaning)
        walk = self._noted(walk, "person", meaning)
        return End(walk=walk, effect=walk.enqueue(walk.flow.default_queue))

    def _settled(self, walk: Walk, intent: str, way: str, meaning: Meaning | None) -> Turn:
        walk = self._noted(walk, way, _certain(intent) if meaning is None or not meaning.guesses else meaning, intent)
        return Go(walk=walk, to=self.intents[intent])

    def _to(self, walk: Walk, step: str, way: str, meaning: Meaning | None = None) -> Turn:
        return Go(walk=self._noted(walk, way, meaning), to=step)

    def _noted(self, walk: Walk, way: str, meaning: Meaning | None, intent: str | None = None) -> Walk:
        top = meaning.guesses[0] if meaning is not None and meaning.guesses else None
        note = NoteSteering(
            flow=walk.flow.name,
            step=walk.at,
            intent=intent or (top.intent if top is not None else None),
            sure=top.sure if top is not None else 0.0,
            way=way,
            urgency=meaning.urgency if meaning is not None else Urgency.NONE,
        )
        return dataclasses.replace(walk, notes=(*walk.notes, note))

    def _question(self, walk: Walk) -> tuple[str, ...]:
        """What is asked now, in prompts."""
        if not walk.asked:
            return self.prompts
        word, *intents = walk.asked
        names = [self._book(walk).intents[one].says for one in intents]
        return (names[0], RIGHT) if word == RIGHT else (IS_IT, names[0], OR, names[1], WHICH)

    def _ask(self, walk: Walk, prompts: tuple[str, ...]) -> Turn:
        slow = Need.MORE_TIME in walk.needs
        effect = SteerEffect(
            prompts=prompts,
            language=walk.language,
            intents={intent: self.phrases.get(intent, ()) for intent in self.intents},
            interruptible=self.barge_in and not slow,
            patience=Listening(
                begin_s=self.timeout * (MORE_TIME_TIMES if slow else 1),
                pause_s=self.pause * (MORE_TIME_TIMES if slow else 1),
                longest_s=self.longest * (MORE_TIME_TIMES if slow else 1),
            ),
        )
        return Stay(walk=walk, effect=effect)

    def _book(self, walk: Walk) -> SteeringBook:
        # A flow with phrases of its own and no intents file: whatever language those are in.
        return walk.flow.steering or dataclasses.replace(_NOTHING, languages=(walk.language,))

    def targets(self) -> dict[str, str]:
        """Every intent, silence, words that were not understood, and the ways of those who cannot be steered."""
        ways = {f"intents.{intent}": step for intent, step in self.intents.items()}
        free = {"urgent": self.urgent, "person": self.person, "other_language": self.other_language}
        named = {key: step for key, step in free.items() if step is not None}
        return {**ways, "no_input": self.no_input, "no_match": self.no_match, **named}

    def by_itself(self) -> dict[str, str]:
        """Silence, and no engine."""
        return {"no_input": self.no_input}

    def prompts_used(self) -> dict[str, tuple[str, ...]]:
        """The question and the apology."""
        said = {"prompts": self.prompts, "no_match_prompt": (self.no_match_prompt,)}
        return {**said, "again": self.again} if self.again else said

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """Phrases belong to an intent."""
        for intent in self.phrases:
            if intent not in self.intents:
                yield "intent", ("phrases", intent), intent


def _wants_person(walk: Walk, meaning: Meaning) -> bool:
    """Whether that is what she said: "no" to a question of ours, or "slow down", only sounds a little like it."""
    small = meaning.wants_time or (bool(walk.asked) and meaning.answer is Answer.NO)
    sure = meaning.guesses[0].sure if meaning.guesses else 0.0
    return meaning.wants_person and (not small or sure >= _SURELY)


def _denied(walk: Walk) -> Walk:
    return dataclasses.replace(walk, asked=())


def _certain(intent: str) -> Meaning:
    return Meaning(guesses=(Guess(intent=intent, sure=1.0),))
