"""The review by the command line, on facts in a database: what it says, what is accepted, refused and undone."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from adapters.store.steered_words import SqlSteeredWords
from adapters.vault.notes import open_note, seal_note
from guildhall.cli import app
from guildhall.recordings_keys import recording_keys
from guildhall.settings import HOME, Settings
from kernel.errors import BadInput, Refused
from kernel.steered_words import KeptWords
from tests.fakes.small_county import make_small
from tests.fakes.steered_weeks import NORTHMERE, Told, call_facts

pytestmark = pytest.mark.shell

DAY_S = 86400.0
SAID = "they never took the purple one"
#: A council that teaches itself everything: twelve phrases are learned in a moment, without any model.
INTENTS = """# Ours.
words: {days: 28, purpose: to teach steering}
intents:
  missed_bin:
    says: intent_missed_bin
    phrases:  # what they say
      - my bin was not emptied
      - the bin men missed us
      - bin not collected
      - rubbish is still here

  council_tax:
    says: intent_council_tax
    phrases: [my council tax bill, pay council tax, council tax is wrong, what tax do I owe]
out_of_scope: [the weather in Spain, a train to London]
"""
STEERING = """start: ask
steps:
  ask:
    verb: steer
    prompts: [welcome]
    intents: {missed_bin: waste, council_tax: tax}
    no_input: person
    no_match: person
    tries: 1
  waste: {verb: enqueue, queue: northmere.waste}
  tax: {verb: enqueue, queue: northmere.council_tax}
  person: {verb: enqueue, queue: northmere.general}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A council of two intents, with five weeks of calls of which the last was worse."""
    dialplans = make_small(Path(shutil.copytree(HOME / "dialplans", tmp_path / "dialplans")))
    (dialplans / "_shared/intents.yaml").write_text("{}\n", "utf-8")
    (dialplans / "northmere/intents.yaml").write_text(INTENTS, "utf-8")
    (dialplans / "northmere/flows/main.yaml").write_text(STEERING, "utf-8")
    (dialplans / "northmere/flows/main.test.yaml").unlink()
    for name, value in {"VAR": tmp_path / "var", "CACHE": tmp_path / "cache", "DIALPLANS": dialplans}.items():
        monkeypatch.setenv(f"GUILDHALL_{name}", str(value))
    made = Settings()
    made.var.mkdir()
    asyncio.run(_weeks(made))
    return made


async def _weeks(settings: Settings) -> None:
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    keys, facts = recording_keys(settings), FactStore(database, spill=settings.var / "spill.jsonl")
    words = SqlSteeredWords(database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))
    now, number = time.time(), 0
    for week in range(5):
        for at in range(60):
            number += 1
            wrong = at % 4 == 0 if week == 4 else at % 20 == 0
            told = Told(ways=(("straight", "council_tax"),), queue="northmere.council_tax", reason="missed_bin")
            t = now - (5 - week) * 7 * DAY_S + 60.0 + at * 600.0
            for fact in call_facts(told if wrong else Told(), t, number):
                facts.put(fact)
                if week == 4 and at == 0 and fact.ev == "end":
                    words.put(_kept(fact.call, t, now))  # type: ignore[attr-defined]  # an end has its call
    await facts.flush()
    await words.flush()
    await database.dispose()


def _kept(call: Any, t: float, now: float) -> KeptWords:  # noqa: ANN401 - a contact's id
    return KeptWords(
        call=call,
        council=NORTHMERE,
        subject=None,
        t=t,
        keep_until=now + DAY_S,
        purpose="to teach steering",
        text=SAID,
        intent="council_tax",
        sure=0.6,
    )


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
