"""The clock that never runs backwards, and the log that keeps personal data to itself."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from adapters.clock import SteadyClock
from adapters.log import configure

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for added in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(added)
        added.close()
    root.setLevel(level)
    structlog.reset_defaults()


def said(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# P12: "clock jump of an hour".
def test_given_a_wall_clock_that_jumps_back_when_read_then_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteadyClock()
    before = clock.now()
    hour_ago = time.time() - 3600
    monkeypatch.setattr(time, "time", lambda: hour_ago)
    assert before <= clock.now() < before + 5


def test_given_facts_from_the_future_when_started_then_the_clock_begins_after_them() -> None:
    last = time.time() + 1000
    assert SteadyClock(at_least=last).now() >= last
    assert SteadyClock(at_least=0).now() < last


# The log law: personal data only in fields `pii_...`, redacted by one processor.
def test_given_personal_fields_when_logged_then_redacted_at_any_depth() -> None:
    stream = io.StringIO()
    configure(stream, "info")
    structlog.get_logger("x").info("call", pii_number="07700900123", leg={"pii_name": "Ann", "queue": "q"}, n=1)
    (line,) = said(stream)
    assert (line["event"], line["n"], line["level"]) == ("call", 1, "info")
    assert line["leg"] == {"pii_name": "[redacted]", "queue": "q"}
    assert "07700900123" not in stream.getvalue()
    configure(stream, "info", show_pii=True)
    structlog.get_logger("x").info("call", pii_number="07700900123")
    assert "07700900123" in stream.getvalue()


def test_given_lines_of_libraries_when_logged_then_json_too_and_below_the_level_nothing() -> None:
    stream = io.StringIO()
    configure(stream, "warning")
    configure(stream, "warning")
    logging.getLogger("uvicorn.error").warning("hello %s", "there", extra={"pii_number": "07700900123"})
    logging.getLogger("uvicorn.error").info("unheard")
    structlog.get_logger().info("unheard")
    (line,) = said(stream)
    assert (line["event"], line["logger"], line["level"]) == ("hello there", "uvicorn.error", "warning")
    assert "07700900123" not in stream.getvalue()


# A caller's name must not move the terminal's cursor or forge a line.
def test_given_control_characters_when_logged_then_escaped() -> None:
    stream = io.StringIO()
    configure(stream, "info")
    hostile = "a\nb\x1b[2J\x7f\x9b\u2028\u202e"
    structlog.get_logger().info("step", name=hostile)
    logging.getLogger("lib").info(hostile)
    assert stream.getvalue().count("\n") == 2
    assert all(" " <= sign <= "~" for sign in stream.getvalue().replace("\n", ""))
    assert [said(stream)[0]["name"], said(stream)[1]["event"]] == [hostile, hostile]


def test_given_an_exception_when_logged_then_in_the_same_line() -> None:
    stream = io.StringIO()
    configure(stream, "info")
    try:
        int("went wrong")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = said(stream)
    assert "went wrong" in str(line["exception"])


def test_given_a_file_when_configured_then_its_owner_alone_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "engine.log"
    configure(path, "info")
    structlog.get_logger().info("up")
    assert json.loads(path.read_text())["event"] == "up"
    assert path.stat().st_mode & 0o777 == 0o600


def test_given_an_unknown_level_when_configured_then_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        configure(io.StringIO(), "loud")
