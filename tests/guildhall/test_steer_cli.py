"""`guildhall steer say|train|evaluate|hear`, as a person types them: what is printed, what is refused and how."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guildhall.cli import main
from guildhall.file_ears import left_out
from lab.service import HOME
from tests.fakes.small_county import make_small

pytestmark = pytest.mark.shell

INTENTS = """intents:
  missed_bin:
    phrases: [my bin was not emptied, the bin men missed us, bin not collected, my rubbish is still here]
  flooding:
    urgent: yes
    phrases: [my house is flooding, the river is over its banks, water in the street, there is a flood]
  speak_to_someone:
    person: yes
    phrases: [a person please, can I speak to a person, put me through to somebody, let me talk to a human]
out_of_scope: [order a pizza, what is the weather, sing me a song, where is my passport]
urgency: {danger: [smell gas], urgent: [flooding]}
answers: {en: {"yes": ["yes"], "no": ["no"]}}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small county that was taught little, and a cache without models."""
    place = tmp_path_factory.mktemp("steer")
    folder = make_small(Path(shutil.copytree(HOME / "dialplans", place / "dialplans")))
    (folder / "_shared" / "intents.yaml").write_text(INTENTS, encoding="utf-8")
    for path in folder.glob("[a-z]*/intents.yaml"):
        path.unlink()
    return place


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, in that place."""
    for name in ("dialplans", "cache", "var"):
        monkeypatch.setenv(f"GUILDHALL_{name.upper()}", str(place / name))

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["guildhall", "steer", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0, told.out, told.err

    return typed


@pytest.mark.parametrize("command", ["say", "train", "evaluate", "hear"])
def test_given_a_command_when_help_is_asked_for_then_it_is_told(run: Run, command: str) -> None:
    code, told, _ = run(command, "--help")
    assert code == 0
    assert "Usage" in told
    assert "--json" in told or command == "train"


# issue 5: "guildhall steer say … → intent, confidence, runner-up, urgency, why (nearest phrases)".
def test_given_words_when_said_then_intent_confidence_runner_up_urgency_and_why(run: Run) -> None:
    code, told, error = run("say", "my bin was not emptied today", "--council", "northmere")
    assert code == 0
    assert [line.split()[0] for line in told.splitlines()[:4]] == ["intent", "confidence", "runner-up", "urgency"]
    assert "missed_bin: my bin was not emptied" in told
    # "absence said plainly": a line for each model of sentences that is not here, and where it comes from.
    assert "make setup" in error
    code, told, _ = run("say", "there is a flood and I smell gas", "--json")
    found: dict[str, Any] = json.loads(told)
    assert code == 0
    assert (found["intent"], found["urgency"], found["because"]) == ("flooding", "danger", "phrase 'smell gas'")
    assert {"confidence", "runner_up", "nearest", "wants_person", "urgent_probability"} <= found.keys()


def test_given_nothing_that_can_be_understood_when_said_then_that_is_told(run: Run) -> None:
    assert run("say", "?!")[:2] == (0, "nothing that could be understood\n")


def test_given_a_council_nobody_knows_when_asked_then_the_nearest_is_named(run: Run) -> None:
    code, told, error = run("say", "my bin", "--council", "nortmere")
    assert (code, told) == (1, "")
    assert "unknown council 'nortmere'" in error
    assert "northmere" in error
    assert "Traceback" not in error


def test_given_phrases_when_trained_then_figures_and_where_it_is_kept(run: Run, place: Path) -> None:
    code, told, _ = run("train", "--council", "northmere")
    assert code == 0
    assert "phrases left out in turn" in told
    kept = Path(told.rsplit("kept in ", 1)[1].strip())
    assert kept.is_file()
    assert kept.is_relative_to(place / "cache")


# issue 5: "evaluate DIR|CSV → accuracy, confusion matrix picture, calibration, coverage …; --json prints the figures".
def test_given_sentences_when_evaluated_then_every_figure_and_the_picture(run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "said.csv"
    rows = ("the bin was not emptied,missed_bin", "the street is a flood,flooding", "a song please,")
    listed.write_text("\n".join(("text,intent", *rows)), encoding="utf-8")
    picture = tmp_path / "confusion.svg"
    code, told, _ = run("evaluate", str(listed), "--council", "northmere", "--picture", str(picture), "--wrong")
    assert code == 0
    for figure in ("accuracy", "AUROC", "calibration", "coverage", "urgency", "false alarms", "stated costs"):
        assert figure in told
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    code, told, _ = run("evaluate", str(listed), "--json")
    figures = json.loads(told)
    assert code == 0
    assert (figures["sentences"], figures["in_scope"]) == (3, 2)
    assert figures["accuracy"] == 1.0


# Ten thousand sentences take minutes: whoever waits is told how far it is, and one share of them at a time is held.
def test_given_many_sentences_when_evaluated_then_it_tells_how_far_it_is(run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "said.csv"
    listed.write_text("text,intent\n" + "my bin was missed,missed_bin\n" * 501, encoding="utf-8")
    code, told, error = run("evaluate", str(listed), "--json")
    assert code == 0
    assert json.loads(told)["sentences"] == 501
    assert "500 of 501 sentences understood" in error


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("words,meaning\nmy bin,missed_bin\n", "'text,intent' or 'file,intent'"),
        ("text,intent\nmy bin,mised_bin\n", "unknown intent 'mised_bin'"),
        ("text,intent\n", "there is no sentence to judge by"),
        ("file,intent\nnot_there.wav,missed_bin\n", "not_there.wav is not there"),
    ],
)
def test_given_a_list_that_cannot_be_judged_by_when_evaluated_then_it_says_why(
    run: Run, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "said.csv").write_text(text, encoding="utf-8")
    code, printed, error = run("evaluate", str(tmp_path / "said.csv"), "--council", "northmere")
    assert (code, printed) == (1, "")
    assert told in error
    assert "Traceback" not in error


# "Models … absence said plainly": which, and what to do.
def test_given_no_recogniser_here_when_a_recording_is_to_be_heard_then_it_says_so(run: Run, tmp_path: Path) -> None:
    shutil.copy(HOME / "tests" / "voices" / "no_grounds.wav", tmp_path / "said.wav")
    code, printed, error = run("hear", str(tmp_path / "said.wav"))
    assert (code, printed) == (1, "")
    assert "make setup" in error


def test_given_no_such_recording_when_it_is_to_be_heard_then_it_says_so(run: Run, tmp_path: Path) -> None:
    code, _, error = run("hear", str(tmp_path / "said.wav"))
    assert code == 2
    assert "said.wav" in error.replace("\n", "").replace("│", "").replace(" ", "")


def test_given_models_when_a_recording_is_heard_then_its_words_span_and_readings(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUILDHALL_CACHE")
    code, told, error = run("hear", str(HOME / "tests" / "voices" / "no_grounds.wav"), "--json")
    if "make setup" in error:
        pytest.skip("the speech models are not here")
    found = json.loads(told)
    assert code == 0
    assert "no grounds for his action" in found["text"].lower()
    assert found["speech"][0] < found["speech"][1] <= found["seconds"]
    assert found["readings"]["moonshine"]
    assert found["left_out"] == []
    # What a caller's words mean is what they are heard for: the same as `say` would tell of them.
    said = json.loads(run("say", found["text"], "--json")[1])
    assert found["meaning"].keys() == said.keys()
    assert found["meaning"]["nearest"]


# An hour of recording was "60.00 s", and whoever spoke for half a minute was not told that a third was passed over.
@pytest.mark.parametrize(
    ("seconds", "speech", "told"),
    [
        (59.0, (1.0, 20.9), ()),
        (60.0, None, ("a recording is read for its first 60 s only",)),
        (31.0, (0.5, 30.5), ("of what is said the first 20 s are heard: a turn on a call has twelve",)),
    ],
)
def test_given_more_than_a_turn_when_heard_then_what_was_left_out_is_told(
    seconds: float, speech: tuple[float, float] | None, told: tuple[str, ...]
) -> None:
    assert left_out(seconds, speech) == told
