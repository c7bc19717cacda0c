"""Judges steering by sentences, and tells the figures to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from guildhall.steering_models import Models
from ivr.steering.classify import NONE, Lesson
from ivr.steering.evaluate import Point, Report, evaluate
from ivr.steering.understand import Understanding, understanding
from kernel.errors import BadInput
from kernel.meaning import Explained
from kernel.schema import did_you_mean
from kernel.steering import Intent, SteeringBook

#: Readings of one utterance, best first (a text has one), and what was meant ("" is out of scope).
Sentence = tuple[tuple[str, ...], str]

#: Ten seconds of a core; more at once would hold a gigabyte of likenesses for ten thousand.
_AT_ONCE = 500


def check_intents(book: SteeringBook, places: Mapping[str, str]) -> None:
    """Raise ``BadInput`` for the first intent, named at its place, that the council has not."""
    known = book.intents
    for intent, place in places.items():
        if intent and intent not in known:
            hint = did_you_mean(intent, known) or f"known are {', '.join(known)}; leave it empty for out of scope"
            raise BadInput("unknown_intent", f"{place}: unknown intent '{intent[:40]}': {hint}")


def judge(understood: Understanding, sentences: Sequence[Sentence], say: Callable[[str], None] | None = None) -> Report:
    """Figures of a council's steering, or of a lesson's; ``say`` is told how far it is with many."""
    found: list[Explained] = []
    for begin in range(0, len(sentences), _AT_ONCE):
        found += understood.explain_readings([readings for readings, _ in sentences[begin : begin + _AT_ONCE]])
        if say is not None and begin + _AT_ONCE < len(sentences):
            say(f"{begin + _AT_ONCE} of {len(sentences)} sentences understood")
    told = [(readings[0] if readings else "", intent) for readings, intent in sentences]
    return evaluate(understood.book, told, found)


def judge_lesson(lesson: Lesson, sentences: Sequence[Sentence], models: Models) -> Report:
    """Figures of a classifier taught by these sentences and nothing else: for public yardsticks."""
    phrases: dict[str, list[str]] = {}
    for phrase, intent in zip(lesson.phrases, lesson.intents, strict=True):
        phrases.setdefault(intent, []).append(phrase)
    outside = tuple(phrases.pop(NONE, ()))
    book = SteeringBook(
        intents={name: Intent(id=name, says=name, phrases=tuple(said)) for name, said in phrases.items()},
        out_of_scope=outside,
    )
    return judge(understanding(book, dict(models.found)), sentences)


def report_lines(report: Report) -> Iterator[str]:
    """Every figure, a line each."""
    yield f"sentences            {report.sentences} ({report.in_scope} in scope, {report.out_of_scope} out of scope)"
    yield f"accuracy             {_percent(report.accuracy)}"
    yield f"out-of-scope AUROC   {'–' if report.auroc is None else f'{report.auroc:.3f}'}"
    yield f"calibration error    {report.calibration_error:.3f}"
    for one in report.calibration:
        yield f"    {one.calls:5} calls at {one.sure:.2f} on average: {one.right:.2f} right"
    yield f"coverage at 2 % wrong       {_point(report.at_error)}"
    yield f"coverage at 90 % refused    {_point(report.at_refusal)}"
    yield (
        f"by the stated costs         straight on from {report.straight_above:.2f}, a question from"
        f" {report.confirm_above:.2f}; cheapest here: refuse below {report.cheapest_threshold:.2f}"
        f" ({report.cost_per_call:.2f} a call)"
    )
    yield f"urgency              recall {_percent(report.urgent_recall)} of {report.urgent}"
    yield f"false alarms         {_percent(report.false_alarms)} of {report.sentences - report.urgent}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _point(point: Point | None) -> str:
    if point is None:
        return "–"
    return (
        f"{_percent(point.coverage)}, {_percent(point.accuracy)} right, {_percent(point.refused)} of out-of-scope"
        f" refused (threshold {point.threshold:.2f})"
    )
