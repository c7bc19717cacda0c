"""The command line of the simulator: facts, table, comparison, picture, and mistakes told with their path."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from acd.core.invariants import check
from guildhall.cli import app
from kernel.errors import BadInput

pytestmark = pytest.mark.shell

_DAY = {
    "calls": [
        {"call": f"k{n}", "t": 28800 + n * 40, "queue": "n.waste", "council": "n", "patience": 90.0, "service": 120.0}
        for n in range(200)
    ],
    "agents": [
        {"agent": f"a{n}", "council": "n", "queues": ["n.waste"], "on": 28800, "off": 57600, "answer_delay": 2.0}
        for n in range(3)
    ],
}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    path.write_text(json.dumps(_DAY), encoding="utf-8")
    return path


def test_given_a_day_when_simulated_then_facts_table_and_picture(day: Path, tmp_path: Path) -> None:
    # As an editor on Windows saves it.
    day.write_text(day.read_text(encoding="utf-8"), encoding="utf-8-sig")
    facts, picture = tmp_path / "out.jsonl", tmp_path / "day.svg"
    arguments = ["simulate", str(day), "--facts", str(facts), "--plot", str(picture), "--what-if", "agents=+2"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "agents=+2" in done.output
    assert "early abandons a success" in done.output
    lines = [json.loads(line) for line in facts.read_text(encoding="utf-8").splitlines()]
    assert check(lines) == []
    assert sum(line["ev"] == "end" for line in lines) == 200
    assert ET.parse(picture).getroot().tag.endswith("svg")  # noqa: S314 - our own picture


# "every announced value is scored against what happened": the share that came true stands in the table.
def test_given_a_queue_that_announces_waits_when_simulated_then_how_many_came_true(day: Path) -> None:
    plan = json.loads(day.read_text(encoding="utf-8"))
    plan["routing"] = {"queues": [{"id": "n.waste", "announce": {"first_after": 5, "expected_wait": True}}]}
    day.write_text(json.dumps(plan), encoding="utf-8")
    done = CliRunner().invoke(app, ["simulate", str(day), "--json"])
    figures = json.loads(done.stdout)["the day"]
    assert figures["waits_right"] + figures["waits_wrong"] > 20
    table = CliRunner().invoke(app, ["simulate", str(day)]).output
    assert f"of {figures['waits_right'] + figures['waits_wrong']}" in table


def test_given_json_when_asked_then_the_figures_by_name(day: Path) -> None:
    done = CliRunner().invoke(app, ["simulate", str(day), "--json"])
    figures = json.loads(done.stdout)["the day"]
    assert figures["offered"] == 200
    assert set(figures["service_level"]) == {"ignored", "negative", "positive"}


def test_given_a_day_that_is_wrong_when_simulated_then_the_path_and_no_facts(day: Path, tmp_path: Path) -> None:
    broken = json.loads(day.read_text(encoding="utf-8"))
    del broken["calls"][3]["queue"]
    day.write_text(json.dumps(broken), encoding="utf-8")
    done = CliRunner().invoke(app, ["simulate", str(day), "--facts", str(tmp_path / "out.jsonl")])
    assert isinstance(done.exception, BadInput)
    assert "calls[3].queue: is missing" in done.exception.message
    assert not (tmp_path / "out.jsonl").exists()


def test_given_no_such_file_when_simulated_then_said_in_a_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["simulate", str(tmp_path / "none.json")])
    assert isinstance(done.exception, BadInput)


# A day of one half hour is one point in each panel: a line through it alone would be no picture.
def test_given_a_short_day_when_drawn_then_its_points_can_be_seen(day: Path, tmp_path: Path) -> None:
    plan = json.loads(day.read_text(encoding="utf-8"))
    plan["calls"] = plan["calls"][:20]
    day.write_text(json.dumps(plan), encoding="utf-8")
    picture = tmp_path / "day.svg"
    assert CliRunner().invoke(app, ["simulate", str(day), "--plot", str(picture)]).exit_code == 0
    dots = [one for one in ET.parse(picture).getroot() if one.tag.endswith("circle")]  # noqa: S314 - our own picture
    assert len(dots) >= 5


# Three days had one line across the nights, as if somebody had waited then, and times over one another.
def test_given_several_days_when_drawn_then_no_line_across_a_night_and_times_apart(day: Path, tmp_path: Path) -> None:
    plan = json.loads(day.read_text(encoding="utf-8"))
    plan["calls"] = [
        {**one, "call": f"{d}{one['call']}", "t": one["t"] + d * 86_400} for d in range(3) for one in plan["calls"]
    ]
    day.write_text(json.dumps(plan), encoding="utf-8")
    picture = tmp_path / "day.svg"
    assert CliRunner().invoke(app, ["simulate", str(day), "--plot", str(picture)]).exit_code == 0
    drawn = list(ET.parse(picture).getroot())  # noqa: S314 - our own picture
    for line in (one for one in drawn if one.tag.endswith("polyline")):
        xs = [float(point.split(",")[0]) for point in line.get("points", "").split()]
        assert all(right - left < 30.1 for left, right in itertools.pairwise(xs)), "a line across a night"
    times = [float(one.get("x", "")) for one in drawn if one.get("text-anchor") == "middle"]
    assert all(right < left or right - left > 45 for left, right in itertools.pairwise(times)), "times over one another"
    assert {"day 2", "day 3"} <= {one.text for one in drawn}


# Queues of one council begin alike: "northmere.counci…" could have been two of them.
def test_given_a_what_if_and_long_names_when_simulated_then_no_name_is_cut_short(day: Path) -> None:
    plan = json.loads(day.read_text(encoding="utf-8"))
    for number, one in enumerate(plan["calls"]):
        one["queue"] = ("northmere.council_tax_reductions", "northmere.council_tax")[number % 2]
    day.write_text(json.dumps(plan), encoding="utf-8")
    told = CliRunner().invoke(app, ["simulate", str(day), "--what-if", "agents=+2"]).output
    assert "…" not in told
    column = "".join(line.split("│")[1].strip() for line in told.splitlines() if line.count("│") == 11)
    assert column == "northmere.council_taxnorthmere.council_tax_reductions"
