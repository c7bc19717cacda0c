"""Notices on disk: seen at once by who reads, taken back by who may, and never changed unnoticed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.files.notice_board import NoticeBoard
from kernel.errors import BadInput
from kernel.ids import TenantId
from kernel.notices import Notice

pytestmark = pytest.mark.shell


def a_notice(why: str = "snow") -> Notice:
    return Notice(
        id="", tenant=TenantId("northmere"), hours="main", begins=datetime(2026, 11, 24, 10, tzinfo=UTC),
        ends=datetime(2026, 11, 24, 17, tzinfo=UTC), open=False, why=why, by="mari", t=5.0, said={"cy": "Ar gau."},
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notices.jsonl"


# "in force within five seconds": a reader sees what another process wrote at its next look.
def test_given_a_reader_when_somebody_else_puts_a_notice_then_it_is_seen(path: Path) -> None:
    reader = NoticeBoard(path)
    assert reader.notices() == ()
    put = NoticeBoard(path).put(a_notice())
    assert reader.notices() == (put,)
    assert put.id == "n1"
    NoticeBoard(path).take_back("n1", by="tom", t=6.0)
    assert reader.notices() == ()


# "audited": what was taken back stays in the history, with who did it.
def test_given_a_notice_taken_back_when_the_history_is_read_then_both_are_there(path: Path) -> None:
    board = NoticeBoard(path)
    board.put(a_notice())
    board.take_back("n1", by="tom", t=6.0)
    board.put(a_notice("ice"))
    assert [(row["id"], row["by"]) for row in board.history()] == [("n1", "mari"), ("n1", "tom"), ("n3", "mari")]
    with pytest.raises(BadInput, match="hours list"):
        board.take_back("n1", by="tom", t=7.0)


@pytest.mark.parametrize(("before", "after"), [("snow", "rain"), ("}\n", "}\n[]\n"), ('"open": false', '"open": 1')])
def test_given_a_line_that_was_changed_when_read_then_its_place_is_told(path: Path, before: str, after: str) -> None:
    NoticeBoard(path).put(a_notice())
    path.write_text(path.read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(BadInput, match=r"notices\.jsonl:[12]:"):
        NoticeBoard(path).notices()


# Found in use: the first notice made by root on the command line locked the telephone out.
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_given_root_and_a_folder_of_the_engines_when_a_notice_is_put_then_the_file_is_the_engines(path: Path) -> None:
    os.chown(path.parent, 1234, 1235)
    NoticeBoard(path).put(a_notice())
    for file in (path, path.with_suffix(".lock")):
        assert (file.stat().st_uid, file.stat().st_gid) == (1234, 1235)
