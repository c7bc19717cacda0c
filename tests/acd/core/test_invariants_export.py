"""The checker of the facts export as a whole: exports of the middle of a day, lines that are no facts, a long shift."""

from __future__ import annotations

from itertools import count

import pytest

from acd.core.invariants import Breach, check
from kernel.errors import BadInput
from tests.fakes.fact_lines import (
    POLICY,
    Line,
    agent,
    answer,
    arrive,
    broken,
    end,
    export,
    fact,
    leave,
    offer,
    offer_end,
    state,
)

pytestmark = pytest.mark.unit


# `export`: the first line of a live export tells what was there already.
@pytest.mark.parametrize("as_list", [True, False])
def test_given_an_export_in_the_middle_of_the_day_when_checked_then_its_snapshot_counts(*, as_list: bool) -> None:
    told: Line = {"state": "available", "skills": {"waste": 3}, "queues": ["n.waste"], "council": "n"}
    agents = [{"agent": "a1", **told}] if as_list else {"a1": told}
    head = export(100, open=["k0"], agents=agents)
    lines = [head, POLICY | {"t": 100}, answer(101, "k0", "a7"), end(102, "k0"), arrive(110, "k1")]
    assert check([*lines, offer(110, "k1", "a1")]) == []
    assert {one.invariant for one in check([*lines, offer(115, "k1", "a1")])} == {"I4"}


def test_given_a_live_export_that_ends_quietly_when_a_pair_stands_there_then_i4() -> None:
    assert broken(export(0, to=60), agent(1, "a1"), arrive(10, "k1")) == {"I4"}


def test_given_kinds_of_facts_nobody_knows_when_checked_then_passed_over() -> None:
    assert broken(fact(1, "step", call="k1", flow="f", step="s"), fact(2, "weather", sun=True)) == set()


@pytest.mark.parametrize(
    "line",
    [{"t": 1.0}, fact(1, "offer", call="k1"), {"ev": "end", "call": "k1"}, fact(1, "agent", agent="a1", state="happy")],
)
def test_given_a_line_that_is_no_fact_when_checked_then_refused_with_its_number(line: Line) -> None:
    with pytest.raises(BadInput, match="line 2"):
        check([POLICY, line])


def test_given_a_breach_when_shown_then_it_says_what_went_wrong() -> None:
    (found,) = check([POLICY, agent(0, "a1", "paused"), arrive(1, "k1"), offer(2, "k1", "a1")])
    assert found == Breach(invariant="I2", t=2.0, call="k1", agent="a1", message="the agent is paused")


class Shift:
    """A right engine in small: one queue, longest idle first, time in whole steps; some offers ring out."""

    def __init__(self, agents: int) -> None:
        self.lines: list[Line] = [POLICY]
        self.due: list[tuple[float, int, Line]] = []
        self.waiting: list[str] = []
        self.idle = [f"a{number}" for number in range(agents)]
        self.excluded: set[tuple[str, str]] = set()
        self.number = count()
        for name in self.idle:
            self.lines.append(agent(0, name))

    def later(self, t: float, line: Line) -> None:
        self.due.append((t, next(self.number), line))

    def run(self) -> list[Line]:
        while self.due:
            self.due.sort()
            t, _, line = self.due.pop(0)
            self.lines.append(line | {"t": t})
            self.react(t, line)
            self.offer(t)
        return self.lines

    def react(self, t: float, line: Line) -> None:
        call, name = str(line.get("call")), str(line.get("agent"))
        if line["ev"] == "arrive":
            self.waiting.append(call)
            self.waiting.sort(key=lambda one: int(one[1:]))
        elif line["ev"] == "offer_end":
            self.excluded.add((call, name))
            self.waiting.append(call)
            self.waiting.sort(key=lambda one: int(one[1:]))
            self.lines.append(fact(t, "may", call=call, not_=[name], until=t + 60, why="excluded"))
            self.lines.append(state(t, name, "paused"))
            self.later(t + 100, state(0, name, "available"))
        elif line["ev"] == "leave":
            self.lines += [state(t, name, "wrapup"), end(t, call)]
            self.later(t + 10, state(0, name, "available"))
        elif line["ev"] == "agent":
            self.idle.append(name)

    def offer(self, t: float) -> None:
        while pair := next(
            ((call, name) for call in self.waiting for name in self.idle if (call, name) not in self.excluded), None
        ):
            call, name = pair
            self.waiting.remove(call)
            self.idle.remove(name)
            self.lines += [offer(t, call, name), state(t, name, "ringing")]
            if int(call[1:]) % 7 == 0 and not any(call == failed for failed, _ in self.excluded):
                self.later(t + 15, offer_end(0, call, name))
            else:
                self.later(t + 3, answer(0, call, name))
                self.later(t + 63, leave(0, call, name))


# "The ten invariants hold on every run": a longer story with queueing, ring-outs and wrap-up.
def test_given_a_busy_shift_of_a_right_engine_when_checked_then_nothing_is_broken() -> None:
    shift = Shift(agents=8)
    for number in range(400):
        shift.later(10 + number * 9.3, arrive(0, f"k{number}"))
    lines = shift.run()
    assert check(lines) == []
    # ... and the checker is not blind: leave out one offer, and it is noticed.
    spoilt = list(lines)
    spoilt.remove(next(line for line in lines if line["ev"] == "offer" and line["call"] == "k200"))
    assert check(spoilt) != []
