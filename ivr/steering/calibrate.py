"""Makes confidences mean what they say: of calls at 0.9, nine in ten are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.steering.fitting import Labels, fit, log_shares
from ivr.steering.views import Logs

Vector = npt.NDArray[np.float64]

#: Tried in turn: how much sharper than the views' mean the shares are.
_SHARPER = tuple(np.geomspace(0.3, 4.0, 23))
#: Keeps logarithms finite.
_LEAST = 1e-6
#: As many examples as the prior weighs: a calibration of few examples must not be certain.
_STRENGTH = 1.0
_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How shares become confidences."""

    sharper: float = 1.0
    #: Of the share's log-odds, the lead over the runner-up, the likeness, and one.
    weights: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)

    def sure(self, given: npt.NDArray[np.float64]) -> Vector:
        """Probability that the best intent is right."""
        score = given @ np.array(self.weights)
        found: Vector = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        return found


def features(logs: Logs, likeness: Vector, none: int, sharper: float) -> npt.NDArray[np.float64]:
    """What confidence is made of, a row a sentence."""
    shares = np.exp(log_shares(logs * sharper))
    known = shares if none < 0 else np.delete(shares, none, axis=1)
    ranked = -np.sort(-known, axis=1)
    best = np.clip(ranked[:, 0], _LEAST, 1 - _LEAST)
    second = np.clip(ranked[:, 1], _LEAST, 1) if ranked.shape[1] > 1 else np.full(len(best), _LEAST)
    return np.column_stack([np.log(best / (1 - best)), np.log(best / second), 5 * likeness, np.ones(len(best))])


def calibrated(logs: Logs, likeness: Vector, numbers: Labels, none: int) -> Calibration:
    """Fit it on sentences that the classifier had not seen."""
    sharper = min(_SHARPER, key=lambda one: -log_shares(logs * one)[np.arange(len(numbers)), numbers].sum())
    given = features(logs, likeness, none, float(sharper))
    known = logs if none < 0 else np.delete(logs, none, axis=1)
    # Labels are sorted with "none" last, so columns keep their numbers when it is left out.
    right = (known.argmax(axis=1) == numbers) & (numbers != none)
    if right.all() or not right.any():
        return Calibration(sharper=float(sharper))
    weights = fit(given[:, :-1].astype(np.float32), right.astype(np.intp), 2, strength=_STRENGTH)
    line = (weights[:, 1] - weights[:, 0]).astype(float)
    return Calibration(sharper=float(sharper), weights=tuple(float(one) for one in line))


def auroc(inside: Vector, outside: Vector) -> float | None:
    """The chance that a caller in scope has the higher confidence of a pair; None when there is no pair."""
    if not len(inside) or not len(outside):
        return None
    higher = (inside[:, None] > outside[None, :]).mean() + 0.5 * (inside[:, None] == outside[None, :]).mean()
    return float(higher)


def bins(sure: Vector, right: npt.NDArray[np.bool_]) -> list[tuple[int, float, float]]:
    """Calls of about one confidence: how many, how sure on average, how many of them right."""
    numbers = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    among = [numbers == number for number in range(_BINS)]
    return [(int(one.sum()), float(sure[one].mean()), float(right[one].mean())) for one in among if one.any()]


def calibration_error(sure: Vector, right: npt.NDArray[np.bool_]) -> float:
    """Mean distance of confidence and truth, weighted by calls (expected calibration error)."""
    return sum(calls * abs(mean - share) for calls, mean, share in bins(sure, right)) / max(1, len(sure))
