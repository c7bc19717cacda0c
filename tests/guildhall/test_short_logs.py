"""Asterisk's log under the keeper's eyes: never longer than so much, and what was in it last is still there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guildhall.short_logs import ShortLog

pytestmark = pytest.mark.unit


def test_given_a_log_that_is_too_long_when_looked_at_then_begun_anew_under_whoever_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "messages.log"
    with path.open("ab", buffering=0) as asterisk:
        asterisk.write(b"a" * 100)
        log = ShortLog(path, most=150)
        log.look(0.0, 0.0)
        asterisk.write(b"b" * 100)
        # Not at every turn of the keeper's.
        log.look(1.0, 0.0)
        assert path.stat().st_size == 200
        log.look(31.0, 0.0)
        assert path.stat().st_size == 0
        asterisk.write(b"c")
        assert path.read_bytes() == b"c"
    assert (tmp_path / "messages.log.1").read_bytes() == b"a" * 100 + b"b" * 100


def test_given_a_link_or_a_folder_that_cannot_be_written_when_looked_at_then_nothing_elsewhere_is_touched(
    tmp_path: Path,
) -> None:
    ShortLog(tmp_path / "nothing.log").look(0.0, 0.0)
    other, path = tmp_path / "other", tmp_path / "messages.log"
    other.write_bytes(b"x" * 200)
    path.symlink_to(other)
    ShortLog(path, most=100).look(0.0, 0.0)
    assert other.stat().st_size == 200
    path.unlink()
    path.write_bytes(b"x" * 200)
    (tmp_path / "messages.log.1").symlink_to(other)
    ShortLog(path, most=100).look(0.0, 0.0)
    assert other.stat().st_size == 200
    path.write_bytes(b"y" * 200)
    (tmp_path / "messages.log.1").unlink()
    (tmp_path / "messages.log.1").mkdir()
    with capture_logs() as said:
        ShortLog(path, most=100).look(0.0, 0.0)
    assert [line["event"] for line in said] == ["a log cannot be kept short"]
    assert path.stat().st_size == 200


# V27: a warning of Asterisk's may hold what a caller showed: no line of them is older than a day.
def test_given_warnings_when_the_first_is_nearly_a_day_old_then_emptied_and_nothing_kept(tmp_path: Path) -> None:
    path = tmp_path / "warnings.log"
    line = "[2026-11-23 02:28:33.752] WARNING[31] res_pjsip.c: CallerID Name 'x' for number 'y'\n"
    path.write_text(line)
    wrote = time.mktime((2026, 11, 23, 2, 28, 33, 0, 0, -1))
    log = ShortLog(path, for_a_day=True)
    log.look(0.0, wrote + 22 * 3600.0)
    assert path.read_text() == line
    log.look(31.0, wrote + 23.5 * 3600.0)
    assert path.read_text() == ""
    path.write_text("no time of day\n")
    log.look(62.0, wrote)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("warnings.log", "")]
