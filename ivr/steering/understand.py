"""One caller's words become a meaning: intents with probabilities, urgency first, and the small words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.steering import ngrams
from ivr.steering.classify import LETTERS, NONE, Classifier, Lesson, Verdict, learn
from ivr.steering.phrases import found_in
from ivr.steering.urgency import haste
from ivr.steering.views import Turn
from ivr.steering.wording import Wording, plain
from kernel.meaning import Answer, Explained, Guess, Meaning, Urgency
from kernel.steering import SteeringBook

#: Words of an answer beyond which it is a sentence of its own: "no, it is about my bins".
_SHORT = 4
_GUESSES = 5
#: Readings that are listened to: what comes after them is mostly noise.
MOST_READINGS = 3
_LANGUAGE_LETTERS = 2
#: Names of languages as keys of the answers -> code.
_LANGUAGES = {"welsh": "cy", "english": "en"}
#: Labels of what is taught as urgent: this and an intent, or, for danger to life, this alone.
_HASTE = "!"
_ANSWERS = frozenset(one.value for one in Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """A council's steering, taught."""

    book: SteeringBook
    wording: Wording
    classifier: Classifier
    turns: Mapping[str, Turn]

    def explain(self, text: str, language: str = "en") -> Explained:
        """What is meant, with the reasons."""
        return self.explain_all([text], language)[0]

    def explain_all(self, texts: Sequence[str], language: str = "en") -> list[Explained]:
        """The same for many."""
        read = [self.wording.plainly(text) for text in texts]
        verdict = self.classifier.judge(read, self.turns)
        return [self._explained(text, read[at], verdict, at, language) for at, text in enumerate(texts)]

    def explain_readings(self, said: Sequence[Sequence[str]], language: str = "en") -> list[Explained]:
        """The same for utterances that several recognisers, or one with doubts, wrote down; all at once."""
        flat = [reading for readings in said for reading in readings[:MOST_READINGS]]
        explained = iter(self.explain_all(flat, language) if flat else [])
        found = []
        for readings in said:
            own = [next(explained) for _ in readings[:MOST_READINGS]]
            meaning = merged([one.meaning for one in own]) if own else Meaning()
            found.append(replace(own[0], meaning=meaning) if own else Explained(meaning=meaning))
        return found

    def why(self, explained: Explained) -> Explained:
        """The same with the phrases nearest to it."""
        near = self.classifier.nearest(explained.read_as, self.turns) if explained.read_as else ()
        nearest = tuple(replace(one, intent=_about(one.intent) if one.intent != _HASTE else "danger") for one in near)
        return Explained(meaning=explained.meaning, nearest=nearest, urgent=explained.urgent, read_as=explained.read_as)

    def _explained(self, text: str, read: str, verdict: Verdict, row: int, language: str) -> Explained:
        if not read:
            return Explained(meaning=Meaning())
        guesses = self._guesses(verdict, row)
        urgent, danger = self._urgent(verdict, row)
        how = haste(self.book, f"{text}. {read}", urgent, danger)
        small = self._small_words(text, language)
        top = guesses[0] if guesses else None
        person = top is not None and self.book.intents[top.intent].person and top.sure > self._person_above()
        return Explained(
            meaning=Meaning(
                guesses=guesses,
                urgency=how.urgency,
                because=how.because,
                answer=next((one for one in Answer if one.value in small), None),
                wants_person=person,
                wants_time="more_time" in small,
                wants_language=next((code for name, code in _LANGUAGES.items() if name in small), None),
            ),
            urgent=urgent,
            read_as=read,
        )

    def _guesses(self, verdict: Verdict, row: int) -> tuple[Guess, ...]:
        """The calibrated confidence is the best one's; what is left is shared as the classifier shares it."""
        shares, sure, best = verdict.shares[row], float(verdict.sure[row]), int(verdict.best[row])
        rest = max(1e-9, 1 - float(shares[best]))
        sums: dict[str, float] = {}
        for at, label in enumerate(verdict.labels):
            intent = _about(label)
            sums[intent] = sums.get(intent, 0.0) + (sure if at == best else float(shares[at]) / rest * (1 - sure))
        top = _about(verdict.labels[best])
        sums.pop(NONE, None)
        ranked = sorted(((share, intent) for intent, share in sums.items() if intent != top), reverse=True)
        first = [(sums[top], top)] if top else []
        return tuple(Guess(intent=intent, sure=share) for share, intent in [*first, *ranked][:_GUESSES])

    def _urgent(self, verdict: Verdict, row: int) -> tuple[float, float]:
        """The probability of what is taught as urgent, and of danger to life alone."""
        shares = {label: float(share) for label, share in zip(verdict.labels, verdict.shares[row], strict=True)}
        hurries = {name for name, intent in self.book.intents.items() if intent.urgent}
        urgent = sum(share for label, share in shares.items() if label.startswith(_HASTE) or label in hurries)
        return urgent, shares.get(_HASTE, 0.0)

    def _person_above(self) -> float:
        """A person costs no wrong queue: what is asked again costs more than a person who was not asked for."""
        return self.book.costs.question / self.book.costs.again

    def _small_words(self, text: str, language: str) -> set[str]:
        words = self.book.answers.get(language, {})
        whole, said = plain(text), text.replace(",", " ")
        short, begins = len(whole.split()) <= _SHORT, whole.split(" ", 1)[0]
        found: dict[str, int] = {}
        for kind, phrases in words.items():
            # In a sentence "no" and "one" are words like others; "slow down" and "speak Welsh" are what they are.
            told = phrases if short else [one for one in phrases if kind not in _ANSWERS and " " in one]
            # The longest: "the second one" is not the first one, though "one" is in it.
            longest = max((len(one) for one in told if found_in(said, [one]) is not None), default=0)
            if longest or (kind == Answer.NO and begins in phrases):
                found[kind] = longest
        for winner, other in ((Answer.NO, Answer.YES), (Answer.FIRST, Answer.SECOND), (Answer.SECOND, Answer.FIRST)):
            # "no, that's not right": a no wins over a yes in the same breath.
            if winner in found and other in found and (winner is Answer.NO or found[winner] > found[other]):
                del found[other]
        return set(found)


