"""Learns intents from phrases in seconds, and says how sure it is of each: several views, averaged and calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.steering import ngrams
from ivr.steering.calibrate import Calibration, auroc, calibrated, calibration_error, features
from ivr.steering.fitting import Labels, Matrix, log_shares
from ivr.steering.views import Logs, Turn, View
from kernel.hearing import EngineFailed, SpeechFull
from kernel.meaning import Near

#: The label of what is none of the intents.
NONE = ""
LETTERS = "letters"
#: Letters know no meaning: half a voice beside a model of sentences (held-out 98.9 -> 99.5 %, BANKING77 +0.3).
_VOICE = {LETTERS: 0.5}
#: Above this, letters are left out where there is a model of sentences, and nothing is calibrated: minutes of
#: fitting for no gain (BANKING77's 10,003 sentences: 94.4 / 94.4 %). A council has some thousand phrases.
_MANY = 8000
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Phrases with their intents; ``NONE`` for what is out of scope."""

    phrases: tuple[str, ...]
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier makes of sentences; rows are sentences, columns ``labels``."""

    labels: tuple[str, ...]
    #: Probabilities as learned, out of scope among them.
    shares: npt.NDArray[np.float64]
    #: Calibrated: that the best intent is right.
    sure: npt.NDArray[np.float64]
    best: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good it was on its own phrases, each left out in turn; 0 where nothing could be told."""

    accuracy: float = 0.0
    auroc: float = 0.0
    calibration_error: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A lesson learned."""

    labels: tuple[str, ...]
    phrases: tuple[str, ...]
    intents: Labels
    views: Mapping[str, View]
    calibration: Calibration
    figures: Figures = Figures()

    def judge(self, sentences: Sequence[str], turns: Mapping[str, Turn]) -> Verdict:
        """What is meant by each. ``turns``: the same views as it was taught with, those that fail left out.

        Raises ``EngineFailed`` when all of them do.
        """
        return self.judge_rows(self._rows(sentences, turns))

    def judge_rows(self, rows: Mapping[str, Matrix]) -> Verdict:
        """The same for sentences that were turned into numbers already, by some of the views at least."""
        views = {name: view for name, view in self.views.items() if name in rows}
        logs, likeness = _judged(views, rows, self.intents, self.none)
        return _verdict(self.labels, logs, likeness, self.none, self.calibration)

    def _rows(self, sentences: Sequence[str], turns: Mapping[str, Turn]) -> dict[str, Matrix]:
        rows: dict[str, Matrix] = {}
        failed = EngineFailed("no_view", "there is no view of sentences")
        for name in self.views:
            try:
                rows[name] = turns[name](sentences)
            except (EngineFailed, SpeechFull) as error:
                # A model's process is away or full: the others still know what most callers mean.
                failed = EngineFailed(error.code, error.message)
        if not rows:
            raise failed
        return rows

    @property
    def none(self) -> int:
        """The column of what is out of scope; -1 when none was taught."""
        return self.labels.index(NONE) if NONE in self.labels else -1

    def nearest(self, sentence: str, turns: Mapping[str, Turn], count: int = 3) -> tuple[Near, ...]:
        """The phrases nearest to what was said."""
        rows = self._rows([sentence], turns)
        likeness = np.mean([self.views[name].likeness(row)[0] for name, row in rows.items()], axis=0)
        order = np.argsort(-likeness)[:count]
        return tuple(
            Near(intent=self.labels[self.intents[at]], phrase=self.phrases[at], likeness=float(likeness[at]))
            for at in order
        )


def learn(lesson: Lesson, turns: Mapping[str, Turn]) -> Classifier:
    """Teach a classifier: the same lesson gives the same classifier."""
    labels = tuple(sorted(set(lesson.intents) - {NONE})) + ((NONE,) if NONE in lesson.intents else ())
    numbers = np.array([labels.index(intent) for intent in lesson.intents], np.intp)
    used = _used(turns, len(lesson.phrases))
    rows = {name: turn(lesson.phrases) for name, turn in used.items()}
    none = len(labels) - 1 if NONE in labels else -1
    calibration, figures = _calibrate(rows, numbers, labels, none)
    return Classifier(
        labels=labels,
        phrases=lesson.phrases,
        intents=numbers,
        views={name: _view(name, one, numbers, len(labels)) for name, one in rows.items()},
        calibration=calibration,
        figures=figures,
    )


def out_of_fold(
    rows: Mapping[str, Matrix], numbers: Labels, classes: int, none: int, fold: Labels | None = None
) -> tuple[Logs, npt.NDArray[np.float64]]:
    """Each phrase judged by a classifier that never saw it: log probabilities, and its best likeness.

    ``fold``: which fifth each is left out with, 0 to 4; else every fifth of each intent.
    """
    logs, likeness = np.zeros((len(numbers), classes)), np.zeros(len(numbers))
    # Every fifth phrase of each intent: what stands side by side in the file is alike.
    if fold is None:
        order = np.argsort(numbers, kind="stable")
        fold = np.empty(len(numbers), np.intp)
        fold[order] = np.arange(len(numbers)) % _FOLDS
    for one in range(_FOLDS):
        kept, held = fold != one, fold == one
        if not held.any():
            continue
        views = {name: _view(name, all_[kept], numbers[kept], classes) for name, all_ in rows.items()}
        held_rows = {name: all_[held] for name, all_ in rows.items()}
        logs[held], likeness[held] = _judged(views, held_rows, numbers[kept], none)
    return logs, likeness


def _calibrate(
    rows: Mapping[str, Matrix], numbers: Labels, labels: tuple[str, ...], none: int
) -> tuple[Calibration, Figures]:
    if len(numbers) > _MANY or len(numbers) < _FOLDS:
        return Calibration(), Figures()
    logs, likeness = out_of_fold(rows, numbers, len(labels), none)
    calibration = calibrated(logs, likeness, numbers, none)
    verdict = _verdict(labels, logs, likeness, none, calibration)
    inside, right = numbers != none, verdict.best == numbers
    return calibration, Figures(
        accuracy=float(right[inside].mean()),
        auroc=auroc(verdict.sure[inside], verdict.sure[~inside]) or 0.0,
        calibration_error=calibration_error(verdict.sure, right & inside),
    )


def _used(turns: Mapping[str, Turn], count: int) -> dict[str, Turn]:
    models = {name: turn for name, turn in turns.items() if name != LETTERS}
    return dict(turns) if count <= _MANY or not models else models


def _view(name: str, rows: Matrix, numbers: Labels, classes: int) -> View:
    return View.taught(rows, numbers, classes, ngrams.weights(rows) if name == LETTERS else None)


def _together(logs: Mapping[str, Logs]) -> Logs:
    """The views' voices, one sum a class."""
    total: Logs = np.sum([_VOICE.get(name, 1.0) * one for name, one in logs.items()], axis=0)
    return total / sum(_VOICE.get(name, 1.0) for name in logs)


def _judged(
    views: Mapping[str, View], rows: Mapping[str, Matrix], numbers: Labels, none: int
) -> tuple[Logs, npt.NDArray[np.float64]]:
    """The views' log probabilities together, and how near the nearest phrase of any intent is by their mean."""
    known = numbers != none
    logs: dict[str, Logs] = {}
    near = np.zeros(len(next(iter(rows.values()))))
    # One view after another: a matrix of likeness is as large as sentences times phrases.
    for name, view in views.items():
        logs[name], likeness = view.judged(rows[name])
        near += likeness[:, known].max(axis=1) / len(views)
    return _together(logs), near


def _verdict(
    labels: tuple[str, ...], logs: Logs, likeness: npt.NDArray[np.float64], none: int, calibration: Calibration
) -> Verdict:
    shares = np.exp(log_shares(logs * calibration.sharper))
    known = shares if none < 0 else np.delete(shares, none, axis=1)
    return Verdict(
        labels=labels,
        shares=shares,
        sure=calibration.sure(features(logs, likeness, none, calibration.sharper)),
        best=known.argmax(axis=1),
    )
