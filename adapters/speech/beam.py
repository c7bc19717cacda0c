"""Beam search over any step function: the few best token sequences, longest-known first to finish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
#: (last token of each beam, which earlier beam each continues) -> log-probabilities, a row a beam.
Step = Callable[[Sequence[int], Sequence[int]], Scores]


class NotANumber(ArithmeticError):
    """A model gave NaN or infinity: its answer is worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One token sequence with the sum of its log-probabilities, the end's among them once it is finished."""

    tokens: tuple[int, ...]
    logprob: float

    @property
    def mean(self) -> float:
        """Per token: long sequences are not punished for their length."""
        return self.logprob / (len(self.tokens) + 1)


def search(step: Step, *, begin: int, end: int, width: int, most: int) -> list[Path]:
    """Finished sequences, best mean first; what was unfinished after ``most`` tokens, when none finished.

    Raises ``NotANumber``.
    """
    alive, last, source = [Path(tokens=(), logprob=0.0)], [begin], [0]
    finished: list[Path] = []
    for _ in range(most):
        scores = step(last, source)
        if not np.isfinite(scores).all():
            raise NotANumber
        grown: list[Path] = []
        source = []
        for beam, token, logprob in _best(alive, scores, width + 1):
            if token == end:
                finished.append(Path(tokens=alive[beam].tokens, logprob=logprob))
            elif len(grown) < width:
                grown.append(Path(tokens=(*alive[beam].tokens, token), logprob=logprob))
                source.append(beam)
        alive, last = grown, [path.tokens[-1] for path in grown]
        if not alive or len(finished) >= width:
            break
    return sorted(finished or alive, key=lambda path: -path.mean)


def _best(alive: Sequence[Path], scores: Scores, count: int) -> list[tuple[int, int, float]]:
    """(beam, token, log-probability so far) of the best continuations, best first."""
    found = [
        (beam, int(token), path.logprob + float(scores[beam, token]))
        for beam, path in enumerate(alive)
        for token in np.argpartition(scores[beam], -count)[-count:]
    ]
    return sorted(found, key=lambda one: -one[2])[:count]


def log_softmax(logits: npt.NDArray[np.float32]) -> Scores:
    """Log-probabilities along the last axis."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    scores: Scores = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return scores
