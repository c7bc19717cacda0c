"""What one phrase more does to the others: each left out of the lesson in turn, with and without it.

A phrase is always left out together with the same fifth of the lesson, by its checksum: so nothing differs between the
two but the phrase that was added.
"""

from __future__ import annotations

from math import comb
from zlib import crc32

import numpy as np
import numpy.typing as npt

from ivr.steering.classify import out_of_fold
from ivr.steering.fitting import Matrix
from ivr.steering.understand import Understanding

Flags = npt.NDArray[np.bool_]

_FOLDS = 5


def without_and_with(before: Understanding, after: Understanding) -> tuple[float, float, float]:
    """The share of ``before``'s phrases that is understood when left out: without the new phrase, and with it.

    Third, the chance that so many are lost beside those gained if the new phrase does nothing.
    """
    learned = after.classifier
    rows = {name: after.turns[name](learned.phrases) for name in learned.views}
    old = np.array([phrase in set(before.classifier.phrases) for phrase in learned.phrases])
    without, with_it = _right(after, rows, old, old), _right(after, rows, np.ones_like(old), old)
    lost, gained = int((without & ~with_it).sum()), int((~without & with_it).sum())
    return float(without.mean()), float(with_it.mean()), by_chance(lost, gained)


def by_chance(lost: int, gained: int) -> float:
    """The one-sided sign test (McNemar's, exact): ``lost`` or more of those that changed, each as likely either way."""
    changed = lost + gained
    return float(sum(comb(changed, number) for number in range(lost, changed + 1)) / 2**changed)


def _right(understood: Understanding, rows: dict[str, Matrix], taught: Flags, asked: Flags) -> Flags:
    learned = understood.classifier
    fold = np.array([crc32(phrase.encode()) % _FOLDS for phrase in learned.phrases])[taught]
    numbers = learned.intents[taught]
    mine = {name: all_[taught] for name, all_ in rows.items()}
    logs, _ = out_of_fold(mine, numbers, len(learned.labels), learned.none, fold)
    known = logs if learned.none < 0 else np.delete(logs, learned.none, axis=1)
    judged = asked[taught] & (numbers != learned.none)
    return np.asarray((known.argmax(axis=1) == numbers)[judged], np.bool_)
