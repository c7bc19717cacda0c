"""The simulated core beside Erlang's theory on exponential days of more than 10,000 calls."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from acd.core.erlang import Load, balance
from acd.core.invariants import check
from acd.simulate.day import Day, DayAgent, DayCall, Serves
from acd.simulate.run import simulate

pytestmark = pytest.mark.unit

CALLS = 12_000
SEED = 1
T_S = 20.0


def _exponential(chance: random.Random, mean: float) -> list[float]:
    """One draw from each of as many equal slices of the distribution, in random order.

    Each draw is exponential; their mean is exact. Drawn freely, 12,000 calls offer a load up to 2 % off, which alone
    moves the wait of a busy queue by a third: the test would measure its own dice.
    """
    drawn = [-mean * math.log1p(-(number + chance.random()) / CALLS) for number in range(CALLS)]
    chance.shuffle(drawn)
    return drawn


def _day(load: Load, seed: int) -> Day:
    """Calls at random moments, talk and patience exponential, agents who are always there and answer at once."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, nothing secret
    moments = list(itertools.accumulate(_exponential(chance, 1 / load.rate)))
    handlings = _exponential(chance, load.service_s)
    patient = math.isinf(load.patience_s)
    patiences = [None] * CALLS if patient else _exponential(chance, load.patience_s)
    calls = tuple(
        DayCall(
            call=f"k{number}",
            t=t,
            queue="n.waste",
            council="n",
            patience=patience,
            # A part of the handling is wrap-up: the agent is as busy in it as in the talk.
            service=handling * 0.8,
            wrap=handling * 0.2,
        )
        for number, (t, handling, patience) in enumerate(zip(moments, handlings, patiences, strict=True))
    )
    agents = tuple(
        DayAgent(agent=f"a{number}", council="n", queues=(Serves(queue="n.waste"),), on=0.0, off=moments[-1])
        for number in range(load.agents)
    )
    return Day(calls=calls, agents=agents)


# P4: abandonment +-1 point, service level +-2 points, ASA +-1.5 s or 10 %, occupancy +-2 points.
@pytest.mark.parametrize(
    "load",
    [
        pytest.param(Load(agents=20, rate=18 / 200, service_s=200.0, patience_s=120.0), id="A busy"),
        pytest.param(Load(agents=12, rate=14 / 180, service_s=180.0, patience_s=90.0), id="A overloaded"),
        pytest.param(Load(agents=60, rate=54 / 240, service_s=240.0, patience_s=300.0), id="A large, patient"),
        pytest.param(Load(agents=5, rate=3 / 150, service_s=150.0, patience_s=60.0), id="A small"),
        pytest.param(Load(agents=12, rate=9 / 200, service_s=200.0), id="C"),
        pytest.param(Load(agents=40, rate=33 / 180, service_s=180.0), id="C large"),
    ],
)
def test_given_an_exponential_day_when_played_then_the_figures_are_those_of_theory(load: Load) -> None:
    theory = balance(load, T_S)
    lines: list[dict[str, object]] = []
    played = simulate(_day(load, SEED), write=lambda line: lines.append(dict(line)), service_level_s=T_S)
    assert played.offered == CALLS
    assert played.abandonment == pytest.approx(theory.abandonment, abs=0.01)
    assert played.asa_s == pytest.approx(theory.asa_s, abs=max(1.5, 0.1 * theory.asa_s))
    assert played.occupancy == pytest.approx(theory.occupancy, abs=0.02)
    levels = played.service_level
    assert levels["negative"] == pytest.approx(theory.level_negative, abs=0.02)
    assert levels["ignored"] == pytest.approx(theory.level_ignored, abs=0.02)
    assert levels["positive"] == pytest.approx(theory.level_positive, abs=0.02)
    assert check(lines) == []
