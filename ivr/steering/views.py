"""A view of sentences is one way of turning them into numbers, with a classifier of its own on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.steering.fitting import Labels, Matrix, fit, log_shares

Logs = npt.NDArray[np.float64]

#: Sentences -> a row of numbers each.
Turn = Callable[[Sequence[str]], Matrix]

#: Least penalty that helps: 5 to 100 differ by half a point on BANKING77 with ten phrases an intent.
_STRENGTH = 20.0
#: A cosine of 0.1 more makes an intent seven times as likely.
_SHARPNESS = 20.0
#: The nearest phrase, and the mean of the three nearest.
_NEAREST, _NEAR = 0.7, 0.3
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view, taught."""

    middle: Matrix
    telling: Matrix
    rows: Matrix
    labels: Labels
    weights: Matrix
    classes: int

    @classmethod
    def taught(cls, rows: Matrix, labels: Labels, classes: int, telling: Matrix | None = None) -> View:
        """Fit it. ``telling``: how much each column counts."""
        telling = np.ones(rows.shape[1], np.float32) if telling is None else telling
        middle = (rows * telling).mean(axis=0)
        centred = _centred(rows, telling, middle)
        return cls(
            middle=middle,
            telling=telling,
            rows=centred,
            labels=labels,
            weights=fit(centred, labels, classes, strength=_STRENGTH),
            classes=classes,
        )

    def judged(self, rows: Matrix) -> tuple[Logs, Matrix]:
        """Log probability of each class, by lines and by neighbours together; and the cosine with each phrase."""
        centred = _centred(rows, self.telling, self.middle)
        by_line = log_shares(centred @ self.weights[:-1] + self.weights[-1])
        likeness: Matrix = centred @ self.rows.T
        return by_line + log_shares(_SHARPNESS * self.by_neighbours(likeness)), likeness

    def likeness(self, rows: Matrix) -> Matrix:
        """Cosine of each row with each phrase."""
        return _centred(rows, self.telling, self.middle) @ self.rows.T

    def by_neighbours(self, likeness: Matrix) -> Matrix:
        """How near each class is."""
        near = np.full((len(likeness), self.classes), -1.0, np.float32)
        for one in range(self.classes):
            columns = likeness[:, self.labels == one]
            if columns.shape[1] == 0:
                continue
            # The three nearest, in no order: no need to sort some hundred.
            few = np.partition(columns, -_FEW, axis=1)[:, -_FEW:] if columns.shape[1] > _FEW else columns
            near[:, one] = _NEAREST * few.max(axis=1) + _NEAR * few.mean(axis=1)
        return near


def _centred(rows: Matrix, telling: Matrix, middle: Matrix) -> Matrix:
    """Without what all sentences share, and of length one: only the direction tells."""
    moved = rows * telling - middle
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    found: Matrix = (moved / np.maximum(length, 1e-9)).astype(np.float32)
    return found
