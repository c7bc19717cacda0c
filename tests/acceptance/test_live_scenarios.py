"""`guildhall test --live` as an engineer runs it: real calls through a switchboard of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.service import HOME
from tests.fakes.service import short_dialplans

pytestmark = pytest.mark.acceptance

SCENARIOS = """number: "03069990001"
at: 2026-11-24 10:00
scenarios:
  - {name: bins, press: "1", expect: {queue: northmere.waste}}
  - {name: direct, number: "03069990002", expect: {queue: northmere.waste}}
  - {name: staged, outages: [prompts], expect: {queue: northmere.general}}
"""


# "run by `guildhall test` offline and, with `--live`, against a real Asterisk."
def test_given_scenarios_when_run_live_then_real_calls_go_the_same_way(tmp_path: Path) -> None:
    folder = short_dialplans(tmp_path / "dialplans")
    for path in folder.rglob("*.test.yaml"):
        path.unlink()
    (folder / "northmere" / "flows" / "main.test.yaml").write_text(SCENARIOS, "utf-8")
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "guildhall", "test", "--live", str(folder)],
        cwd=HOME, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 real calls, 0 went another way than in text" in done.stderr
    assert "staged: no real call: it needs a world" in done.stdout