def _about(label: str) -> str:
    """The intent that a label of the lesson is about; danger to life is none."""
    return label.removeprefix(_HASTE)


def lesson(book: SteeringBook) -> Lesson:
    """What the council's phrases teach."""
    wording = Wording.of(book)
    pairs = [(wording.plainly(phrase), one.id) for one in book.intents.values() for phrase in one.phrases]
    pairs += [(wording.plainly(phrase), _HASTE + name) for name, said in book.urgent_like.items() for phrase in said]
    pairs += [(wording.plainly(phrase), _HASTE) for phrase in book.danger_like]
    pairs += [(wording.plainly(phrase), NONE) for phrase in book.out_of_scope]
    # Two phrases may become the same words; the first keeps its meaning.
    unique: dict[str, str] = {}
    for phrase, intent in pairs:
        if phrase:
            unique.setdefault(phrase, intent)
    return Lesson(phrases=tuple(unique), intents=tuple(unique.values()))


def all_turns(models: Mapping[str, Turn]) -> dict[str, Turn]:
    """The views there are: letters always, and every model of sentences that could be loaded."""
    return {LETTERS: lambda sentences: ngrams.pieces([plain(one) for one in sentences]), **models}


def understanding(book: SteeringBook, models: Mapping[str, Turn], learned: Classifier | None = None) -> Understanding:
    """Teach it, or take what was learned before from the same lesson."""
    turns = all_turns(models)
    return Understanding(
        book=book, wording=Wording.of(book), classifier=learned or learn(lesson(book), turns), turns=turns
    )


def merged(readings: Sequence[Meaning]) -> Meaning:
    """Several readings of one utterance, by different recognisers: their mean, and the most urgent of them.

    Two engines average to more than either (docs/steering-evaluation.md).
    """
    first, *others = readings
    if not others:
        return first
    sums: dict[str, float] = {}
    for one in readings:
        for guess in one.guesses:
            sums[guess.intent] = sums.get(guess.intent, 0.0) + guess.sure / len(readings)
    ranked = sorted(sums.items(), key=lambda pair: -pair[1])
    haste = max(readings, key=lambda one: list(Urgency).index(one.urgency))
    return replace(
        first,
        guesses=tuple(Guess(intent=intent, sure=sure) for intent, sure in ranked[:_GUESSES]),
        urgency=haste.urgency,
        because=haste.because,
        # Short words are what recognisers differ about: what any of them heard is an answer.
        answer=next((one.answer for one in readings if one.answer is not None), None),
        wants_person=any(one.wants_person for one in readings),
        wants_time=any(one.wants_time for one in readings),
        wants_language=next((one.wants_language for one in readings if one.wants_language is not None), None),
    )


def named(text: str, intents: Mapping[str, tuple[str, ...]]) -> str | None:
    """The intent whose longest phrase, or own name, is in the words: for the phrases that stand in a flow itself."""
    found = [
        (len(phrase), intent)
        for intent, phrases in intents.items()
        for phrase in phrases
        if found_in(text.replace(",", " "), [phrase]) is not None
    ]
    return max(found)[1] if found else None


def meant(
    book: SteeringBook,
    understand: Callable[[], Understanding | None],
    readings: Sequence[str],
    language: str,
    intents: Mapping[str, tuple[str, ...]],
) -> Meaning:
    """What an utterance means in a step: a phrase of the flow, in any reading, is certain; else the classifier says.

    Not their mean: one engine's slip must not make a phrase doubtful that the other heard.
    """
    for reading in readings:
        if (intent := named(reading, intents)) is not None:
            how = haste(book, reading, 0.0)
            return Meaning(guesses=(Guess(intent=intent, sure=1.0),), urgency=how.urgency, because=how.because)
    understood = understand()
    return Meaning() if understood is None else understood.explain_readings([readings], language)[0].meaning
