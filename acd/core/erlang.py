"""What theory says of a queue in balance: Erlang B and C, and Erlang A for callers who lose patience.

Sources. Erlang B by its recursion: Jagerman, "Some properties of the Erlang loss function", Bell System Technical
Journal 53 (1974). Erlang C: Cooper, "Introduction to Queueing Theory", 2nd ed. (1981), section 3.5. Erlang A, that is
M/M/n+M: the integrals of Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue", Queueing Systems 51 (2005), section 2: J, J1, JH with exponential patience.

All of it holds for exponential talk times, one queue, equal agents, first come first served, in balance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

#: Steps of Simpson's rule; halving them changes no figure here in its sixth digit.
_STEPS = 4000
#: Beyond so many patiences next to nobody waits any more.
_TURNS = 10.0
#: The integrand is cut where it has fallen to e to the power of minus this.
_NEGLIGIBLE = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a queue has to bear. Times in seconds."""

    agents: int
    #: Calls a second.
    rate: float
    #: Mean of talk and wrap-up together.
    service_s: float
    #: Mean patience; infinite: nobody hangs up.
    patience_s: float = math.inf

    @property
    def erlangs(self) -> float:
        """Offered load: how many agents it would keep busy all the time."""
        return self.rate * self.service_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is to be expected. Shares from 0 to 1, times in seconds."""

    #: Of all calls: have to wait at all.
    waits: float
    #: Of all calls: hang up while waiting.
    abandonment: float
    #: Mean wait of those answered.
    asa_s: float
    #: Of all calls: answered within T.
    answered_within: float
    #: Of all calls: hung up within T.
    abandoned_within: float
    occupancy: float

    @property
    def level_negative(self) -> float:
        """A<=T / (A + B)."""
        return self.answered_within

    @property
    def level_ignored(self) -> float:
        """A<=T / (A + B - B<=T)."""
        return self.answered_within / (1.0 - self.abandoned_within)

    @property
    def level_positive(self) -> float:
        """(A<=T + B<=T) / (A + B)."""
        return self.answered_within + self.abandoned_within


def erlang_b(agents: int, erlangs: float) -> float:
    """The share of calls that find all agents busy when nobody may wait."""
    inverse = 1.0
    for busy in range(1, agents + 1):
        inverse = 1.0 + inverse * busy / erlangs
    return 1.0 / inverse


def erlang_c(agents: int, erlangs: float) -> float:
    """The share of calls that wait when nobody hangs up; 1 when the agents cannot bear the load."""
    if erlangs >= agents:
        return 1.0
    blocked = erlang_b(agents, erlangs)
    return blocked / (1.0 - erlangs / agents * (1.0 - blocked))


def balance(load: Load, t_s: float) -> Balance:
    """What theory expects of ``load``, with T = ``t_s``. Raises ``ValueError`` when it grows without end."""
    if math.isinf(load.patience_s):
        return _patient(load, t_s)
    return _impatient(load, t_s)


def _patient(load: Load, t_s: float) -> Balance:
    spare = load.agents - load.erlangs
    if spare <= 0:
        raise ValueError("without impatience the agents cannot bear this load: the queue grows without end")
    waits = erlang_c(load.agents, load.erlangs)
    return Balance(
        waits=waits,
        abandonment=0.0,
        asa_s=waits * load.service_s / spare,
        answered_within=1.0 - waits * math.exp(-spare * t_s / load.service_s),
        abandoned_within=0.0,
        occupancy=load.erlangs / load.agents,
    )


def _impatient(load: Load, t_s: float) -> Balance:
    drain = load.agents / load.service_s

    def patient(x: float) -> float:
        return math.exp(-x / load.patience_s)

    def density(x: float) -> float:
        # exp(rate * H(x) - n mu x), H(x) the integral of the patience's survival function.
        return math.exp(load.rate * load.patience_s * (1.0 - patient(x)) - drain * x)

    def over(function: Callable[[float], float], begin: float, end: float) -> float:
        # Where patience is short beside the whole range, the function turns sharply near its begin and nowhere else.
        turn = min(max(begin, _TURNS * load.patience_s), end)
        return load.rate * (_integral(function, begin, turn) + _integral(function, turn, end))

    end = _end(load, drain)
    # Zeltyn and Mandelbaum's E: the weight of the states in which an agent is free.
    free = 1.0 / erlang_b(load.agents - 1, load.erlangs)
    whole = free + over(density, 0.0, end)
    served = (free + over(lambda x: density(x) * patient(x), 0.0, end)) / whole
    waited = over(lambda x: x * density(x) * patient(x), 0.0, end) / whole
    until = min(t_s, end)
    within = (free + over(lambda x: density(x) * patient(x), 0.0, until)) / whole
    beyond = over(density, until, end) / whole * patient(t_s)
    return Balance(
        waits=1.0 - free / whole,
        abandonment=1.0 - served,
        asa_s=waited / served,
        answered_within=within,
        abandoned_within=1.0 - beyond - within,
        occupancy=load.rate * served / drain,
    )


def _end(load: Load, drain: float) -> float:
    """Beyond this the density is negligible beside its greatest value; seconds."""
    peak = load.patience_s * math.log(load.rate / drain) if load.rate > drain else 0.0

    def fall(x: float) -> float:
        rise = load.rate * load.patience_s * (math.exp(-peak / load.patience_s) - math.exp(-x / load.patience_s))
        return drain * (x - peak) - rise

    end = peak + load.service_s / load.agents
    while fall(end) < _NEGLIGIBLE:
        end = peak + (end - peak) * 1.5
    return end


def _integral(function: Callable[[float], float], begin: float, end: float) -> float:
    """Simpson's rule."""
    if end <= begin:
        return 0.0
    step = (end - begin) / _STEPS
    odd = math.fsum(function(begin + step * index) for index in range(1, _STEPS, 2))
    even = math.fsum(function(begin + step * index) for index in range(2, _STEPS, 2))
    return (function(begin) + 4.0 * odd + 2.0 * even + function(end)) * step / 3.0
