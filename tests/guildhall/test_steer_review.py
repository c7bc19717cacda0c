"""The review by the command line, on facts in a database: what it says, what is accepted, refused and undone."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import open_engine
from guildhall.cli import app
from guildhall.settings import Settings
from kernel.errors import BadInput, Refused
from tests.fakes.small_steering import INTENTS, SAID, small_steering, tell_weeks

pytestmark = pytest.mark.shell


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A council of two intents, with five weeks of calls of which the last was worse."""
    dialplans = small_steering(tmp_path / "dialplans")
    for name, value in {"VAR": tmp_path / "var", "CACHE": tmp_path / "cache", "DIALPLANS": dialplans}.items():
        monkeypatch.setenv(f"GUILDHALL_{name}", str(value))
    made = Settings()
    made.var.mkdir()
    asyncio.run(tell_weeks(made))
    return made


def run(*words: str) -> Any:  # noqa: ANN401 - whatever JSON there is
    done = CliRunner().invoke(app, ["steer", *words, "--json"])
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)


# Issue 5: "a weekly confusion matrix, suggested phrases from misroutes …, drift alarm"; reading the words is audited.
def test_given_five_weeks_when_reviewed_then_matrix_drift_suggestion_and_a_line_in_the_audit_log(
    settings: Settings, tmp_path: Path
) -> None:
    picture = tmp_path / "matrix.svg"
    [told] = run("review", "--picture", str(picture))
    assert told["council"] == "northmere"
    assert told["counts"] == {"calls": 60, "refused": 0, "unsure": 0, "routed": 60, "misrouted": 15}
    assert told["matrix"]["labels"] == ["council_tax", "missed_bin", ""]
    assert told["matrix"]["table"] == [[0, 0, 0], [15, 45, 0], [0, 0, 0]]
    drift = {one["share"]: one for one in told["drift"]}
    assert drift["misrouted"]["alarm"]
    assert (drift["misrouted"]["before"], drift["misrouted"]["now"]) == (0.05, 0.25)
    assert not drift["refused"]["alarm"]
    assert [(one["id"], one["intent"], one["text"]) for one in told["suggestions"]] == [("w1", "missed_bin", SAID)]
    assert re.search(r"missed_bin understood as council_tax: 15<", picture.read_text("utf-8"))
    assert [line["action"] for line in asyncio.run(_audit(settings))] == ["words_read"]
    text = CliRunner().invoke(app, ["steer", "review", "--no-words"]).stdout
    assert "ALARM misrouted 25.0% of 60, before 5.0% of 240" in text
    assert SAID not in text


async def _audit(settings: Settings) -> list[dict[str, Any]]:
    database = open_engine(settings.store_url)
    try:
        return await SqlAuditLog(database).lines()
    finally:
        await database.dispose()


# "writes them … preserving comments and format, retrains, evaluates, refuses when figures get worse; undo"
def test_given_a_suggestion_when_accepted_then_one_line_more_learned_and_undone_byte_by_byte(
    settings: Settings, tmp_path: Path
) -> None:
    path = settings.dialplans / "northmere" / "intents.yaml"
    good = tmp_path / "good.csv"
    good.write_text(f"text,intent\n{SAID},missed_bin\npay my tax,council_tax\n", "utf-8")
    done = run("accept", "w1", "--judge", str(good))
    assert path.read_text("utf-8") == INTENTS.replace("still here\n", f"still here\n      - {SAID}\n")
    after = {one["by"]: one["accuracy"] for one in done["after"]}
    assert after["good.csv"] == 1.0
    with pytest.raises(BadInput, match="no suggestion w1"):
        run("accept", "w1")
    assert CliRunner().invoke(app, ["steer", "undo"]).exit_code == 0
    assert path.read_text("utf-8") == INTENTS
    with pytest.raises(BadInput, match="nothing was accepted"):
        CliRunner().invoke(app, ["steer", "undo"], catch_exceptions=False)
    path.write_text(INTENTS + "# edited\n", "utf-8")


def test_given_a_phrase_that_makes_it_worse_when_accepted_then_refused_and_the_file_untouched(
    settings: Settings, tmp_path: Path
) -> None:
    path = settings.dialplans / "northmere" / "intents.yaml"
    judge = tmp_path / "held.csv"
    judge.write_text("text,intent\nbin men missed us again,missed_bin\npay council tax today,council_tax\n", "utf-8")
    phrase = ("--intent", "council_tax", "--text", "bin men missed us again")
    with pytest.raises(Refused, match="not taken, steering would get worse"):
        run("accept", "northmere", *phrase, "--judge", str(judge))
    with pytest.raises(Refused, match="says what a phrase of missed_bin says already: 'bin not collected'"):
        run("accept", "northmere", "--intent", "council_tax", "--text", "Bin NOT collected!")
    assert path.read_text("utf-8") == INTENTS
    for text, intent, why in (
        ("my number is 4111", "missed_bin", "number"),
        ("bin", "missed_bin", "two words|2 words"),
        ("Bin not collected", "council_tax", "taught already, as missed_bin"),
        ("my boat sank", "boats", "unknown intent"),
    ):
        with pytest.raises(BadInput, match=why):
            run("accept", "northmere", "--intent", intent, "--text", text)


def test_given_a_file_that_was_edited_since_when_undone_then_refused(settings: Settings) -> None:
    path = settings.dialplans / "northmere" / "intents.yaml"
    run("accept", "northmere", "--intent", "none", "--text", "a parcel from abroad")
    text = path.read_text("utf-8")
    assert 'out_of_scope: [the weather in Spain, a train to London, "a parcel from abroad"]' in text
    path.write_text(text + "# by hand\n", "utf-8")
    with pytest.raises(Refused, match="was changed since a1"):
        CliRunner().invoke(app, ["steer", "undo"], catch_exceptions=False)
