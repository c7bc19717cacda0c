"""Whether steering got worse than it was: three shares of this week against the weeks before, by a stated test.

The test: one-sided, two proportions, normal approximation with the pooled share (Fleiss, Statistical Methods for Rates
and Proportions, ch. 2). There is an alarm where the probability of such a rise by chance is below 1 % for all three
shares together (Bonferroni: 1/3 % each), the rise is at least three points, and there are calls enough to tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ivr.steering.review import Counts

#: Chance of a false alarm a week, all shares together.
LEVEL = 0.01
#: A rise nobody would act on is none: with many calls every tenth of a point is "significant".
LEAST_RISE = 0.03
LEAST_NOW, LEAST_BEFORE = 50, 100
#: Share -> what is counted, of how many.
_SHARES = {"refused": ("refused", "calls"), "unsure": ("unsure", "calls"), "misrouted": ("misrouted", "routed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One share, now and before."""

    #: refused (out of scope), unsure (asked or asked again), misrouted.
    share: str
    now: float | None
    of_now: int
    before: float | None
    of_before: int
    #: Chance of such a rise when nothing changed; None: too few calls to tell.
    chance: float | None
    alarm: bool


def drifts(now: Counts, before: Counts) -> tuple[Drift, ...]:
    """Every share compared."""
    return tuple(_drift(name, now, before) for name in _SHARES)


def _drift(name: str, now: Counts, before: Counts) -> Drift:
    what, of = _SHARES[name]
    count, calls = getattr(now, what), getattr(now, of)
    count_before, calls_before = getattr(before, what), getattr(before, of)
    share = count / calls if calls else None
    was = count_before / calls_before if calls_before else None
    chance = None
    if calls >= LEAST_NOW and calls_before >= LEAST_BEFORE:
        chance = rise_by_chance(count, calls, count_before, calls_before)
    return Drift(
        share=name,
        now=share,
        of_now=calls,
        before=was,
        of_before=calls_before,
        chance=chance,
        alarm=chance is not None and chance < LEVEL / len(_SHARES) and (share or 0) - (was or 0) >= LEAST_RISE,
    )


def rise_by_chance(count: int, calls: int, count_before: int, calls_before: int) -> float:
    """The chance of a share this much higher, or more, when the true share stayed the same."""
    pooled = (count + count_before) / (calls + calls_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / calls + 1 / calls_before))
    if spread == 0:
        return 1.0
    return 0.5 * math.erfc((count / calls - count_before / calls_before) / spread / math.sqrt(2))
