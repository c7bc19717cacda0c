"""The report: a fixed day of 500 calls whose figures are counted by hand, short abandons alike, and sums that agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date

import pytest

from acd.core.agent_time import AgentTime
from acd.core.episodes import stays
from acd.core.report import agent_rows, queue_rows
from acd.simulate.day import read_day
from acd.simulate.run import simulate
from kernel.figures import USUAL, Definition, in_force

pytestmark = pytest.mark.unit

QUEUE = "n.waste"
DAY = Definition(begins=date(2026, 1, 1), short_abandon_s=5.0, service_level_s=20.0)
#: Kind of call -> how many, seconds in the queue, how it ends. Five hundred in all.
KINDS = (
    (300, 10.0, "answered"),
    (80, 20.0, "answered"),
    (40, 20.001, "answered"),
    (20, 4.999, "abandoned"),
    (10, 5.0, "abandoned"),
    (30, 60.0, "abandoned"),
    (15, 90.0, "timeout"),
    (5, 0.0, "rejected"),
)


def _fixed_day() -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    number = 0
    for count, waited, how in KINDS:
        for _ in range(count):
            number += 1
            call, came = f"c{number}", 1000.0 + number * 10.0
            arrived = {"priority": 0, "skills": {}, "council": "n"}
            lines.append({"t": came, "ev": "arrive", "call": call, "queue": QUEUE, **arrived})
            gone = came + waited
            if how == "answered":
                lines.append({"t": gone, "ev": "answer", "call": call, "agent": "a1", "via": "offer"})
                lines.append({"t": gone + 30.0, "ev": "end", "call": call, "why": "completed"})
            elif how == "abandoned":
                lines.append({"t": gone, "ev": "end", "call": call, "why": "abandoned"})
            else:
                left = {"why": "timeout" if how == "timeout" else "full", "to": "message", "queue": QUEUE}
                lines.append({"t": gone, "ev": "exit", "call": call, **left})
                lines.append({"t": gone + 8.0, "ev": "end", "call": call, "why": how})
    return sorted(lines, key=lambda line: float(str(line["t"])))


# C40: "service level, ASA, abandon formulae exactly as documented on a fixed day of 500 calls".
def test_c40_given_a_fixed_day_of_500_calls_when_reckoned_then_every_figure_as_counted_by_hand() -> None:
    [row] = queue_rows(stays(_fixed_day()), lambda _council, _t: DAY, {})
    assert (row["offered"], row["answered"], row["abandoned"], row["short_abandoned"]) == (500, 420, 60, 20)
    assert (row["other_exits"], row["still_open"]) == (20, 0)
    # A<=20 s: 380; B: 60, of these 30 within 20 s; B before 5 s: 20.
    assert row["service_level"] == {"ignored": 380 / 450, "negative": 380 / 480, "positive": 410 / 480}
    assert row["service_level_without_short"] == 380 / 460
    assert (row["abandonment"], row["abandonment_without_short"]) == (60 / 500, 40 / 480)
    assert row["asa_s"] == pytest.approx((300 * 10 + 80 * 20 + 40 * 20.001) / 420)
    # The message after the timeout is not waiting.
    assert row["longest_wait_s"] == 90.0


# C38: "every call: exactly one terminal reason; sum of queue statistics = sum of calls; transfer counted once".
def test_c38_given_a_day_with_transfers_when_summed_then_stays_add_up_to_calls_and_moves() -> None:
    lines = _fixed_day()
    moved = {"t": 6000.5, "ev": "transfer", "call": "c500", "queue": "n.rent"}
    lines = sorted([*lines, moved], key=lambda line: float(str(line["t"])))
    rows = queue_rows(stays(lines), lambda _council, _t: DAY, {})
    outcomes = Counter[str]()
    for row in rows:
        counted = row["outcomes"]
        assert isinstance(counted, Mapping)
        assert sum(counted.values()) == row["offered"]
        outcomes.update(counted)
    ends = Counter(line["call"] for line in lines if line["ev"] == "end")
    assert set(ends.values()) == {1}
    assert sum(outcomes.values()) - outcomes["moved"] == len(ends) == 500
    assert [(row["queue"], row["offered"], row["moved_in"]) for row in rows] == [("n.rent", 1, 1), (QUEUE, 500, 0)]


# C41: "short abandons (< x s) treated as configured in every report alike": whole, by interval, and under another x.
@pytest.mark.parametrize(("short_s", "short"), [(4.0, 0), (5.0, 20), (6.0, 30)])
def test_c41_given_a_limit_for_short_abandons_when_split_by_interval_then_the_parts_add_up(
    short_s: float, short: int
) -> None:
    definition = Definition(begins=date(2026, 1, 1), short_abandon_s=short_s)
    [whole] = queue_rows(stays(_fixed_day()), lambda _council, _t: definition, {QUEUE: 20.0})
    parts = queue_rows(stays(_fixed_day()), lambda _council, _t: definition, {QUEUE: 20.0}, every_s=1800.0)
    assert whole["short_abandoned"] == short == sum(int(str(part["short_abandoned"])) for part in parts)
    assert sum(int(str(part["offered"])) for part in parts) == 500
    assert len(parts) == 4


# "dated definitions per council": a stay counts under the one in force when it began.
def test_given_a_definition_that_changes_when_reported_then_two_rows_and_none_mixes_them() -> None:
    new = Definition(begins=date(2026, 6, 1), short_abandon_s=10.0)
    assert [in_force((DAY, new), date(2026, month, 1)) for month in (1, 5, 6)] == [DAY, DAY, new]
    assert in_force((), date(2026, 6, 1)) is USUAL
    rows = queue_rows(stays(_fixed_day()), lambda _council, t: DAY if t < 3500.0 else new, {QUEUE: 20.0})
    assert [row["definition"] for row in rows] == ["2026-01-01", "2026-06-01"]
    assert sum(int(str(row["offered"])) for row in rows) == 500


# C27: "pause reason kept, shown, reported; time in each reason sums to login time +-1 s a day".
def test_c27_given_a_day_of_breaks_when_reported_then_words_and_reasons_sum_to_the_time_logged_in() -> None:
    day = {
        "calls": [
            {"call": f"k{n}", "t": 100.0 + n * 50, "queue": QUEUE, "council": "n", "patience": None, "service": 20.0}
            for n in range(20)
        ],
        "agents": [
            {
                "agent": "a1",
                "council": "n",
                "queues": [QUEUE],
                "on": 50,
                "off": 2000,
                "breaks": [[400, 500], [900, 1100]],
            }
        ],
    }
    times = AgentTime()
    simulate(read_day(json.dumps(day)), write=times.read)
    [row] = agent_rows(times.times(2000.0), times.reasons(2000.0))
    words, paused = row["words_s"], row["paused_s"]
    assert isinstance(words, Mapping)
    assert isinstance(paused, Mapping)
    assert row["logged_in_s"] == pytest.approx(1950.0, abs=1.0)
    assert sum(words.values()) - words.get("offline", 0.0) == pytest.approx(1950.0, abs=1.0)
    assert sum(paused.values()) == pytest.approx(words["paused"], abs=0.01)
    # A break that falls into a call begins after it.
    assert 240.0 <= paused["break"] <= 300.0
