"""The commands for notes: what goes to the engine, what is refused before it, and what a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guildhall.cli import app
from guildhall.settings import Settings
from kernel.commands import MoveCall, Outcome, ShowNotes, TakeNote
from kernel.errors import BadInput, Refused
from kernel.ids import AgentId, ContactId
from tests.fakes.engine_door import EngineDoor, open_door

pytestmark = pytest.mark.shell

NIA, CALL = AgentId("northmere-a001"), ContactId("c1-1")
NOTES = {"call": CALL, "needs": ["more_time"], "notes": [{"id": 1, "by": NIA, "at": 102.5, "text": "has a stick"}]}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EngineDoor]:
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    done = Outcome(ok=True, code="done", message=f"noted on {CALL}", data=NOTES)
    with open_door(Settings().control, done) as opened:
        yield opened


def test_given_a_text_as_argument_or_by_pipe_when_noted_then_one_plain_line_goes_to_the_engine(
    engine: EngineDoor,
) -> None:
    for words, piped in ((["has a stick"], None), (["-"], "has a\x1b stick\n"), ([], b"has a\n stick")):
        done = CliRunner().invoke(app, ["agent", "note", NIA, *words], input=piped)
        assert done.stdout == f"noted on {CALL}\n", done.output
    assert engine.asked == [TakeNote(agent=NIA, text="has a stick", by="operator")] * 3
    CliRunner().invoke(app, ["agent", "note", NIA, "--take-back"])
    assert engine.asked[-1] == TakeNote(agent=NIA, text=None, by="operator")


# V10: bytes that are no UTF-8, and a pipe that does not end, are no traceback.
@pytest.mark.parametrize("piped", [b"", b"\xff\xfe", b"x" * 10_000_000, b"\x1b" * 400])
def test_v10_given_bytes_that_are_no_note_when_piped_then_said_and_nothing_asked(
    engine: EngineDoor, piped: bytes
) -> None:
    done = CliRunner().invoke(app, ["agent", "note", NIA], input=piped)
    assert isinstance(done.exception, BadInput)
    assert "xx" not in done.output + done.exception.message
    assert engine.asked == []


def test_given_a_transfer_or_consult_with_a_note_when_asked_then_the_note_goes_first(engine: EngineDoor) -> None:
    for deed in ("transfer", "consult"):
        CliRunner().invoke(app, ["agent", deed, NIA, "--to", "northmere.waste", "--note", "has a stick"])
        note, moved = engine.asked[-2:]
        assert (note, isinstance(moved, MoveCall)) == (TakeNote(agent=NIA, text="has a stick", by="operator"), True)
    # A note that is none, or cannot be kept: nothing has happened yet, she is told, and tries again without.
    CliRunner().invoke(app, ["agent", "transfer", NIA, "--to", "x", "--note", ""])
    engine.outcome = Outcome(ok=False, code="store_away", message="the database does not answer now")
    CliRunner().invoke(app, ["agent", "transfer", NIA, "--to", "x", "--note", "has a stick"])
    assert sum(isinstance(one, MoveCall) for one in engine.asked) == 2


def test_given_notes_when_shown_then_author_time_and_text(engine: EngineDoor) -> None:
    engine.outcome = Outcome(ok=True, code="notes", message=f"1 note on {CALL}", data=NOTES)
    shown = CliRunner().invoke(app, ["agent", "notes", NIA]).stdout
    assert shown == f"1 note on {CALL}\n  needs: more_time\n  01:01:42 BST  {NIA}: has a stick\n"
    assert json.loads(CliRunner().invoke(app, ["agent", "notes", NIA, "--json"]).stdout) == NOTES
    CliRunner().invoke(app, ["supervise", "notes", CALL, "--by", "northmere-a002"])
    CliRunner().invoke(app, ["supervise", "note", CALL, "rang the press office", "--by", "northmere-a002"])
    boss = AgentId("northmere-a002")
    assert engine.asked[-2:] == [
        ShowNotes(agent=boss, contact=CALL, by="operator"),
        TakeNote(agent=boss, contact=CALL, text="rang the press office", by="operator"),
    ]
    engine.outcome = Outcome(ok=False, code="no_call", message="the agent is in no call")
    assert isinstance(CliRunner().invoke(app, ["agent", "notes", NIA]).exception, Refused)
