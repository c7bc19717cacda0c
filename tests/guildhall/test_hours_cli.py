"""`guildhall hours` as it is used: what it says, what it refuses, and what a caller then meets."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guildhall.cli import app
from guildhall.hours_board import notice_board
from guildhall.settings import Settings
from kernel.errors import BadInput

pytestmark = pytest.mark.shell

DIALPLANS = Path(__file__).parents[2] / "dialplans"
#: Never closed and never open, so that no test depends on the hour it is run at.
HOURS = """
hours:
  round_the_clock:
    weekly: {mon-sun: ["00:00-24:00"]}
  weekdays:
    weekly: {mon-fri: ["08:30-17:00"]}
    holidays: england
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    shutil.copytree(DIALPLANS, tmp_path / "dialplans")
    tenant = tmp_path / "dialplans" / "harbourside" / "tenant.yaml"
    text = "\n".join(line for line in tenant.read_text("utf-8").split("hours:\n")[0].splitlines())
    tenant.write_text(text + HOURS, "utf-8")
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("GUILDHALL_DIALPLANS", str(tmp_path / "dialplans"))
    return Settings()


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["hours", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


# `guildhall hours show --at '2026-12-28 02:00'`: a bank holiday and its substitute are known by name.
@pytest.mark.usefixtures("place")
def test_given_a_bank_holiday_when_asked_then_it_is_named() -> None:
    rows = {row["hours"]: row for row in json.loads(run("show", "--at", "2026-12-28 10:00", "--json"))}
    told = rows["harbourside.weekdays"]
    assert (told["open"], told["why"]) == (False, "holiday")
    assert "Boxing Day" in told["name"]
    assert rows["harbourside.round_the_clock"]["open"]


def test_given_a_closing_with_words_when_asked_then_what_changes_is_told_and_it_is_in_force(place: Settings) -> None:
    desk = "harbourside.round_the_clock"
    told = json.loads(run("close", desk, "--until", "23:59", "--say", "cy=Ar gau.", "--why", "snow", "--json"))
    assert [one["open"] for one in told["changes"]] == [False]
    (notice,) = notice_board(place).notices()
    assert (notice.open, notice.why, dict(notice.said)) == (False, "snow", {"cy": "Ar gau."})
    now = json.loads(run("show", desk, "--json"))[0]
    assert (now["open"], now["why"]) == (False, "override")
    assert "Taken back" in run("cancel", notice.id)
    assert json.loads(run("show", desk, "--json"))[0]["open"]


def test_given_dry_run_when_asked_then_nothing_is_kept(place: Settings) -> None:
    assert "nothing was changed" in run("close", "harbourside.round_the_clock", "--until", "23:59", "--dry-run")
    assert notice_board(place).notices() == ()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("close", "harborside.weekdays", "--until", "23:59"), "did you mean 'harbourside.weekdays'"),
        (("close", "harbourside", "--until", "23:59"), "which of them"),
        (("extend", "harbourside.weekdays"), "--until 18:30"),
        (("extend", "harbourside.weekdays", "--until", "25:00"), "a time is written"),
        (("close", "harbourside.round_the_clock"), "never closes by itself"),
        (("close", "harbourside.round_the_clock", "--until", "23:59", "--say", "en=" + "x" * 600), "characters"),
        (("cancel", "n9"), "no such notice"),
    ],
)
def test_given_what_cannot_be_when_asked_then_the_error_says_what_to_do(arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        CliRunner().invoke(app, ["hours", *arguments], catch_exceptions=False)


def test_given_a_clock_time_that_is_over_today_when_given_then_tomorrow_is_meant(place: Settings) -> None:
    run("close", "harbourside.round_the_clock", "--until", "00:01")
    (notice,) = notice_board(place).notices()
    assert notice.ends > datetime.now(UTC)
