"""How good steering is on sentences it never saw: every figure the docs state comes from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from ivr.steering.calibrate import auroc, bins, calibration_error
from kernel.meaning import Explained, Urgency
from kernel.steering import Costs, SteeringBook

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: The issue's own points: the error a council may choose, and how many out-of-scope callers are refused.
_ERROR, _REFUSED = 0.02, 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Calls of about one confidence: how sure we were on average, and how many were right."""

    calls: int
    sure: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What comes of refusing below a confidence."""

    threshold: float
    #: Of the callers who want one of the intents, those who are steered.
    coverage: float
    #: Of the steered ones, those who are steered right.
    accuracy: float
    #: Of the callers out of scope, those who are refused; 1 when there are none.
    refused: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of one evaluation. Shares are 0 to 1; None: the file holds nothing to tell it by."""

    sentences: int
    in_scope: int
    out_of_scope: int
    accuracy: float | None
    auroc: float | None
    #: Mean distance of confidence and truth, weighted by calls (expected calibration error).
    calibration_error: float
    calibration: tuple[Bin, ...]
    #: The most coverage with at most 2 % wrong among the steered.
    at_error: Point | None
    #: Where nine of ten out-of-scope callers are refused.
    at_refusal: Point | None
    #: Where the stated costs are lowest, as the costs say and as this file would have it.
    straight_above: float
    confirm_above: float
    cheapest_threshold: float
    cost_per_call: float
    urgent: int
    urgent_recall: float | None
    false_alarms: float | None
    labels: tuple[str, ...]
    #: Row: what was meant; column: what was understood (the last ones: out of scope).
    confusion: tuple[tuple[int, ...], ...]
    wrong: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``. The sentences themselves are left out."""
        found = asdict(self)
        del found["wrong"]
        return found


def thresholds(costs: Costs) -> tuple[float, float]:
    """From which confidence on going straight is cheapest, and from which asking "is that right?" is.

    Straight costs (1-p)·wrong, asking costs question + (1-p)·again, refusing costs again.
    """
    spread = costs.wrong - costs.again
    straight = 1 - costs.question / spread if spread > costs.question else 0.0
    return min(straight, 1.0), min(costs.question / costs.again, 1.0) if costs.again else 1.0


def evaluate(book: SteeringBook, wanted: Sequence[tuple[str, str]], found: Sequence[Explained]) -> Report:
    """``wanted``: sentence and intent ("" is out of scope); ``found``: what was made of each."""
    labels = (*book.intents, "")
    meant = [intent for _, intent in wanted]
    inside = np.array([bool(intent) for intent in meant])
    top = [one.meaning.guesses[0] if one.meaning.guesses else None for one in found]
    guessed = [one.intent if one else "" for one in top]
    sure = np.array([one.sure if one else 0.0 for one in top])
    right = np.array([guess == intent for guess, intent in zip(guessed, meant, strict=True)])
    straight, confirm = thresholds(book.costs)
    cheapest, cost = _cheapest(sure, right, inside, book.costs)
    urgent = np.array([bool(intent) and intent in book.intents and book.intents[intent].urgent for intent in meant])
    raised = np.array([one.meaning.urgency is not Urgency.NONE for one in found])
    return Report(
        sentences=len(wanted),
        in_scope=int(inside.sum()),
        out_of_scope=int((~inside).sum()),
        accuracy=_share(right, inside),
        auroc=auroc(sure[inside], sure[~inside]),
        calibration_error=calibration_error(sure, right & inside),
        calibration=tuple(
            Bin(calls=calls, sure=mean, right=share) for calls, mean, share in bins(sure, right & inside)
        ),
        at_error=_at_error(sure, right, inside),
        at_refusal=_at_refusal(sure, right, inside),
        straight_above=straight,
        confirm_above=confirm,
        cheapest_threshold=cheapest,
        cost_per_call=cost,
        urgent=int(urgent.sum()),
        urgent_recall=_share(raised, urgent),
        false_alarms=_share(raised, ~urgent),
        labels=labels,
        confusion=_confusion(labels, meant, guessed, sure >= confirm),
        wrong=tuple(
            (said, intent, guess)
            for (said, intent), guess in zip(wanted, guessed, strict=True)
            if intent and intent != guess
        ),
    )


def _share(of: Flags, among: Flags) -> float | None:
    return float(of[among].mean()) if among.any() else None


def _point(threshold: float, sure: Numbers, right: Flags, inside: Flags) -> Point:
    taken = sure >= threshold
    return Point(
        threshold=threshold,
        coverage=_share(taken, inside) or 0.0,
        accuracy=1.0 if (share := _share(right, taken & inside)) is None else share,
        refused=1.0 if (refused := _share(~taken, ~inside)) is None else refused,
    )


def _at_error(sure: Numbers, right: Flags, inside: Flags) -> Point | None:
    points = [_point(float(one), sure, right, inside) for one in np.unique(sure)] if inside.any() else []
    good = [one for one in points if one.accuracy >= 1 - _ERROR]
    return max(good, key=lambda one: one.coverage, default=None)


def _at_refusal(sure: Numbers, right: Flags, inside: Flags) -> Point | None:
    """The lowest threshold at which nine of ten are refused."""
    if inside.all() or not inside.any():
        return None
    points = (_point(float(one), sure, right, inside) for one in [*np.unique(sure), 1.0 + 1e-9])
    return next(one for one in points if one.refused >= _REFUSED)


def _cheapest(sure: Numbers, right: Flags, inside: Flags, costs: Costs) -> tuple[float, float]:
    """The one threshold that would have cost least here: steer above it, ask again below."""
    best = (float("inf"), 1.0)
    for threshold in [0.0, *np.unique(sure), 1.0 + 1e-9]:
        taken = sure >= threshold
        spent = costs.wrong * (taken & ~(right & inside)).sum() + costs.again * (~taken & inside).sum()
        best = min(best, (float(spent) / max(1, len(sure)), float(threshold)))
    return best[1], best[0]


def _confusion(
    labels: tuple[str, ...], meant: Sequence[str], guessed: Sequence[str], taken: Flags
) -> tuple[tuple[int, ...], ...]:
    at = {label: number for number, label in enumerate(labels)}
    table = [[0] * len(labels) for _ in labels]
    for intent, guess, kept in zip(meant, guessed, taken, strict=True):
        if intent in at:
            table[at[intent]][at.get(guess, len(labels) - 1) if kept else len(labels) - 1] += 1
    return tuple(map(tuple, table))
